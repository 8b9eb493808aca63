//! What a person who starts the endpoint wants to know once it answers.

use segue_app::serve::Endpoint;
use serde_json::{Value, json};

use crate::logging::LogFormat;
use crate::render::prose;
use crate::render::terminal::{CellStyle, Stream, TableBuilder};

/// Prints the addresses, the write key and the data folder on standard output. The endpoint also runs without a reader there.
pub(crate) fn print(endpoint: &Endpoint, format: LogFormat) {
    let _ = prose::print(&match format {
        LogFormat::Text => text(endpoint),
        LogFormat::Json => format!("{}\n", object(endpoint)),
    });
}

fn object(endpoint: &Endpoint) -> Value {
    let mut object = endpoint.addresses.to_json();
    object["data"] = json!(endpoint.folder.path().display().to_string());
    if let Some(key) = &endpoint.generated_key {
        object["write_key"] = json!(key);
    }
    object
}

fn text(endpoint: &Endpoint) -> String {
    let mut table = TableBuilder::new(Stream::Out, &[]);
    let mut row = |what: &str, value: &str, more: &str| {
        table.row(&[
            (what, CellStyle::Plain),
            (value, CellStyle::Strong),
            (more, CellStyle::Faint),
        ]);
    };
    let addresses = &endpoint.addresses;
    if let Some(console) = &addresses.console {
        row(
            "Console",
            console,
            "open it in a browser: is my event delivered?",
        );
    } else if endpoint.console_needs_password {
        row(
            "Console",
            "off",
            "other machines reach it; set a password under [console]",
        );
    }
    if let Some(ingest) = &addresses.ingest {
        row("Senders", ingest, "the `host` of a Segment library");
    }
    if let Some(key) = &endpoint.generated_key {
        row(
            "Write key",
            key,
            "generated for this run; --write-key sets your own",
        );
    }
    for input in &endpoint.inputs {
        row("Input", input, "read as the settings say");
    }
    row("Operators", &addresses.ops, "/metrics, /readyz");
    if let Some(sandbox) = &addresses.sandbox {
        row(
            "Sandbox",
            sandbox,
            "a page of what has arrived; nothing leaves this machine",
        );
    }
    let folder = endpoint.folder.path().display().to_string();
    let kept = if endpoint.is_temporary() {
        "temporary: removed at the end, unless --data-dir names a folder"
    } else if endpoint.is_clustered {
        "counts and traces of this machine; events are kept elsewhere"
    } else {
        "undelivered events"
    };
    row("Data", &folder, kept);
    table.keep_whole(0);
    table.keep_whole(1);
    format!("{table}\n")
}
