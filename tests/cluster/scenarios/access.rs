//! Who may do what: TLS, and users with the permissions that docs/scale-out.md lists and no other.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

use super::{account, ids, pause};
use crate::brokers::BrokerOptions;
use crate::cluster::{Cluster, Plan};
use crate::context::Context;
use crate::sender::Senders;

const PASSWORD: &str = "a-password-of-tests";
/// An nkey of NATS' own documentation.
const NKEY: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
const NKEY_SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
/// The page that lists the permissions.
const PAGE: &str = include_str!("../../../docs/scale-out.md");

/// An ingesting node with a password and a delivering one with an nkey, over TLS.
pub(super) async fn tls_and_permissions(context: Context, name: &'static str) -> String {
    let keys = tempfile::tempdir().expect("a folder");
    write_certificates(keys.path());
    let options = BrokerOptions {
        more: configuration(name, keys.path()),
        ..BrokerOptions::default()
    };
    let brokers = Arc::new(context.start_brokers(options).await);
    let ca = keys.path().join("ca.pem");
    let (ingest, deliver) = (
        user("ingest"),
        json!({ "nkey_seed": secret(keys.path(), "seed", NKEY_SEED) }),
    );
    let log = json!({
        "servers": brokers.urls("tls"), "tls_ca": ca,
        "user": "admin", "password": secret(keys.path(), "password", PASSWORD),
    });
    let plan = Plan {
        roles: &[],
        log,
        ..Plan::new(name, brokers)
    };
    let mut cluster = Cluster::start(&context, plan).await;
    for (log, sentence) in [
        (ingest.clone(), "cannot be made"),
        (json!({ "user": "nobody" }), "does not take the credentials"),
        (json!({ "tls_ca": null }), "cannot connect to NATS"),
    ] {
        let settings = cluster.write_settings("wrong.json", &log);
        let created = cluster.segue_with(&settings, &["log", "create"]).await;
        let said = String::from_utf8_lossy(&created.stderr);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            !created.status.success() && said.contains(sentence),
            "{log}: {said}"
        );
        assert!(!said.contains(PASSWORD) && !said.contains(NKEY_SEED));
    }
    cluster.add_node("ingest", ingest).await;
    cluster.add_node("deliver", without_user(deliver)).await;
    let senders = Senders::start(name, vec![cluster.nodes[0].port], 0);
    pause(3).await;
    let sent = senders.stop().await;
    sent.check();
    let arrived = cluster.wait_for(&sent.ids).await;
    assert_eq!(arrived.repeats, 0);
    // A dead letter, which operators list and replay as the user that delivers.
    let bad = ids("bad", 1);
    cluster.set_script(graph_sandbox::Script::default().refuse([&*bad[0]], 100, Some(2_804_050)));
    assert_eq!(cluster.post(0, &bad).await, Some(200));
    let settings = cluster.write_settings(
        "operators.json",
        &without_user(json!({ "nkey_seed": secret(keys.path(), "seed", NKEY_SEED) })),
    );
    super::eventually(30, "a dead letter", async || {
        let listed = cluster
            .segue_with(&settings, &["dead-letters", "list", "--format", "json"])
            .await;
        assert!(
            listed.status.success(),
            "{}",
            String::from_utf8_lossy(&listed.stderr)
        );
        String::from_utf8_lossy(&listed.stdout).contains("bad-0")
    })
    .await;
    let status = cluster
        .segue_with(&settings, &["status", "--format", "json"])
        .await;
    assert!(
        status.status.success()
            && String::from_utf8_lossy(&status.stdout).contains("\"delivered\""),
        "{}",
        String::from_utf8_lossy(&status.stderr)
    );
    cluster.set_script(graph_sandbox::Script::default());
    let replayed = cluster
        .segue_with(&settings, &["dead-letters", "replay"])
        .await;
    assert!(
        replayed.status.success(),
        "{}",
        String::from_utf8_lossy(&replayed.stderr)
    );
    cluster.wait_for(&bad).await;
    let complaints: Vec<_> = cluster.nodes.iter().map(crate::node::Node::said).collect();
    assert!(
        !complaints.concat().contains("ermissions"),
        "{complaints:#?}"
    );
    format!(
        "{}; three wrong credentials refused with a sentence",
        account(&sent, 0)
    )
}

/// Members of `[log]` that say who this is by an nkey.
fn without_user(mut log: Value) -> Value {
    log["user"] = Value::Null;
    log["password"] = Value::Null;
    log
}

fn user(name: &str) -> Value {
    json!({ "user": name })
}

/// A secret in a file.
fn secret(folder: &Path, name: &str, text: &str) -> Value {
    let path = folder.join(name);
    fs::write(&path, text).expect("written");
    let only_us = fs::Permissions::from_mode(0o600);
    fs::set_permissions(&path, only_us).expect("restricted");
    json!({ "file": path })
}

/// TLS, and the users of the documentation: an administrator, and the two blocks of permissions as the page has them.
fn configuration(namespace: &str, keys: &Path) -> String {
    let permissions = |user: &str| {
        let start = format!("# permissions of {user}\n");
        let block = PAGE
            .split_once(&start)
            .and_then(|(_, rest)| rest.split_once("```"));
        let (block, _) = block.expect("the page has the block");
        block
            .replace("segue.", &format!("{namespace}."))
            .replace("SEGUE_segue_", &format!("SEGUE_{namespace}_"))
    };
    format!(
        "tls {{ cert_file: \"{}\", key_file: \"{}\" }}\n\
         authorization {{ users: [\n\
         {{ user: admin, password: {PASSWORD} }}\n\
         {{ user: ingest, password: {PASSWORD}, permissions: {} }}\n\
         {{ nkey: {NKEY}, permissions: {} }}\n] }}\n",
        keys.join("server.pem").display(),
        keys.join("server-key.pem").display(),
        permissions("ingest"),
        permissions("deliver"),
    )
}

fn write_certificates(folder: &Path) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let ca = params.self_signed(&key).expect("a certificate");
    let issuer = Issuer::new(params, key);
    let server_key = KeyPair::generate().expect("a key");
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let server = CertificateParams::new(names).expect("names");
    let server = server
        .signed_by(&server_key, &issuer)
        .expect("a certificate");
    for (name, text) in [
        ("ca.pem", ca.pem()),
        ("server.pem", server.pem()),
        ("server-key.pem", server_key.serialize_pem()),
    ] {
        fs::write(folder.join(name), text).expect("written");
    }
}
