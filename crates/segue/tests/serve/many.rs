//! Ten thousand senders who connect and then take their time.

use std::io::Write;
use std::net::TcpStream;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::server::{KEY, Place, track};

const CONNECTIONS: u64 = 10_000;
/// What a connection that has begun a request may take, in kilobytes: three times its buffer.
const KILOBYTES_EACH: u64 = 24;
/// What the process takes by itself, and more.
const KILOBYTES: u64 = 200_000;

/// As many files as this system lets a process have; the endpoint inherits it.
fn raise_limit_of_files() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(1 << 20);
    let raised = Rlimit {
        current: Some(most),
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => most,
        Err(_) => limit.current.unwrap_or(1024),
    }
}

#[test]
fn thousands_of_slow_senders_take_little_memory_and_do_not_block_others() {
    // Other tests run in this process and need files as well.
    let connections = CONNECTIONS.min(raise_limit_of_files().saturating_sub(500));
    let place = Place::new();
    place.write(
        "segue.toml",
        "[serve]\nconnections = 11000\nheader_seconds = 600\n",
    );
    let server = place.serve(&["--sandbox", "--settings", "segue.toml", "--write-key", KEY]);
    let address = server.ingest().trim_start_matches("http://").to_owned();
    let slow: Vec<_> = (0..connections)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream
                .write_all(b"POST /v1/track HTTP/1.1\r\nhost: h\r\nx-slow: ")
                .unwrap();
            stream
        })
        .collect();
    assert_eq!(server.track(&track(KEY, "m-1")).status, 200);
    if let Some(kilobytes) = server.memory() {
        let most = KILOBYTES + connections * KILOBYTES_EACH;
        assert!(
            kilobytes < most,
            "{kilobytes} kB for {connections} connections"
        );
    }
    drop(slow);
    assert_eq!(server.stop(), Some(0));
}
