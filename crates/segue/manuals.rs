//! Manual pages and completions of the command. `cargo xtask dist` has them written by the test `are_written`; as a module for
//! tests only, it keeps the crates that make them out of the command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;

/// Where `are_written` writes.
const VARIABLE: &str = "SEGUE_MANUALS_FOLDER";

/// The shells, and where each expects the file.
const SHELLS: [(Shell, &str); 4] = [
    (Shell::Bash, "completions/segue.bash"),
    (Shell::Zsh, "completions/_segue"),
    (Shell::Fish, "completions/segue.fish"),
    (Shell::PowerShell, "completions/_segue.ps1"),
];

/// The command as the user types it, with what clap adds to it.
fn command() -> Command {
    let mut command = Cli::command();
    command.build();
    command
}

/// All files, by their path in an archive.
fn manuals() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    add_pages(&command(), "segue", &mut files);
    for (shell, path) in SHELLS {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "segue", &mut text);
        files.insert(PathBuf::from(path), text);
    }
    files
}

/// The page of a command, and those of its subcommands: `segue-dead-letters-list.1`.
fn add_pages(command: &Command, name: &str, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let mut page = Vec::new();
    Man::new(command.clone())
        .title(name)
        .render(&mut page)
        .unwrap();
    files.insert(Path::new("man/man1").join(format!("{name}.1")), page);
    for subcommand in visible(command) {
        add_pages(
            subcommand,
            &format!("{name}-{}", subcommand.get_name()),
            files,
        );
    }
}

/// Subcommands that a page is for; `help` explains itself.
fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|subcommand| !subcommand.is_hide_set() && subcommand.get_name() != "help")
}

fn check_page(command: &Command, name: &str, files: &BTreeMap<PathBuf, Vec<u8>>) {
    let path = Path::new("man/man1").join(format!("{name}.1"));
    let page = String::from_utf8(files[&path].clone()).unwrap();
    for option in command.get_opts().filter(|option| !option.is_hide_set()) {
        let long = option.get_long().unwrap().replace('-', "\\-");
        assert!(page.contains(&long), "{name}: the page lacks --{long}");
    }
    for subcommand in visible(command) {
        check_page(
            subcommand,
            &format!("{name}-{}", subcommand.get_name()),
            files,
        );
    }
}

#[test]
fn each_command_has_a_page_that_names_its_options() {
    check_page(&command(), "segue", &manuals());
}

#[test]
fn each_shell_completes_each_command() {
    let files = manuals();
    for (_, path) in SHELLS {
        let text = String::from_utf8(files[Path::new(path)].clone()).unwrap();
        for subcommand in visible(&command()) {
            assert!(text.contains(subcommand.get_name()), "{path}: {subcommand}");
        }
    }
}

#[test]
#[ignore = "writes files; `cargo xtask dist` runs it"]
fn are_written() {
    let folder = PathBuf::from(env::var_os(VARIABLE).expect(VARIABLE));
    for (path, text) in manuals() {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
