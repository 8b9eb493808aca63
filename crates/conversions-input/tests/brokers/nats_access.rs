//! A NATS server that asks for TLS and for who it speaks with.

use async_nats::jetstream::{self, stream};
use conversions_input::nats::{
    ConnectionOptions, Credentials, NatsInput, NatsInputOptions, TlsOptions,
};
use conversions_nats::test_server::TestServer;

use crate::certificates::Certificates;
use crate::fixture::{settle, take, texts};

const PASSWORD: &str = "a-password-of-tests";
/// An nkey of NATS' own documentation.
const NKEY: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
const NKEY_SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";

struct Locked {
    server: TestServer,
    certificates: Certificates,
}

/// A server with a user and an nkey, and with a stream of one message. With `verify` it asks clients for a certificate too.
async fn locked(verify: bool) -> Option<Locked> {
    let certificates = Certificates::new();
    let file = |name| certificates.file(name).display().to_string();
    let config = format!(
        "tls {{ cert_file: \"{}\", key_file: \"{}\", ca_file: \"{}\", verify: {verify} }}\n\
         authorization {{ users: [ {{ user: segue, password: {PASSWORD} }}, {{ nkey: {NKEY} }} ] }}\n",
        file("server.pem"),
        file("server-key.pem"),
        file("ca.pem"),
    );
    let server = TestServer::start(&config)?;
    let locked = Locked {
        server,
        certificates,
    };
    let options = locked.options(password(PASSWORD));
    let connected =
        conversions_nats::connect(&options.connection, std::time::Duration::from_secs(5));
    let context = jetstream::new(connected.await.expect("connected"));
    let made = context.create_stream(stream::Config {
        name: "locked".to_owned(),
        ..stream::Config::default()
    });
    made.await.expect("a stream");
    let sent = context.publish("locked", "one".into()).await;
    sent.expect("sent").await.expect("stored");
    Some(locked)
}

impl Locked {
    fn options(&self, credentials: Credentials) -> NatsInputOptions {
        NatsInputOptions {
            connection: ConnectionOptions {
                servers: vec![format!("tls://127.0.0.1:{}", self.server.port())],
                credentials,
                tls: TlsOptions {
                    ca: Some(self.certificates.file("ca.pem")),
                    identity: Some(self.certificates.client()),
                    ..TlsOptions::default()
                },
            },
            stream: "locked".to_owned(),
            consumer: "segue".to_owned(),
            create: true,
            ..NatsInputOptions::default()
        }
    }

    /// What is said when these options are used, which hold something wrong.
    async fn refusal(&self, options: NatsInputOptions) -> String {
        let refused = NatsInput::open(options).await;
        let said = refused.expect_err("refused").to_string();
        for secret in [PASSWORD, "hunter2", NKEY_SEED] {
            assert!(!said.contains(secret), "{said}");
        }
        said
    }

    /// The message is there for whoever shows the right credentials.
    async fn check(&self, options: NatsInputOptions) {
        let input = NatsInput::open(options).await.expect("opened");
        let records = take(&input, 1).await;
        assert_eq!(texts(&records), ["one"]);
        settle(&input, &records).await;
        conversions_input::Input::leave(&input).await.expect("left");
    }
}

fn password(password: &str) -> Credentials {
    Credentials::Password {
        user: "segue".to_owned(),
        password: password.to_owned().into(),
    }
}

#[tokio::test]
async fn what_is_wrong_with_credentials_and_certificates_is_said_and_nothing_is_lost() {
    let Some(locked) = locked(false).await else {
        return;
    };
    let refused = "the broker refuses access: the NATS server does not take the credentials; check that they belong to \
                   this server and have not expired";
    let wrong = locked.options(password("hunter2"));
    assert_eq!(locked.refusal(wrong).await, refused);
    let nobody = locked.options(Credentials::None);
    assert_eq!(locked.refusal(nobody).await, refused);
    let creds = locked.options(Credentials::Creds("hunter2".to_owned().into()));
    let said = locked.refusal(creds).await;
    assert!(said.contains("is not that of a .creds file"), "{said}");

    let mut unknown_issuer = locked.options(password(PASSWORD));
    unknown_issuer.connection.tls = TlsOptions::default();
    let said = locked.refusal(unknown_issuer).await;
    assert!(
        said.starts_with("no broker answers at tls://127.0.0.1:")
            && said.contains("the issuer of the servers' certificates"),
        "{said}"
    );
    let mut missing = locked.options(password(PASSWORD));
    missing.connection.tls.ca = Some("/nowhere/ca.pem".into());
    let said = locked.refusal(missing).await;
    assert!(said.contains("/nowhere/ca.pem cannot be read"), "{said}");

    locked.check(locked.options(password(PASSWORD))).await;
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_one_and_an_nkey_signs_in() {
    let Some(locked) = locked(true).await else {
        return;
    };
    let nkey = || Credentials::NkeySeed(NKEY_SEED.to_owned().into());
    let mut without = locked.options(nkey());
    without.connection.tls.identity = None;
    let said = locked.refusal(without).await;
    assert!(said.starts_with("no broker answers at tls://"), "{said}");
    locked.check(locked.options(nkey())).await;
}
