//! Pulls from a consumer, one after the other, and says when all has come that the servers send.

use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::{Client, HeaderMap, Message, StatusCode, Subscriber};
use futures_util::StreamExt as _;

use crate::answering::give_back;

/// A pull is lost when its end is late by this, or when messages come later than this after its end.
const LATE_BY: Duration = Duration::from_secs(2);
/// What comes of a pull that nobody takes any more, comes without such a gap.
const REST_WITHIN: Duration = Duration::from_millis(250);
/// The header of the end of a pull with the number of messages that were asked for and not sent.
const UNSENT_HEADER: &str = "Nats-Pending-Messages";

/// Pulls messages from a consumer of a stream.
///
/// Each pull has an inbox of its own, which says the earliest time at which the servers can have given out a message: a
/// process that stood still finds messages in its socket that another one may have by then.
///
/// The end of a pull overtakes its last messages: a replicated consumer sends a message when a majority knows that it is
/// given out, and the end at once. So the end says how many messages were not sent, and the inbox is open until the others
/// have come. What comes to a closed one is lost until `ack_wait` is over, and counts as given out. The inbox of a pull
/// that got no such end stays open during the next one, for messages that come late.
///
/// ```no_run
/// use conversions_nats::{Pulled, PullRequest, Puller};
/// use std::time::Duration;
///
/// # async fn example(client: async_nats::Client) {
/// let mut puller = Puller::new(client, "ORDERS", "segue");
/// let request = PullRequest {
///     messages: 1000,
///     bytes: Some(1 << 20),
///     open_for: Duration::from_secs(2),
/// };
/// if puller.ask(request).await {
///     while let Pulled::Message { message, asked_at } = puller.next().await {
///         println!("{} bytes, given out after {asked_at:?}", message.payload.len());
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Puller {
    client: Client,
    /// Where pulls are asked for.
    subject: String,
    open: Option<Pull>,
    /// The one before, if messages of it may still come.
    late: Option<Pull>,
}

/// What a pull asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// How many messages it brings at most.
    pub messages: usize,
    /// How many bytes it brings at most, with headers and subjects.
    pub bytes: Option<usize>,
    /// How long it stays open.
    pub open_for: Duration,
}

/// What comes of a pull.
#[derive(Debug)]
pub enum Pulled {
    /// A message.
    Message {
        /// As it came; it is acknowledged at its `reply`.
        message: Message,
        /// When it was asked for. It was not given out before.
        asked_at: Instant,
    },
    /// The end of the pull.
    End(PullEnd),
}

/// How a pull ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullEnd {
    /// All messages came that the servers send: as many as were asked for, or what there was in its time.
    Over,
    /// All messages came that the servers send. They send no more for another reason than the time: the next message has
    /// more bytes than are left.
    Cut,
    /// The servers ended it without saying what they have sent: the consumer has another leader or is gone, or there are
    /// too many pulls. Messages of it may still come.
    Refused,
    /// Its end did not come, or messages did not. They may still come.
    Lost,
    /// Nobody answers, or no pull is open.
    Unanswered,
}

#[derive(Debug)]
struct Pull {
    messages: Subscriber,
    /// Nothing of it was given out before.
    asked_at: Instant,
    /// How many messages have not come yet.
    left: usize,
    /// When nothing more is waited for.
    lost_at: Instant,
    /// How it ends when all messages have come.
    end: PullEnd,
}

impl Puller {
    /// Of this consumer of this stream. Nothing is asked for yet.
    #[must_use]
    pub fn new(client: Client, stream: &str, consumer: &str) -> Self {
        Self {
            client,
            subject: format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"),
            open: None,
            late: None,
        }
    }

    /// Opens a pull. Returns whether there is a connection. A pull that is open counts as one whose messages may come late.
    pub async fn ask(&mut self, request: PullRequest) -> bool {
        if let Some(open) = self.open.take() {
            self.late = Some(open);
        }
        if self.client.connection_state() != State::Connected {
            return false;
        }
        self.open = self.try_ask(request).await;
        self.open.is_some()
    }

    async fn try_ask(&self, request: PullRequest) -> Option<Pull> {
        let inbox = self.client.new_inbox();
        let messages = self.client.subscribe(inbox.clone()).await.ok()?;
        let asked_at = Instant::now();
        let asked =
            self.client
                .publish_with_reply(self.subject.clone(), inbox, body_of(request).into());
        asked.await.ok()?;
        Some(Pull {
            messages,
            asked_at,
            left: request.messages,
            lost_at: asked_at + request.open_for + LATE_BY,
            end: PullEnd::Over,
        })
    }

