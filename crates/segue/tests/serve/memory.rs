//! A shop whose people browse, identify themselves, and pay by a webhook that knows a user id and an amount.

use graph_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::http;
use crate::server::{Graph, KEY, Place, Server, eventually, files};

/// People of the shop.
const PEOPLE: usize = 12;
pub(crate) const WITH_MEMORY: &str = "[memory]\nenabled = true\n";
pub(crate) const SERVE: [&str; 6] = [
    "--settings",
    "segue.toml",
    "--write-key",
    KEY,
    "--data-dir",
    "data",
];

fn post(server: &Server<'_>, path: &str, mut message: Value) {
    message["writeKey"] = KEY.into();
    let reply = http::post(server.ingest(), path, &message.to_string()).unwrap();
    assert_eq!(reply.status, 200, "{}", reply.body);
}

pub(crate) fn anonymous_id(person: usize) -> String {
    format!("0a1b{person:04}-7c11-4f2a-9d3e-0123456789ab")
}

fn browse(server: &Server<'_>, person: usize) {
    post(
        server,
        "/v1/page",
        json!({
            "anonymousId": anonymous_id(person),
            "properties": { "fbp": format!("fb.1.1763990000000.{person}") },
            "context": { "page": { "url": format!("https://shop.example/?fbclid=Click{person}") } },
        }),
    );
}

pub(crate) fn identify(server: &Server<'_>, user: &str, anonymous: &str) {
    post(
        server,
        "/v1/identify",
        json!({
            "userId": user, "anonymousId": anonymous,
            "traits": { "email": format!("{user}@mail.example"), "firstName": "Jane" },
        }),
    );
}

pub(crate) fn pay(server: &Server<'_>, user: &str, order: &str) {
    post(
        server,
        "/v1/track",
        json!({
            "event": "Order Completed", "userId": user, "messageId": order,
            "properties": { "revenue": 19.9, "currency": "EUR" },
        }),
    );
}

/// `user_data` of the event of this id, once it has arrived.
pub(crate) fn user_data(graph: &Graph, order: &str) -> Value {
    eventually(order, || graph.arrived().contains(order));
    let path = format!("/events?event_id={order}");
    let listing = http::get(graph.sandbox().url(), &path).body;
    let listing: Value = serde_json::from_str(&listing).unwrap();
    listing["events"][0]["event"]["user_data"].clone()
}

/// How many of the shop's purchases have each field.
fn shares(settings: &str) -> [usize; 3] {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), settings);
    let server = place.serve(&SERVE);
    for person in 0..PEOPLE {
        let user = format!("u-{person}");
        browse(&server, person);
        // Every third one pays without ever having identified with a mail address.
        if person % 3 > 0 {
            identify(&server, &user, &anonymous_id(person));
        }
        pay(&server, &user, &format!("order-{person}"));
    }
    let purchases: Vec<_> = (0..PEOPLE)
        .map(|person| user_data(&graph, &format!("order-{person}")))
        .collect();
    let with = |field: &str| purchases.iter().filter(|one| !one[field].is_null()).count();
    let shares = ["em", "fbc", "fbp"].map(with);
    assert_eq!(server.stop(), Some(0));
    shares
}

#[test]
fn purchases_of_a_webhook_get_what_people_said_before() {
    assert_eq!(shares(""), [0, 0, 0]);
    let identified = PEOPLE - PEOPLE / 3;
    assert_eq!(shares(WITH_MEMORY), [identified; 3]);
}

#[test]
fn match_quality_says_which_keys_only_the_memory_had() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), WITH_MEMORY);
    let server = place.serve(&SERVE);
    identify(&server, "anna", &anonymous_id(1));
    for (user, order) in [("anna", "order-1"), ("carl", "order-2")] {
        pay(&server, user, order);
        user_data(&graph, order);
    }
    let quality = server.ops("/api/v1/match-quality").body;
    let quality: Value = serde_json::from_str(&quality).unwrap();
    let purchases = &quality["events"][0];
    assert_eq!(
        (&purchases["event_name"], &purchases["events"]),
        (&"Purchase".into(), &2.into())
    );
    let keys = purchases["keys"].as_array().unwrap();
    let counts = |key: &str| {
        let key = keys.iter().find(|one| one["key"] == key).unwrap();
        [&key["events"], &key["remembered"]].map(|count| count.as_u64().unwrap())
    };
    assert_eq!(counts("em"), [1, 1]);
    assert_eq!(counts("external_id"), [2, 0]);
    let page = server.ops("/match-quality").body;
    assert!(page.contains("Share without it"), "{page}");
    assert_eq!(server.stop(), Some(0));
    let history = place
        .segue(&["history", "--data-dir", "data"])
        .output()
        .unwrap();
    let text = String::from_utf8(history.stdout).unwrap();
    assert!(
        text.contains("em 50.0% (0.0% without the match memory)"),
        "{text}"
    );
}

