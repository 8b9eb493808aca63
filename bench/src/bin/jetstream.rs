//! The cheapest programs that do what a log on NATS `JetStream` does: the raw client in a loop.
//!
//! `jetstream create SERVERS` makes the stream `RAW` anew, with the promises of segue's streams. `jetstream publish SERVERS FROM
//! FORM SECONDS IN_FLIGHT` publishes to it what the stream FROM has, again and again under new ids, `stored` as it is there or
//! `plain`, which is not compressed. `jetstream consume SERVERS STREAM`
//! pulls and acknowledges until a stream is empty, `jetstream wait SERVERS STREAM` only waits until another program has done so.
//! Each prints its figures as a JSON object. SERVERS are addresses, separated by commas; of the name of a stream the beginning
//! is enough.

#[path = "jetstream/consume.rs"]
mod consume;
#[path = "jetstream/publish.rs"]
mod publish;

use std::process::ExitCode;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream};
use async_nats::jetstream::{self, Context};
use futures_util::StreamExt as _;

/// What goes wrong is shown to whoever measures.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The stream of the raw client.
const RAW: &str = "RAW";
/// The subjects of the stream, to which the number of events is added, as in segue's.
const RAW_SUBJECT: &str = "raw";

#[expect(clippy::print_stderr, reason = "a program that is run by another")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jetstream: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match arguments {
            ["create", servers] => create(&connect(servers).await?).await,
            ["publish", servers, from, form, seconds, in_flight] => {
                let context = connect(servers).await?;
                let (seconds, in_flight) = (seconds.parse()?, in_flight.parse()?);
                publish::run(&context, from, form.parse()?, seconds, in_flight).await
            }
            ["consume", servers, stream] => consume::run(&connect(servers).await?, stream).await,
            ["wait", servers, stream] => consume::wait(&connect(servers).await?, stream).await,
            _ => Err("create SERVERS | publish SERVERS FROM FORM SECONDS IN_FLIGHT | consume SERVERS STREAM | wait SERVERS STREAM".into()),
        }
    })
}

async fn connect(servers: &str) -> Result<Context, Failure> {
    let servers: Vec<&str> = servers.split(',').collect();
    let client = async_nats::ConnectOptions::new()
        .subscription_capacity(4096)
        .connect(servers)
        .await?;
    Ok(jetstream::new(client))
}

async fn create(context: &Context) -> Result<(), Failure> {
    let _ = context.delete_stream(RAW).await;
    let config = Config {
        name: RAW.to_owned(),
        subjects: vec![format!("{RAW_SUBJECT}.*")],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: 3,
        max_bytes: 8_000_000_000,
        duplicate_window: std::time::Duration::from_mins(2),
        ..Config::default()
    };
    let stream = context.create_stream(config).await?;
    let consumer = pull::Config {
        durable_name: Some(consume::CONSUMER.to_owned()),
        ack_policy: AckPolicy::Explicit,
        max_ack_pending: 20_000,
        ..pull::Config::default()
    };
    stream.create_consumer(consumer).await?;
    Ok(())
}

/// The stream whose name begins like this.
async fn find(context: &Context, beginning: &str) -> Result<Stream, Failure> {
    let mut names = context.stream_names();
    while let Some(name) = names.next().await {
        let name = name?;
        if name.starts_with(beginning) {
            return Ok(context.get_stream(name).await?);
        }
    }
    Err(format!("there is no stream {beginning}").into())
}

/// How many events a message has, by the last token of its subject.
fn events_of(subject: &str) -> u64 {
    let last = subject.rsplit('.').next();
    last.and_then(|count| count.parse().ok()).unwrap_or(1)
}
