//! One HTTP request over a connection of its own, as bytes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The answer to a request, with its head; `None` when nothing listens or the connection ends early. The request must ask to
/// close the connection.
#[must_use]
pub fn exchange(host: &str, request: &str) -> Option<String> {
    let mut connection = TcpStream::connect(host).ok()?;
    connection.set_read_timeout(Some(PATIENCE)).ok()?;
    connection.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// A request with these headers, each with its line end, and a body.
#[must_use]
pub fn request(method: &str, path: &str, host: &str, headers: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
