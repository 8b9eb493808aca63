//! Servers and clients to measure with, on the loopback.
//!
//! `wire sink` answers as Meta does and keeps nothing. `wire post FILE ADDRESS` is the cheapest sender, `wire ingest FILE` the
//! cheapest server that answers when an event is on disk. `wire load` puts a server under load, at a fixed rate if so wished,
//! or as that many people, each of whom sends some messages in a row, with `all` that is known of them in each;
//! `wire people COUNT` prints an Identify call of each of
//! them. Servers print their address and run until they are killed; clients print their figures as a JSON object.

#[path = "wire/connection.rs"]
mod connection;
#[path = "wire/ingest.rs"]
mod ingest;
#[path = "wire/load.rs"]
mod load;
#[path = "wire/pace.rs"]
mod pace;
#[path = "wire/post.rs"]
mod post;
#[path = "wire/sink.rs"]
mod sink;
#[path = "wire/template.rs"]
mod template;
#[path = "wire/visitors.rs"]
mod visitors;

use std::io;
use std::process::ExitCode;

#[expect(clippy::print_stderr, reason = "a program that is run by another")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wire: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match arguments {
        ["sink"] => runtime.block_on(sink::serve()),
        ["post", file, address] => runtime.block_on(post::run(file, address)),
        ["ingest", file] => runtime.block_on(ingest::serve(file)),
        ["people", count] => visitors::print_identified(number(count)?),
        [
            "load",
            address,
            path,
            authorization,
            connections,
            seconds,
            batch,
            more @ ..,
        ] => runtime.block_on(load::run(&load::LoadOptions {
            address,
            path,
            authorization,
            connections: number(connections)?,
            seconds: number(seconds)?,
            batch: number(batch)?,
            visits: match more {
                [people, messages, rest @ ..] => Some(visitors::Visits {
                    people: number(people)?,
                    messages: number(messages)?,
                    say_all: rest == ["all"],
                }),
                _ => None,
            },
            rate: match more {
                [rate] => Some(number(rate)?),
                _ => None,
            },
        })),
        _ => Err(io::Error::other(
            "sink | post FILE ADDRESS | ingest FILE | load ADDRESS PATH AUTHORIZATION CONNECTIONS SECONDS BATCH \
             [PEOPLE MESSAGES [all] | REQUESTS_A_SECOND] | people COUNT",
        )),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> io::Result<T> {
    text.parse()
        .map_err(|_| io::Error::other("expected a number"))
}
