//! A broker that ends with the tests.

use std::net::TcpListener;
#[cfg(feature = "kafka")]
use std::net::TcpStream;
#[cfg(feature = "kafka")]
use std::path::PathBuf;
#[cfg(feature = "kafka")]
use std::process::{Child, Command, Stdio};
#[cfg(feature = "kafka")]
use std::time::Duration;

/// A running program.
#[cfg(feature = "kafka")]
pub(crate) struct Process(Child);

#[cfg(feature = "kafka")]
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(feature = "kafka")]
impl Process {
    /// Starts a program and waits until it listens.
    pub(crate) fn start(command: &mut Command, port: u16) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the broker starts");
        let process = Self(child);
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return process;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the broker does not listen within 10 s");
    }
}

/// Where a program is; `None`, with a sentence, when it is nowhere.
#[cfg(feature = "kafka")]
pub(crate) fn program(variable: &str, name: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let program = named.unwrap_or_else(|| name.into());
    let found = Command::new(&program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_ok_and(|status| status.success()) {
        return Some(program);
    }
    println!("skipped: there is no {name} ({variable} names one)");
    None
}

/// A port that nothing listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    listener.local_addr().expect("an address").port()
}
