//! Where and when a sandbox listens.

use std::{io, net::SocketAddr};

use tokio::net::TcpStream;

use crate::support::{sandbox, send};

#[tokio::test]
async fn after_shutdown_connections_are_refused_until_it_listens_again() {
    let sandbox = sandbox().start().await.unwrap();
    assert_eq!(send(&sandbox, &["a"]).await.status(), "200");
    let (address, edge) = (sandbox.address(), sandbox.edge().clone());
    sandbox.shutdown().await;
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);

    let again = edge.listen(address).await.unwrap();
    assert_eq!(
        (again.url(), again.received()),
        (format!("http://{address}").as_str(), 1)
    );
    assert_eq!(send(&again, &["b"]).await.status(), "200");
    assert_eq!(edge.received(), 2);
    again.shutdown().await;
}

#[tokio::test]
async fn only_loopback_addresses_are_allowed_by_default() {
    let open = SocketAddr::from(([0, 0, 0, 0], 0));
    let refused = sandbox().listen(open).start().await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
    sandbox()
        .listen(open)
        .allow_any_address()
        .start()
        .await
        .unwrap()
        .shutdown()
        .await;
}
