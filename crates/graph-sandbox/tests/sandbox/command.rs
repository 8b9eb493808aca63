//! The command `graph-sandbox`: what it prints, and how it ends.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{PATH, call_socket};

#[tokio::test]
async fn the_command_says_where_it_listens_and_ends_with_a_summary() {
    let folder = tempfile::tempdir().unwrap();
    let ready_file = folder.path().join("ready.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_graph-sandbox"))
        .args(["--pixel-id", "1234", "--ready-file"])
        .arg(&ready_file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(command.stdout.take().unwrap());
    let mut first_line = String::new();
    output.read_line(&mut first_line).unwrap();
    let ready: Value = serde_json::from_slice(&std::fs::read(&ready_file).unwrap()).unwrap();
    let url = ready["sandbox"].as_str().unwrap();
    assert!(
        first_line.starts_with(&format!("graph-sandbox listens on {url} ")),
        "{first_line}"
    );

    let address = url.strip_prefix("http://").unwrap().parse().unwrap();
    let got = call_socket(
        address,
        "POST",
        PATH,
        &json!({"access_token": "t"}).to_string(),
    )
    .await;
    assert_eq!(got.status(), "400");

    let told = Command::new("kill")
        .args(["-INT", &command.id().to_string()])
        .status()
        .unwrap();
    assert!(told.success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(command.wait().unwrap().success());
    let summary = "0 events received in 1 requests, 0 discarded as duplicates, 1 requests refused";
    assert_eq!(rest.lines().last(), Some(summary));
}

#[test]
fn an_address_that_others_can_reach_is_refused_in_one_sentence() {
    let output = Command::new(env!("CARGO_BIN_EXE_graph-sandbox"))
        .args(["--listen", "0.0.0.0:0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}