    /// The next message, or the end of the pull; also what comes late of the one before. A call that is dropped loses
    /// nothing.
    pub async fn next(&mut self) -> Pulled {
        loop {
            let Some(open) = &mut self.open else {
                return Pulled::End(PullEnd::Unanswered);
            };
            if open.left == 0 {
                let end = open.end;
                return self.end(end);
            }
            let next = tokio::select! {
                biased;
                Some(late) = next_late(&mut self.late) => return late,
                next = tokio::time::timeout_at(open.lost_at.into(), open.messages.next()) => next,
            };
            let message = match next {
                Err(_) => return self.end(PullEnd::Lost),
                Ok(None) => return self.end(PullEnd::Unanswered),
                Ok(Some(message)) => message,
            };
            if is_content(message.status) {
                open.left -= 1;
                let asked_at = open.asked_at;
                return Pulled::Message { message, asked_at };
            }
            if let Some(end) = open.note(message.status, message.headers.as_ref()) {
                return self.end(end);
            }
        }
    }

    fn end(&mut self, end: PullEnd) -> Pulled {
        match (end, self.open.take()) {
            (PullEnd::Over | PullEnd::Cut, _) => self.late = None,
            (PullEnd::Refused | PullEnd::Lost, Some(open)) => self.late = Some(open),
            _ => {}
        }
        Pulled::End(end)
    }

    /// Ends pulling. What the servers have sent before they hear that nobody takes it any more goes back at once, unless
    /// another process may have it by now: it was asked for longer ago than `fresh_for`.
    pub async fn give_back_rest(self, fresh_for: Duration) {
        let Some(open) = self.open else { return };
        if open.asked_at.elapsed() > fresh_for {
            return;
        }
        let mut messages = open.messages;
        let _ = messages.drain().await;
        while let Ok(Some(message)) = tokio::time::timeout(REST_WITHIN, messages.next()).await {
            if let Some(reply) = message.reply.filter(|_| is_content(message.status)) {
                give_back(&self.client, reply, None).await;
            }
        }
    }
}

impl Pull {
    /// Takes what the servers say of the pull. Returns its end, when nothing more is to be waited for.
    fn note(&mut self, status: Option<StatusCode>, headers: Option<&HeaderMap>) -> Option<PullEnd> {
        if status == Some(StatusCode::NO_RESPONDERS) {
            return Some(PullEnd::Unanswered);
        }
        let Some(unsent) = unsent(headers) else {
            return Some(PullEnd::Refused);
        };
        self.left = self.left.saturating_sub(unsent);
        self.lost_at = self.lost_at.min(Instant::now() + LATE_BY);
        if status != Some(StatusCode::TIMEOUT) {
            self.end = PullEnd::Cut;
        }
        None
    }
}

fn body_of(request: PullRequest) -> String {
    let PullRequest {
        messages,
        bytes,
        open_for,
    } = request;
    let bytes = bytes.map_or_else(String::new, |bytes| format!(r#","max_bytes":{bytes}"#));
    let expires = open_for.as_nanos();
    format!(r#"{{"batch":{messages}{bytes},"expires":{expires}}}"#)
}

/// The next message of a pull that was lost. `None` when there is none.
async fn next_late(late: &mut Option<Pull>) -> Option<Pulled> {
    let pull = late.as_mut()?;
    loop {
        let message = pull.messages.next().await?;
        if is_content(message.status) {
            let asked_at = pull.asked_at;
            return Some(Pulled::Message { message, asked_at });
        }
    }
}

fn is_content(status: Option<StatusCode>) -> bool {
    status.is_none_or(|status| status == StatusCode::OK)
}

/// How many of the messages that were asked for the servers do not send, by the end of a pull.
fn unsent(headers: Option<&HeaderMap>) -> Option<usize> {
    headers?.get(UNSENT_HEADER)?.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_pull_says_how_many_messages_are_not_sent() {
        let headers = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(UNSENT_HEADER, value);
            headers
        };
        assert_eq!(unsent(Some(&headers("854"))), Some(854));
        assert_eq!(unsent(Some(&headers("many"))), None);
        assert_eq!(unsent(Some(&HeaderMap::new())), None, "another leader");
        assert_eq!(unsent(None), None);
    }

    #[test]
    fn a_pull_asks_for_what_its_request_says() {
        let request = PullRequest {
            messages: 5,
            bytes: Some(100),
            open_for: Duration::from_secs(2),
        };
        let body = body_of(request);
        assert_eq!(body, r#"{"batch":5,"max_bytes":100,"expires":2000000000}"#);
        let unlimited = PullRequest {
            bytes: None,
            ..request
        };
        assert_eq!(body_of(unlimited), r#"{"batch":5,"expires":2000000000}"#);
    }
}
