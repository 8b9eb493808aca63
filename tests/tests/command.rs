//! `segue map` writes for every case what the library says, its settings read from the same file.

use std::io::Write as _;
use std::process::Stdio;

use e2e::{binary, case, mapped};

#[test]
fn the_command_agrees_with_the_library_on_every_case() {
    for case in case::all().unwrap() {
        let mut command = binary::segue();
        command
            .args(["map", "--now", &case.about.now])
            .stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if case.settings.is_some() {
            command
                .arg("--settings")
                .arg(case.folder.join("settings.toml"));
        }
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(&case.lines.join(&b"\n\n"[..])).unwrap();
        drop(input);
        let output = child.wait_with_output().unwrap();
        let lines: Vec<_> = std::str::from_utf8(&output.stdout)
            .unwrap()
            .lines()
            .collect();
        assert_eq!(lines, mapped::lines(&case).unwrap(), "{}", case.name);
        assert!(
            output.status.success(),
            "{}: {}",
            case.name,
            binary::output_text(&output)
        );
    }
}

#[test]
fn the_readme_lists_every_subcommand() {
    let help = binary::segue().arg("help").output().unwrap();
    let help = std::str::from_utf8(&help.stdout).unwrap();
    let commands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty() && *name != "help");
    let commands: Vec<_> = commands.collect();
    assert!(commands.contains(&"send"), "{help}");
    let readme = std::fs::read_to_string("../README.md").unwrap();
    for name in commands {
        assert!(
            readme.contains(&format!("`segue {name}")),
            "{name} is not in README.md"
        );
    }
}
