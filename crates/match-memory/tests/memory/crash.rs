//! A process that is killed forgets less than the last second.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use match_memory::Memory;

use crate::fixture::{Fixture, NOW, options, user, with_em};

const FOLDER: &str = "MATCH_MEMORY_CRASH_TEST";

/// The process that is killed: learns of one person after the other and says so.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let memory = Memory::open(folder.as_ref(), options()).expect("a memory");
    let shop = memory.scope("shop");
    for number in 0.. {
        let id = format!("u{number}");
        let ids = user(&id);
        let person = shop.person(&ids);
        person.learn(NOW, &with_em(&id)).expect("learned");
        println!("learned {number}");
        std::io::stdout().flush().expect("written");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_killed_process_forgets_at_most_the_last_seconds() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "crash::child", "--ignored", "--nocapture"])
        .env(FOLDER, dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut learned = Vec::new();
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        let line = lines.next().expect("a line").expect("text");
        if line.starts_with("learned ") {
            learned.push(Instant::now());
        }
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    let killed = Instant::now();

    let fixture = Fixture::over(dir, options());
    // A second, and another for a machine that is busy.
    let old = learned
        .iter()
        .filter(|learned| killed - **learned > Duration::from_secs(2));
    let old = old.count();
    assert!(old > 100, "{old}");
    for number in 0..old {
        let id = format!("u{number}");
        assert_eq!(
            fixture.recall(user(&id), NOW).em,
            with_em(&id).em,
            "{number}"
        );
    }
}
