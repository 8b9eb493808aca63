//! Runs what an archive holds as a user would: unpacked, in a folder with nothing else. A static program is run with that
//! folder as the root of its file system, where there is no library and no certificate.

use std::fs;
use std::io;
use std::process::Command;

use flate2::read::GzDecoder;

use super::target::Target;
use crate::cargo;
use crate::problem::{Outcome, Problem};

/// Where the archive is unpacked, relative to the workspace.
const FOLDER: &str = "target/dist-trial";
/// What is tried: the second command maps the example, and delivers it over HTTP.
const COMMANDS: [&[&str]; 2] = [
    &["--version"],
    &["send", "--sandbox", "examples/shop.ndjson"],
];

/// Unpacks an archive and runs its program, if this machine has the processor.
pub(super) fn run(target: &Target, name: &str, archive: &[u8]) -> Outcome {
    if !target.is_native() {
        println!("not tried: it is for another processor");
        return Ok(());
    }
    let folder = cargo::root().join(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Problem::file(&folder, &error))?;
    }
    tar::Archive::new(GzDecoder::new(archive))
        .unpack(&folder)
        .map_err(|error| Problem::file(&folder, &error))?;
    let folder = folder.join(name);
    let is_root = target.is_static && is_root();
    for arguments in COMMANDS {
        let ended = if is_root {
            Command::new("chroot")
                .arg(&folder)
                .arg("/segue")
                .args(arguments)
                .env_clear()
                // Where `chroot` itself is looked for.
                .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
                .output()
        } else {
            Command::new(folder.join("segue"))
                .args(arguments)
                .env_clear()
                .current_dir(&folder)
                .output()
        };
        succeeded(arguments, ended)?;
    }
    let place = if is_root {
        "as a root of its own"
    } else {
        "in a folder of its own"
    };
    println!("tried {place}: it delivers the example to its sandbox");
    Ok(())
}

/// Whether this is root: only root may run a command with another root.
fn is_root() -> bool {
    let answer = Command::new("id").arg("-u").output();
    answer.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn succeeded(arguments: &[&str], ended: io::Result<std::process::Output>) -> Outcome {
    let line = arguments.join(" ");
    let next = "run the program below target/dist-trial by hand";
    let output = ended.map_err(|error| Problem::new(format!("segue {line}: {error}"), next))?;
    if output.status.success() {
        return Ok(());
    }
    print!("{}", String::from_utf8_lossy(&output.stderr));
    Err(Problem::new(
        format!(
            "`segue {line}` fails outside of this repository: {}",
            output.status
        ),
        next,
    ))
}
