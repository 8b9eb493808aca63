//! Puts a server under load: each connection posts the next request as soon as it has an answer, or at a fixed rate.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::pace::Pace;
use crate::template::Template;
use crate::visitors::{self, Visitors, Visits};
use bench::corpus::{Corpus, Mix};

/// What to send, and for how long.
pub(crate) struct LoadOptions<'a> {
    pub(crate) address: &'a str,
    pub(crate) path: &'a str,
    /// The whole value of the header.
    pub(crate) authorization: &'a str,
    pub(crate) connections: usize,
    pub(crate) seconds: u64,
    /// Events of a request; with 1 the body is the message itself.
    pub(crate) batch: usize,
    /// Who sends the messages; without it the people that the messages were made with.
    pub(crate) visits: Option<Visits>,
    /// Requests a second of all connections together; without it each posts the next as soon as it has an answer.
    pub(crate) rate: Option<u32>,
}

/// How many different messages there are. They are sent repeatedly, under new ids.
const MESSAGES: usize = 2000;
/// How many of them come from one person, when people send some in a row.
const OF_A_PERSON: usize = 8;
/// Bytes of a message.
const SIZES: std::ops::Range<usize> = 1200..1800;
const SEED: u64 = 1;

/// Starts at a random number and counts up, so that no two messages have the same id: a log would skip the second.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

#[expect(clippy::print_stdout, reason = "xtask reads the figures")]
pub(crate) async fn run(options: &LoadOptions<'_>) -> io::Result<()> {
    NEXT_ID.store(fastrand::u64(..) >> 24, Ordering::Relaxed);
    visitors::begin();
    let templates = Arc::new(templates(options.visits));
    let start = Instant::now();
    let until = start + Duration::from_secs(options.seconds);
    let count = u32::try_from(options.connections).map_err(io::Error::other)?;
    let clients = (0..count).map(|client| {
        let (address, path) = (options.address.to_owned(), options.path.to_owned());
        let (authorization, batch) = (options.authorization.to_owned(), options.batch);
        let mut visitors = Visitors::new(options.visits, batch);
        let mut pace = options
            .rate
            .map(|rate| Pace::new(start, rate, client, count));
        let templates = Arc::clone(&templates);
        tokio::spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mut times = Vec::new();
            let mut body = String::new();
            let mut turn = client as usize * 31;
            while Instant::now() < until {
                write_body(&templates, &mut visitors, batch, &mut turn, &mut body);
                let due = match &mut pace {
                    Some(pace) => pace.due().await,
                    None => Instant::now(),
                };
                let status = connection
                    .post(&path, &authorization, body.as_bytes())
                    .await?;
                if status != 200 {
                    return Err(io::Error::other(format!("status {status}")));
                }
                times.push(u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
            Ok(times)
        })
    });
    let mut times = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        times.append(&mut client.await.map_err(io::Error::other)??);
    }
    let seconds = start.elapsed().as_secs_f64();
    times.sort_unstable();
    let percentile = |percent: usize| {
        times
            .get(times.len() * percent / 100)
            .copied()
            .unwrap_or_default()
    };
    println!(
        r#"{{"requests":{},"events":{},"seconds":{seconds},"micros_p50":{},"micros_p99":{}}}"#,
        times.len(),
        times.len() * options.batch,
        percentile(50),
        percentile(99)
    );
    Ok(())
}

/// The messages. With visits so many in a row come from one person, who has one address and one browser.
fn templates(visits: Option<Visits>) -> Vec<Template> {
    let says_all = visits.is_some_and(|visits| visits.say_all);
    let now = jiff::Timestamp::now().as_second();
    let mut corpus = Corpus::new(Mix::Shop, SEED, now);
    let mut templates = Vec::with_capacity(MESSAGES);
    let mut message = String::new();
    while templates.len() < MESSAGES {
        message.clear();
        if visits.is_some() {
            corpus.write_message_of((templates.len() / OF_A_PERSON) as u64, &mut message);
        } else {
            corpus.write_message(&mut message);
        }
        if SIZES.contains(&message.len()) {
            templates.push(Template::of(&message, says_all));
        }
    }
    templates
}

fn write_body(
    templates: &[Template],
    visitors: &mut Visitors,
    batch: usize,
    turn: &mut usize,
    body: &mut String,
) {
    body.clear();
    if batch > 1 {
        body.push_str(r#"{"batch":["#);
    }
    for index in 0..batch {
        let visit = visitors.next(index);
        let message = visit.map_or(*turn, |visit| visit.message(OF_A_PERSON));
        let Some(template) = templates.get(message % templates.len().max(1)) else {
            return;
        };
        *turn += 1;
        if index > 0 {
            body.push(',');
        }
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        template.write(id, visit.map(|visit| visit.person), body);
    }
    if batch > 1 {
        body.push_str("]}");
    }
}
