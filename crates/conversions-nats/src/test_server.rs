//! A real NATS server for tests, on a port of this machine (feature `test-server`).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests end at what they take for granted, and say why they do nothing"
)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// What names the program.
const VARIABLE: &str = "SEGUE_NATS_SERVER";

/// A server with `JetStream` that ends with its test.
#[derive(Debug)]
pub struct TestServer {
    program: PathBuf,
    config: String,
    folder: TempDir,
    process: Child,
    port: u16,
}

impl TestServer {
    /// Starts a server with more lines of configuration, and waits until it listens. `None`, with a sentence, when there is
    /// no `nats-server`: on the path, or where `SEGUE_NATS_SERVER` says.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start(config: &str) -> Option<Self> {
        let program = std::env::var_os(VARIABLE).unwrap_or_else(|| "nats-server".into());
        if !is_there(&program) {
            println!("skipped: there is no nats-server ({VARIABLE} names one)");
            return None;
        }
        Some(Self::of_program(Path::new(&program), config))
    }

    /// The same, with this program.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn of_program(program: &Path, config: &str) -> Self {
        // In memory where that is possible, so that tests do not wait for a busy disk.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let folder = folder.expect("a folder");
        // The server chooses its port: one chosen here could be that of another test by then.
        let process = spawn(program, &folder, config, -1);
        let port = written_port(folder.path());
        Self {
            program: program.to_owned(),
            config: config.to_owned(),
            folder,
            process,
            port,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address, `nats://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Ends it without asking.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Starts it again after [`kill`](Self::kill), on its port and with its store.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn restart(&mut self) {
        self.kill();
        let port = i32::from(self.port);
        self.process = spawn(&self.program, &self.folder, &self.config, port);
        assert_eq!(written_port(self.folder.path()), self.port);
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn is_there(program: &OsStr) -> bool {
    let mut command = Command::new(program);
    let asked = command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

fn spawn(program: &Path, folder: &TempDir, config: &str, port: i32) -> Child {
    let ports = folder.path().join("ports");
    let _ = std::fs::remove_dir_all(&ports);
    std::fs::create_dir(&ports).expect("a folder");
    let text = format!(
        "listen: \"127.0.0.1:{port}\"\nports_file_dir: \"{}\"\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n{config}\n",
        ports.display(),
        folder.path().join("store").display()
    );
    let file = folder.path().join("nats.conf");
    std::fs::write(&file, text).expect("written");
    let mut command = Command::new(program);
    let command = command
        .arg("-c")
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().expect("started")
}

/// The port in the file that a server writes when it listens.
fn written_port(folder: &Path) -> u16 {
    for _ in 0..400 {
        let files = std::fs::read_dir(folder.join("ports")).expect("a folder");
        let texts = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
        let mut ports = texts.filter_map(|text| {
            let (_, address) = text.split_once("//127.0.0.1:")?;
            let digits = address.split(|c: char| !c.is_ascii_digit()).next()?;
            digits.parse().ok()
        });
        if let Some(port) = ports.next() {
            return port;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the server does not listen within 20 s");
}
