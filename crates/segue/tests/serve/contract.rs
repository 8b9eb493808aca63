//! What `segue serve` promises to the person or script that starts it.

use serde_json::Value;

use crate::http::{self, Connection, post_request};
use crate::server::{KEY, Place, eventually, track};

#[test]
fn one_command_starts_a_working_endpoint() {
    let place = Place::new();
    let server = place.serve(&["--sandbox"]);
    let said = place.read("out");
    let word = |name: &str| {
        let line = said
            .lines()
            .find(|line| line.trim().starts_with(name))
            .unwrap();
        line.trim()[name.len()..]
            .split_whitespace()
            .next()
            .unwrap()
            .to_owned()
    };
    let (key, folder) = (word("Write key"), word("Data"));
    assert_eq!(server.ingest(), word("Senders"), "{said}");

    let reply = server.track(&track(&key, "m-1"));
    assert_eq!((reply.status, &*reply.body), (200, r#"{"success":true}"#));
    assert_eq!(server.track(&track("wk_other", "m-2")).status, 401);
    eventually("the event arrives", || {
        server.sandbox("/event-ids").contains("\"m-1\"")
    });

    assert!(std::path::Path::new(&folder).is_dir(), "{folder}");
    assert_eq!(server.stop(), Some(0));
    assert!(!std::path::Path::new(&folder).exists(), "{folder}");
}

#[test]
fn operators_have_a_listener_of_their_own() {
    let place = Place::new();
    let server = place.serve(&["--sandbox", "--write-key", "one", "--write-key", "two"]);
    for key in ["one", "two"] {
        assert_eq!(server.track(&track(key, key)).status, 200);
    }
    assert!(!place.read("out").contains("Write key"), "given, not made");
    assert_eq!(server.ops("/healthz").status, 200);
    assert_eq!(server.ops("/readyz").status, 200);
    assert_eq!(http::get(server.ingest(), "/metrics").status, 404);
    let described: Value = serde_json::from_str(&server.ops("/openapi.json").body).unwrap();
    assert!(described["paths"]["/v1/batch"].is_object());
    assert!(server.metric("segue_ingest_requests_total", "status=\"200\"") >= 2.0);
    eventually("both are delivered", || {
        server.metric("segue_events_delivered_total", "") >= 2.0
    });
    assert_eq!(server.log(), "", "quiet while all is well");
}

#[test]
fn requests_in_progress_are_answered_before_the_end() {
    let place = Place::new();
    let server = place.serve(&["--sandbox", "--write-key", KEY, "--data-dir", "data"]);
    let mut connection = Connection::open(server.ingest()).unwrap();
    let reply = connection.request(&post_request("/v1/t", &track(KEY, "m-1")));
    assert_eq!(reply.unwrap().status, 200);
    assert_eq!(server.stop(), Some(0));
    assert!(place.path("data").is_dir(), "a folder that was named stays");
}

#[test]
fn invalid_options_are_reported_at_once() {
    let place = Place::new();
    let several = "[[destinations]]\nname = 'a'\npixel_id = '1'\naccess_token = { env = 'TOKEN' }\n\
                   [[destinations]]\nname = 'b'\npixel_id = '2'\naccess_token = { env = 'TOKEN' }\n";
    place.write("several.toml", several);
    let sources = "[[sources]]\nname = 'web'\nwrite_keys = ['k']\n";
    place.write("sources.toml", &format!("pixel_id = '1'\n{sources}"));
    place.write(
        "tls.toml",
        "[serve]\ntls_certificate = 'none.pem'\ntls_key = 'none.pem'\n",
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (args, sentence) in [
        (&["serve"][..], "try --sandbox, which needs neither"),
        (
            &["serve", "--sandbox", "--listen", &taken],
            "another program listens there",
        ),
        (
            &["serve", "--sandbox", "--listen", "here"],
            "must be an address and a port",
        ),
        (
            &["serve", "--sandbox", "--write-key", "a b"],
            "a write key must have no blanks",
        ),
        (&["serve", "--settings", "several.toml"], "no [[sources]]"),
        (
            &[
                "serve",
                "--sandbox",
                "--settings",
                "sources.toml",
                "--write-key",
                "k",
            ],
            "leave --write-key out",
        ),
        (
            &["serve", "--sandbox", "--settings", "tls.toml"],
            "none.pem) cannot be read",
        ),
        (
            &["--log-level", "bogus", "serve", "--sandbox"],
            "--log-level must be",
        ),
    ] {
        let output = place.segue(args).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(sentence), "{args:?}: {said}");
    }
}

#[test]
fn a_new_settings_file_can_be_served_as_it_is() {
    let place = Place::new();
    let succeeds = |args: &[&str]| place.segue(args).output().unwrap().status.success();
    assert!(succeeds(&["init"]));
    let text = place.read("segue.toml");
    let again = place.segue(&["init"]).output().unwrap();
    assert_eq!(again.status.code(), Some(2), "never overwritten unasked");
    assert_eq!(place.read("segue.toml"), text);
    let mode = std::fs::metadata(place.path("segue.toml"))
        .unwrap()
        .permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
        0o600
    );

    assert!(succeeds(&["check", "--settings", "segue.toml"]));
    let server = place.serve(&["--sandbox", "--settings", "segue.toml"]);
    let key = text
        .split('"')
        .find(|word| word.starts_with("wk_"))
        .unwrap();
    assert_eq!(server.track(&track(key, "m-1")).status, 200);
    assert_eq!(server.stop(), Some(0));

    assert!(succeeds(&["init", "--force"]));
    assert_ne!(place.read("segue.toml"), text, "another write key");
}
