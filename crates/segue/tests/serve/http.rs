//! A minimal HTTP client: it sends exactly the bytes it is given, and repairs nothing in a reply.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Timeout of reads and writes, long enough for a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The answer to a request.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The status line and the headers, names in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// A keep-alive connection.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects to `http://address`.
    pub(crate) fn open(url: &str) -> io::Result<Self> {
        let address = url.trim_start_matches("http://");
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    pub(crate) fn request(&mut self, request: &str) -> io::Result<Reply> {
        self.0.get_mut().write_all(request.as_bytes())?;
        let mut head = String::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            head.extend([&name.to_ascii_lowercase(), ":", value, "\n"]);
        }
        let broken = || io::Error::from(io::ErrorKind::InvalidData);
        // The status line has got a colon at its end, like a header without a value.
        let status = head
            .split([' ', ':'])
            .nth(1)
            .and_then(|word| word.parse().ok());
        let mut reply = Reply {
            status: status.ok_or_else(broken)?,
            head,
            body: String::new(),
        };
        let length: u64 = reply
            .header("content-length")
            .unwrap_or("0")
            .parse()
            .map_err(|_| broken())?;
        let mut body = Vec::new();
        self.0.by_ref().take(length).read_to_end(&mut body)?;
        reply.body = String::from_utf8_lossy(&body).into_owned();
        Ok(reply)
    }
}

pub(crate) fn get(url: &str, path: &str) -> Reply {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    Connection::open(url).unwrap().request(&request).unwrap()
}

/// A POST with a write key in the body.
pub(crate) fn post_request(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: test\r\norigin: https://shop.example\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(crate) fn post(url: &str, path: &str, body: &str) -> io::Result<Reply> {
    Connection::open(url)?.request(&post_request(path, body))
}
