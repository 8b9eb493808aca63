//! Alerts reach a webhook while the endpoint runs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graph_sandbox::Sandbox;
use serde_json::Value;

use crate::server::{Graph, KEY, Place, eventually, track};

/// A receiver of webhooks, which keeps the bodies of posts.
struct Receiver {
    address: String,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&bodies);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(body) = take(stream) {
                    kept.lock().unwrap().push(body);
                }
            }
        });
        Self { address, bodies }
    }

    fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }
}

/// Reads the body of a request, answers 200, and closes the connection.
fn take(stream: TcpStream) -> Option<String> {
    stream.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length:") {
            length = bytes.trim().parse().ok()?;
        }
    }
    let mut body = String::new();
    stream
        .by_ref()
        .take(length)
        .read_to_string(&mut body)
        .ok()?;
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.get_mut().write_all(answer.as_bytes()).ok()?;
    Some(body)
}

#[test]
fn a_destination_that_is_held_is_told_to_the_webhook_once_and_without_values() {
    let receiver = Receiver::start();
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder().access_token("another-token"));
    place.write("token", "canary-token");
    place.write(
        "webhook",
        &format!("http://{}/canary-path", receiver.address),
    );
    let settings = format!(
        "[[destinations]]\nname = 'shop'\npixel_id = '1'\naccess_token = {{ file = 'token' }}\n\
         graph_url = '{}'\nlinger_ms = 10\n[alerts]\nwebhook = {{ file = 'webhook' }}\n",
        graph.sandbox().url()
    );
    place.write("segue.toml", &settings);
    let args = [
        "--settings",
        "segue.toml",
        "--write-key",
        KEY,
        "--data-dir",
        "data",
    ];
    let server = place.serve(&args);
    let personal = r#""context":{"traits":{"email":"canary@example.com"}},"userId""#;
    let event = track(KEY, "m-1").replace(r#""userId""#, personal);
    assert_eq!(server.track(&event).status, 200);
    // It has to be held for a minute, and is looked at every ten seconds.
    eventually("the webhook is told", || !receiver.bodies().is_empty());
    // Two more looks.
    std::thread::sleep(Duration::from_secs(21));
    let bodies = receiver.bodies();
    let [body] = bodies.as_slice() else {
        panic!("told once: {bodies:?}");
    };
    let alert: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&alert["status"], &alert["rule"], &alert["subject"]),
        (&"firing".into(), &"destination_held".into(), &"shop".into())
    );
    assert!(
        alert["text"].as_str().unwrap().contains("shop is held"),
        "{body}"
    );

    // The right token ends it, which is told once, too.
    place.write("token", "another-token");
    server.signal("HUP");
    eventually("the event arrives", || graph.arrived().contains("m-1"));
    eventually("the webhook is told the end", || {
        receiver.bodies().len() > 1
    });
    let all = receiver.bodies();
    let end: Value = serde_json::from_str(&all[1]).unwrap();
    assert_eq!(
        (&end["status"], &end["rule"], all.len()),
        (&"resolved".into(), &"destination_held".into(), 2)
    );
    for text in all.iter().chain([&server.log()]) {
        assert!(
            !text.contains("canary") && !text.contains("another-token"),
            "{text}"
        );
    }
    assert_eq!(server.stop(), Some(0));
}
