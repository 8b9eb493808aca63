//! Maps Segment messages and sends the events with a transport of its own.
//!
//! The transport here prints requests. Yours may put them into a queue, sign them, or send them with the HTTP client that your
//! program has already.

use std::error::Error;

use conversions_mapping::{Mapping, Outcome, Settings};
use conversions_transport::{EventsBody, EventsRequest, SendError, Transport};
use facebook_conversions::reply::EventsReceived;

const MESSAGES: [&str; 3] = [
    r#"{"type":"track","event":"Order Completed","messageId":"m-1","userId":"u-1","timestamp":"2026-11-20T11:59:00Z",
        "context":{"traits":{"email":"jane@example.com"}},"properties":{"order_id":"o-7","revenue":19.9,"currency":"EUR"}}"#,
    r#"{"type":"track","event":"Product Added","messageId":"m-2","userId":"u-1","timestamp":"2026-11-20T11:58:00Z",
        "properties":{"product_id":"p-3","price":19.9,"currency":"EUR"}}"#,
    r#"{"type":"track","event":"Order Completed","messageId":"m-3","userId":"u-2","timestamp":"2026-11-01T00:00:00Z",
        "properties":{"revenue":5,"currency":"EUR"}}"#,
];

/// Prints what it is given.
#[derive(Debug)]
struct Print;

#[async_trait::async_trait]
impl Transport for Print {
    async fn send(&self, request: &EventsRequest) -> Result<EventsReceived, SendError> {
        let body = EventsBody::default().for_request(request);
        println!("{}", String::from_utf8_lossy(&body.to_bytes()));
        Ok(EventsReceived {
            events_received: u64::try_from(request.len()).ok(),
            ..EventsReceived::default()
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mapping = Mapping::new(Settings::default())?;
    let mut mapper = mapping.mapper();
    // A real program asks its clock.
    let now = "2026-11-20T12:00:00Z".parse()?;

    let mut events = Vec::new();
    for message in MESSAGES {
        mapper.map_bytes(message.as_bytes(), now, |outcome| match outcome {
            Outcome::Accepted(mapped) => events.push(mapped.event.to_json().into()),
            other => {
                let mut line = String::new();
                other.write_json(&mut line);
                println!("{line}");
            }
        });
    }
    let answer = Print.send(&EventsRequest::new(events)).await?;
    println!("received: {:?}", answer.events_received);
    Ok(())
}
