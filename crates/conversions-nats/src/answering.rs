//! What the server is told of a message.

use std::time::Duration;

use async_nats::{Client, Request, Subject};
use bytes::Bytes;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Acknowledged,
    /// It is being worked on: the server's `ack_wait` begins anew.
    Working,
    /// It is to be given out again, at once.
    GivenBack,
}

impl Answer {
    fn word(self) -> &'static str {
        match self {
            Self::Acknowledged => "+ACK",
            Self::Working => "+WPI",
            Self::GivenBack => "-NAK",
        }
    }
}

/// Sends an answer to where a message is acknowledged. Returns whether the server has confirmed it within this time.
///
/// The server confirms also what comes after `ack_wait`, when another process may have the message.
pub async fn answer(client: &Client, reply: Subject, answer: Answer, within: Duration) -> bool {
    let request = Request::new()
        .payload(Bytes::from_static(answer.word().as_bytes()))
        .timeout(Some(within));
    let confirmed = client.send_request(reply, request).await;
    confirmed.is_ok_and(|message| message.status.is_none())
}

/// Sends an answer without waiting for a confirmation. Returns whether it is on its way.
pub async fn tell(client: &Client, reply: Subject, answer: Answer) -> bool {
    let word = Bytes::from_static(answer.word().as_bytes());
    client.publish(reply, word).await.is_ok()
}

/// Gives a message back without waiting for a confirmation, to be given out again at once or after this time. One that does
/// not arrive is given out again when its `ack_wait` is over.
pub async fn give_back(client: &Client, reply: Subject, after: Option<Duration>) {
    let word = Answer::GivenBack.word();
    let text: Bytes = match after {
        None => Bytes::from_static(word.as_bytes()),
        Some(after) => format!(r#"{word} {{"delay": {}}}"#, after.as_nanos()).into(),
    };
    let _ = client.publish(reply, text).await;
}
