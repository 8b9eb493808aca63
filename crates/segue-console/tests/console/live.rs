//! Changes as they happen, over real connections.

use std::sync::Arc;
use std::time::Duration;

use segue_console::{Access, Console};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::made_up::MadeUp;

const PATIENCE: Duration = Duration::from_secs(30);

async fn open(address: std::net::SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Reads until the text has come.
async fn read_until(stream: &mut TcpStream, text: &str) {
    let mut read = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&read).contains(text) {
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).await.unwrap();
            assert!(length > 0, "the stream ended");
            read.extend_from_slice(&buffer[..length]);
        }
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .expect("in time");
}

#[tokio::test]
async fn two_hundred_viewers_hear_of_a_change_though_one_never_reads() {
    let shop = Arc::new(MadeUp::shop());
    let router = Console::new(Arc::clone(&shop) as _, Access::Loopback).router();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });

    let _never_reads = open(address, "/live").await;
    let mut viewers = Vec::new();
    for _ in 0..199 {
        let mut viewer = open(address, "/live").await;
        read_until(&mut viewer, "text/event-stream").await;
        viewers.push(viewer);
    }
    for number in 1..=10_000 {
        shop.changes.send_replace(number);
    }
    for viewer in &mut viewers {
        read_until(viewer, "event: change\ndata: 10000\n").await;
    }
    let mut page = open(address, "/").await;
    read_until(&mut page, "</html>").await;
    serving.abort();
}
