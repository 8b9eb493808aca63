//! Settings, secrets and destinations are exchanged while it runs.

use graph_sandbox::{Sandbox, Script, Step};

use crate::http::{Connection, post_request};
use crate::server::{Graph, KEY, Place, eventually, track};

fn source(key: &str, destinations: &str) -> String {
    format!("[[sources]]\nname = 'web'\nwrite_keys = ['{key}']\ndestinations = [{destinations}]\n")
}

fn destination(name: &str, pixel: &str, graph: &str) -> String {
    format!(
        "[[destinations]]\nname = '{name}'\npixel_id = '{pixel}'\naccess_token = {{ file = 'token' }}\n\
         graph_url = '{graph}'\nlinger_ms = 10\n"
    )
}

#[test]
fn a_changed_settings_file_is_applied_and_connections_stay_open() {
    let place = Place::new();
    let file = |key: &str| format!("{}{}", "[[destinations]]\nname = 'a'\n", source(key, "'a'"));
    place.write("segue.toml", &file("old"));
    let server = place.serve(&["--sandbox", "--settings", "segue.toml"]);
    let mut connection = Connection::open(server.ingest()).unwrap();
    let mut status = |key: &str| {
        let request = post_request("/v1/track", &track(key, key));
        connection.request(&request).unwrap().status
    };
    assert_eq!((status("old"), status("new")), (200, 401));
    place.write("segue.toml", &file("new"));
    eventually("the new key is in force", || status("new") == 200);
    assert_eq!(status("old"), 401);

    // Invalid settings are refused, and the old ones stay in force.
    place.write("segue.toml", &format!("colour = 1\n{}", file("newer")));
    server.signal("HUP");
    eventually("it is said", || {
        server.log().contains("the old ones stay in force")
    });
    let log = server.log();
    assert!(
        log.contains("unknown key `colour`") && !log.contains("newer"),
        "{log}"
    );
    assert_eq!((status("new"), status("newer")), (200, 401));
    assert!(server.metric("segue_settings_reloads_total", "refused") >= 1.0);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn destinations_can_be_added_and_removed() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    let url = graph.sandbox().url().to_owned();
    place.write("token", "any");
    let (one, two) = (destination("one", "1", &url), destination("two", "2", &url));
    place.write("segue.toml", &format!("{one}{}", source(KEY, "'one'")));
    let server = place.serve(&["--settings", "segue.toml", "--data-dir", "data"]);
    assert_eq!(server.track(&track(KEY, "m-1")).status, 200);

    place.write(
        "segue.toml",
        &format!("{one}{two}{}", source(KEY, "'one', 'two'")),
    );
    let mut sent = 0;
    eventually("both get what comes", || {
        sent += 1;
        assert_eq!(
            server.track(&track(KEY, &format!("both-{sent}"))).status,
            200
        );
        let requests = graph.sandbox().edge().statistics().requests;
        requests.iter().any(|request| &*request.pixel_id == "2")
    });
    place.write("segue.toml", &format!("{two}{}", source(KEY, "'two'")));
    let gone = "segue_ingest_messages_total{source=\"web\",destination=\"one\"";
    eventually("the first gets no more", || {
        let before = server.metric(gone, "");
        sent += 1;
        // A request that was under way while the destination went is asked to come back.
        let status = server.track(&track(KEY, &format!("both-{sent}"))).status;
        assert!(matches!(status, 200 | 503), "{status}");
        status == 200 && server.metric(gone, "").total_cmp(&before).is_eq()
    });
    eventually("all arrive", || graph.arrived().len() >= sent);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn undelivered_events_survive_a_change_of_destinations() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    let url = graph.sandbox().url().to_owned();
    let fails = Script::default().step(Step::html(500).always());
    graph.sandbox().set_script(fails).unwrap();
    place.write("token", "any");
    let (one, two) = (destination("one", "1", &url), destination("two", "2", &url));
    place.write("segue.toml", &format!("{one}{}", source(KEY, "'one'")));
    let server = place.serve(&["--settings", "segue.toml", "--data-dir", "data"]);
    for id in ["m-1", "m-2"] {
        assert_eq!(server.track(&track(KEY, id)).status, 200);
    }
    eventually("it fails", || {
        server.metric("segue_requests_total", "one") > 0.5
    });
    place.write(
        "segue.toml",
        &format!("{one}{two}{}", source(KEY, "'one', 'two'")),
    );
    eventually("the destinations change", || {
        server.metric("segue_settings_reloads_total", "applied") > 0.5
    });
    graph.sandbox().set_script(Script::default()).unwrap();
    eventually("it arrives", || {
        let arrived = graph.arrived();
        arrived.contains("m-1") && arrived.contains("m-2")
    });
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_new_token_frees_a_destination_that_is_held() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder().access_token("good"));
    let url = graph.sandbox().url().to_owned();
    place.write("token", "expired");
    let file = format!(
        "{}{}",
        destination("shop", "1", &url),
        source(KEY, "'shop'")
    );
    place.write("segue.toml", &file);
    let server = place.serve(&["--settings", "segue.toml", "--data-dir", "data"]);
    assert_eq!(server.track(&track(KEY, "m-1")).status, 200);
    eventually("it is held", || {
        server.metric("segue_destination_held", "shop") > 0.5
    });
    assert!(
        server.log().contains("destination held"),
        "{}",
        server.log()
    );
    place.write("token", "good");
    eventually("it arrives", || graph.arrived().contains("m-1"));
    assert_eq!(server.stop(), Some(0));
}
