//! What a person sees in a terminal of 80 and of 40 columns, made by `script` of util-linux.

use std::process::{Command, Stdio};

use crate::run::{Files, RunOutput, event, event_of_now, example, free_port, run_with};

/// Runs the command in a terminal of this width.
fn in_terminal(
    files: &Files,
    columns: u16,
    variables: &[(&str, &str)],
    args: &[&str],
) -> RunOutput {
    let quoted = args.iter().map(|word| format!(" '{word}'"));
    let line = format!(
        "stty cols {columns} rows 50; exec '{}'{}",
        env!("CARGO_BIN_EXE_segue"),
        quoted.collect::<String>()
    );
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm-256color")
        .env("TOKEN", "token")
        .envs(variables.iter().copied())
        .current_dir(files.path(""))
        .stdin(Stdio::null());
    run_with(command, b"")
}

/// The lines of a terminal without the sequences that colour them; a line that is written again counts as several.
fn lines(out: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut letters = out.chars();
    while let Some(letter) = letters.next() {
        if letter != '\u{1b}' {
            plain.push(letter);
            continue;
        }
        // `ESC [`, parameters, and a letter that ends it.
        letters.next();
        letters.by_ref().find(char::is_ascii_alphabetic);
    }
    let lines = plain.split(['\n', '\r']);
    lines.map(|line| line.trim_end().to_owned()).collect()
}

/// What a new user tries, each with the exit status.
fn commands(files: &Files) -> Vec<(Vec<String>, i32)> {
    let line = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let port = free_port();
    let settings = format!(
        "pixel_id = '1'\naccess_token = {{ env = 'TOKEN' }}\ngraph_url = 'http://127.0.0.1:{port}'\n"
    );
    files.write("segue.toml", settings);
    files.write("broken.toml", "pixel_idd = 1\nbatch_events = 5000\n");
    files.write("shop.ndjson", std::fs::read(example()).unwrap());
    files.write("now.ndjson", event_of_now("m-1"));
    files.write("long.ndjson", event(&"A very long name ".repeat(9), "m-2"));
    vec![
        (Vec::new(), 2),
        (line("help serve"), 0),
        (line("serve"), 2),
        (line("serve --sandbox --listen 8080"), 2),
        (line("check --settings segue.toml"), 0),
        (line("check --settings broken.toml"), 2),
        (line("check --events shop.ndjson"), 0),
        (line("send --sandbox --data-dir data shop.ndjson"), 0),
        (line("send --sandbox long.ndjson"), 0),
        (
            line("send --settings segue.toml --give-up-after 1s now.ndjson"),
            1,
        ),
        (line("status --data-dir data"), 0),
        (line("dead-letters list --data-dir data"), 0),
        (
            line("explain --line 6 shop.ndjson --now 2026-11-21T18:30:00Z"),
            0,
        ),
        (
            line("explain --line 2 shop.ndjson --now 2026-11-21T18:30:00Z"),
            0,
        ),
    ]
}

/// The longest line of each command that has one wider than the terminal.
fn too_wide(columns: u16) -> Vec<(Vec<String>, String)> {
    let files = Files::new();
    let mut found = Vec::new();
    for (args, status) in commands(&files) {
        let words: Vec<_> = args.iter().map(String::as_str).collect();
        let ran = in_terminal(&files, columns, &[], &words);
        assert_eq!(ran.status, Some(status), "{args:?}: {}", ran.out);
        let lines = lines(&ran.out).into_iter();
        let longest = lines.max_by_key(|line| line.chars().count());
        let longest = longest.filter(|line| !line.is_empty()).unwrap();
        if longest.chars().count() > usize::from(columns) {
            found.push((args, longest));
        }
    }
    found
}

#[test]
fn no_line_is_wider_than_a_terminal_of_eighty_columns() {
    let found = too_wide(80);
    assert!(found.is_empty(), "{found:#?}");
}

/// Wide tables, and lines for tools, are wrapped by the terminal.
#[test]
fn help_errors_and_status_fit_into_forty_columns() {
    let found = too_wide(40);
    let must_fit = ["help", "serve", "status"];
    let is_bad = |args: &[String]| {
        let first = args.first().map(String::as_str);
        first.is_none_or(|first| must_fit.contains(&first))
    };
    let found: Vec<_> = found.iter().filter(|(args, _)| is_bad(args)).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_terminal_has_colours_unless_its_user_wants_none() {
    let files = Files::new();
    files.write("broken.toml", "pixel_idd = 1\n");
    let shown = |variables: &[(&str, &str)]| {
        in_terminal(
            &files,
            80,
            variables,
            &["check", "--settings", "broken.toml"],
        )
        .out
    };
    assert!(shown(&[]).contains('\u{1b}'));
    assert!(!shown(&[("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(!shown(&[("TERM", "dumb")]).contains('\u{1b}'));
}
