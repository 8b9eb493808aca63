//! The baseline of `segue send`: the naive mapper, four requests at once, no log.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bench::baseline::NaiveMapper;

use crate::connection::Connection;

/// Events per request.
const BATCH: usize = 1000;
const IN_FLIGHT: usize = 4;

#[expect(clippy::print_stdout, reason = "xtask reads the figures")]
pub(crate) async fn run(file: &str, address: &str) -> io::Result<()> {
    let start = Instant::now();
    let text = Arc::new(tokio::task::block_in_place(|| std::fs::read(file))?);
    let next = Arc::new(AtomicUsize::new(0));
    let senders = (0..IN_FLIGHT).map(|_| {
        let (text, next, address) = (Arc::clone(&text), Arc::clone(&next), address.to_owned());
        tokio::spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mut mapper = NaiveMapper::default();
            let (mut sent, mut body) = (0, Vec::new());
            loop {
                let events = write_batch(&text, &next, &mut mapper, &mut body);
                if events == 0 {
                    return Ok::<usize, io::Error>(sent);
                }
                let status = connection.post("/", "none", &body).await?;
                if status != 200 {
                    return Err(io::Error::other(format!("status {status}")));
                }
                sent += events;
            }
        })
    });
    let mut sent = 0;
    for sender in senders.collect::<Vec<_>>() {
        sent += sender.await.map_err(io::Error::other)??;
    }
    println!(
        r#"{{"events":{sent},"seconds":{}}}"#,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Claims the next lines of the file, and returns how many events the body has.
fn write_batch(
    text: &[u8],
    next: &AtomicUsize,
    mapper: &mut NaiveMapper,
    body: &mut Vec<u8>,
) -> usize {
    let mut end = 0;
    let taken = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |start| {
        let rest = text.get(start..)?;
        let last = memchr::memchr_iter(b'\n', rest).take(BATCH).last()?;
        end = start + last + 1;
        Some(end)
    });
    let Ok(start) = taken else {
        return 0;
    };
    body.clear();
    body.extend_from_slice(br#"{"data":["#);
    let mut events = 0;
    for line in text
        .get(start..end)
        .unwrap_or_default()
        .split(|byte| *byte == b'\n')
    {
        if let Some(event) = mapper.map(line) {
            if events > 0 {
                body.push(b',');
            }
            body.extend_from_slice(event);
            events += 1;
        }
    }
    body.extend_from_slice(b"]}");
    events
}
