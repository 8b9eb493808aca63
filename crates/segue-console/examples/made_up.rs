//! Shows the pages over made-up data: `cargo run -p segue-console --example made_up`, and open the address that it prints.
//! With the argument `new`, the pages of an installation that nobody has used yet.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for developers"
)]

#[path = "../tests/console/made_up.rs"]
mod made_up;

use std::sync::Arc;

use segue_console::{Access, Console};
use tokio::net::TcpListener;

use crate::made_up::MadeUp;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let is_new = std::env::args().any(|argument| argument == "new");
    let shop = if is_new {
        MadeUp::new_installation()
    } else {
        MadeUp::shop()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(
        listener,
        Console::new(Arc::new(shop), Access::Loopback).router(),
    )
    .await
}
