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
            binary::said(&output)
        );
    }
}