#[test]
fn two_people_of_one_device_are_never_mixed() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), WITH_MEMORY);
    let server = place.serve(&SERVE);
    let tablet = anonymous_id(1);
    browse(&server, 1);
    for user in ["anna", "ben", "anna"] {
        identify(&server, user, &tablet);
    }
    pay(&server, "anna", "order-anna");
    pay(&server, "ben", "order-ben");
    pay(&server, "carl", "order-carl");
    let [anna, ben, carl] =
        ["order-anna", "order-ben", "order-carl"].map(|id| user_data(&graph, id));
    let hash = |mail: &str| {
        let hash = facebook_conversions::HashedValue::hash(mail).unwrap();
        Value::from(hash.as_str())
    };
    assert_eq!(anna["em"], hash("anna@mail.example"));
    assert_eq!(ben["em"], hash("ben@mail.example"));
    assert_eq!(anna["fbp"], ben["fbp"]);
    assert!(carl["em"].is_null() && carl["fbp"].is_null());
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_killed_endpoint_remembers_and_forgets_on_request() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), WITH_MEMORY);
    let server = place.serve(&SERVE);
    browse(&server, 1);
    identify(&server, "anna", &anonymous_id(1));
    identify(&server, "ben", &anonymous_id(2));
    // What is learned is on disk within a second; a busy machine takes a little longer.
    std::thread::sleep(std::time::Duration::from_secs(3));
    server.kill();

    let server = place.serve(&SERVE);
    pay(&server, "anna", "order-1");
    assert!(!user_data(&graph, "order-1")["em"].is_null());

    let forget = |args: &[&str]| {
        let args = [&["forget", "--data-dir", "data", "--format", "json"], args].concat();
        let output = place.segue(&args).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(forget(&["--user-id", "anna"]), "{\"forgotten\":2}\n");
    pay(&server, "anna", "order-2");
    let after = user_data(&graph, "order-2");
    assert!(after["em"].is_null() && after["fbc"].is_null(), "{after}");
    pay(&server, "ben", "order-3");
    assert!(!user_data(&graph, "order-3")["em"].is_null());
    assert_eq!(server.stop(), Some(0));

    // Without a process: of anna it is known again that she was there, which is nothing to forget.
    assert_eq!(forget(&["--all"]), "{\"forgotten\":2}\n");
    for file in files(&place.path("data/memory")) {
        let contents = std::fs::read(&file).unwrap();
        for id in ["anna", "mail.example", "0a1b"] {
            let found = contents.windows(id.len()).any(|part| part == id.as_bytes());
            assert!(!found, "{id} in {}", file.display());
        }
    }
}

#[test]
fn files_that_are_sent_with_a_data_folder_are_remembered() {
    let place = Place::new();
    let graph = Graph::start(Sandbox::builder());
    place.settings_for(graph.sandbox().url(), WITH_MEMORY);
    let now = jiff::Timestamp::now();
    let identify = json!({
        "type": "identify", "userId": "u-1", "timestamp": now.to_string(),
        "traits": { "email": "u-1@mail.example" },
    });
    let order = |id: &str| {
        json!({
            "type": "track", "event": "Order Completed", "userId": "u-1", "messageId": id,
            "timestamp": now.to_string(), "properties": { "revenue": 5 },
        })
    };
    place.write("people.ndjson", &format!("{identify}\n"));
    let send = |file: &str, orders: &str, more: &[&str]| {
        place.write(file, &format!("{}\n", order(orders)));
        let args = [
            &["send", "--settings", "segue.toml", "--data-dir", "data"],
            more,
        ]
        .concat();
        let output = place.segue(&args).arg(file).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    let args = [
        "send",
        "--settings",
        "segue.toml",
        "--data-dir",
        "data",
        "people.ndjson",
    ];
    let output = place.segue(&args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    send("orders.ndjson", "order-1", &[]);
    assert!(!user_data(&graph, "order-1")["em"].is_null());
    // A dry run leaves no traces.
    let before = files(&place.path("data/memory")).len();
    send("more.ndjson", "order-2", &["--dry-run"]);
    assert_eq!(files(&place.path("data/memory")).len(), before);
}

#[test]
fn forget_tells_whom_it_wants_to_know() {
    let place = Place::new();
    let output = place
        .segue(&["forget", "--data-dir", "data"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = place
        .segue(&["forget", "--data-dir", "data", "--all"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("nothing is remembered"), "{said}");
    std::fs::create_dir(place.path("data")).unwrap();
    let output = place
        .segue(&["forget", "--data-dir", "data", "--all"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "Nothing was known: nothing is forgotten.\n");
}
