//! What NATS servers tell operators, and no client: whether they sync before they acknowledge.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// An answer is some kilobytes.
const LONGEST_ANSWER: u64 = 1 << 20;

/// What is known of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Syncing {
    /// It syncs before it acknowledges.
    Always,
    /// It syncs now and then.
    NowAndThen,
    /// It does not say; why.
    Unknown(&'static str),
}

/// Asks the server whose monitoring is at this address, as in `http://host:8222`.
pub(super) async fn ask(address: &str) -> Syncing {
    let Some(host) = address.strip_prefix("http://") else {
        return Syncing::Unknown("its address does not begin with http://");
    };
    match tokio::time::timeout(PATIENCE, get(host.trim_end_matches('/'))).await {
        Ok(Ok(answer)) => read(&answer),
        Ok(Err(_)) => Syncing::Unknown("it cannot be reached"),
        Err(_) => Syncing::Unknown("it does not answer"),
    }
}

/// The answer to `GET /jsz?config=true`, whose connection the server closes.
async fn get(host: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET /jsz?config=true HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream
        .take(LONGEST_ANSWER)
        .read_to_string(&mut answer)
        .await?;
    Ok(answer)
}

fn read(answer: &str) -> Syncing {
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
    let said: Option<Value> = body.and_then(|body| serde_json::from_str(body).ok());
    let Some(said) = said.filter(|said| said["config"].is_object()) else {
        return Syncing::Unknown("it does not say how JetStream is configured");
    };
    if said["config"]["sync_always"] == true {
        Syncing::Always
    } else {
        Syncing::NowAndThen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_a_server_says_whether_it_always_syncs() {
        let answer = |body: &str| {
            read(&format!(
                "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{body}"
            ))
        };
        assert_eq!(
            answer(r#"{"config":{"sync_interval":120000000000,"sync_always":true}}"#),
            Syncing::Always
        );
        assert_eq!(
            answer(r#"{"config":{"sync_interval":120000000000}}"#),
            Syncing::NowAndThen
        );
        for rubbish in ["", "{", "[]", r#"{"disabled":true}"#] {
            assert!(matches!(answer(rubbish), Syncing::Unknown(_)), "{rubbish}");
        }
    }

    #[tokio::test]
    async fn a_server_that_cannot_be_asked_is_unknown() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        drop(listener);
        assert_eq!(
            ask(&address).await,
            Syncing::Unknown("it cannot be reached")
        );
        assert!(matches!(ask("https://n1:8222").await, Syncing::Unknown(_)));
    }
}
