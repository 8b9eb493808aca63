//! Pulls and acknowledges until a stream is empty.

use std::time::{Duration, Instant};

use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt as _;

use crate::{Failure, events_of, find};

/// The consumer of the stream, which has the same name in segue's.
pub(crate) const CONSUMER: &str = "deliver";
/// As segue pulls.
const MESSAGES: u64 = 1000;
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[expect(clippy::print_stdout, reason = "xtask reads the figures")]
pub(crate) async fn run(context: &Context, stream: &str) -> Result<(), Failure> {
    let mut stream = find(context, stream).await?;
    let mut left = stream.cached_info().state.messages;
    let consumer: PullConsumer = stream.get_consumer(CONSUMER).await?;
    let (mut messages, mut events) = (0_u64, 0_u64);
    let start = Instant::now();
    while left > 0 {
        let pull = consumer
            .fetch()
            // No more than there are: the end of a pull that is not full overtakes its last messages.
            .max_messages(usize::try_from(MESSAGES.min(left))?)
            .expires(Duration::from_secs(5));
        let mut pull = pull.messages().await?;
        while let Some(message) = pull.next().await {
            let message = message?;
            message.ack().await?;
            messages += 1;
            events += events_of(&message.subject);
            left = left.saturating_sub(1);
        }
    }
    // These acknowledgements are not confirmed; those of segue are, so both are measured until the stream is empty.
    until_empty(&mut stream).await?;
    let seconds = start.elapsed().as_secs_f64();
    println!(r#"{{"requests":{messages},"events":{events},"seconds":{seconds}}}"#);
    Ok(())
}

/// Waits until a stream is empty.
#[expect(clippy::print_stdout, reason = "xtask reads the figures")]
pub(crate) async fn wait(context: &Context, stream: &str) -> Result<(), Failure> {
    let mut stream = find(context, stream).await?;
    let messages = stream.cached_info().state.messages;
    let start = Instant::now();
    until_empty(&mut stream).await?;
    let seconds = start.elapsed().as_secs_f64();
    println!(r#"{{"requests":{messages},"events":0,"seconds":{seconds}}}"#);
    Ok(())
}

async fn until_empty(stream: &mut Stream) -> Result<(), Failure> {
    while stream.info().await?.state.messages > 0 {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}
