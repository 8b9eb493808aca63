//! `segue explain` and `segue check`.

use serde_json::Value;

use crate::run::{Files, NOW, event, example, run, run_with, segue};

#[test]
fn explain_shows_values_of_the_event_but_not_of_the_message() {
    let personal = r#"{"type":"track","event":"Order Completed","userId":"u-1","timestamp":"2026-11-23T11:59:30Z",
        "context":{"ip":"203.0.113.77","traits":{"email":"ada@example.com","firstName":"Augusta"}},"properties":{"revenue":5}}"#
        .replace('\n', " ");
    let ran = run_with(segue(&["explain", "--now", NOW]), personal.as_bytes());
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    assert!(
        ran.out
            .starts_with("Line 1 is accepted: it is sent as Purchase."),
        "{}",
        ran.out
    );
    let row = ran
        .out
        .lines()
        .find(|line| line.trim_start().starts_with("em "))
        .unwrap();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(cells, ["em", "b5fc85e5…", "context.traits.email", "hashed"]);
    for value in ["ada@", "example.com", "Augusta", "203.0.113"] {
        assert!(!ran.out.contains(value), "{value} is shown: {}", ran.out);
    }
    assert!(!ran.out.contains('\u{1b}'), "colours are for terminals");
}

#[test]
fn explain_takes_the_first_event_or_the_given_line() {
    let files = Files::new();
    let path = files.write(
        "events.ndjson",
        format!("\n{}\n{}\n", event("Lead", "m-1"), "{\"type\":\"group\"}"),
    );
    let first: Value =
        serde_json::from_str(&run(&["explain", "--format", "json", "--now", NOW, &path]).out)
            .unwrap();
    assert_eq!(
        (&first["line"], &first["event_name"]),
        (&2.into(), &"Lead".into())
    );
    assert_eq!(first["fields"][0]["effect"], "copied");
    let third: Value =
        serde_json::from_str(&run(&["explain", "--format", "json", "--line", "3", &path]).out)
            .unwrap();
    assert_eq!(third["reason"], "not_track");
    let none = run(&["explain", "--line", "9", &path]);
    assert_eq!(none.status, Some(2));
    assert!(none.err.contains("no event in line 9"), "{}", none.err);
}

#[test]
fn check_shows_what_is_in_force_and_hides_secrets() {
    let files = Files::new();
    let settings = files.write(
        "segue.toml",
        "pixel_id = '42'\naccess_token = 'sekrit'\nhash_external_id = true\n",
    );
    let ran = run(&["check", "--settings", &settings]);
    assert_eq!(ran.status, Some(0));
    assert!(
        ran.err
            .contains("warning: `access_token` is written into the settings"),
        "{}",
        ran.err
    );
    assert!(!ran.out.contains("sekrit") && !ran.err.contains("sekrit"));
    let row = ran
        .out
        .lines()
        .find(|line| line.contains("hash_external_id"))
        .unwrap();
    assert!(row.contains("true") && row.contains("line 3"), "{row}");

    let ran = run(&["check", "--settings", &settings, "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["ok"], true);
    let settings = &report["destinations"][0]["settings"];
    assert_eq!(settings["pixel_id"]["value"], "42");
    assert_eq!(settings["pixel_id"]["line"], 1);
    assert_eq!(settings["value_identifier"]["line"], Value::Null);
    assert!(!ran.out.contains("sekrit"));
}

#[test]
fn check_reports_every_mistake_with_its_position() {
    let files = Files::new();
    let settings = files.write(
        "segue.json",
        "{\"pixelId\": \"x\",\n \"limitedDataUsed\": true}",
    );
    let ran = run(&["check", "--settings", &settings]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains("segue.json:1:13: error:"), "{}", ran.err);
    assert!(
        ran.err
            .contains("segue.json:2:2: error: unknown key `limitedDataUsed`"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("did you mean `limitedDataUse`?"),
        "{}",
        ran.err
    );

    let ran = run(&["check", "--settings", &settings, "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.status, &report["ok"]), (Some(2), &false.into()));
    assert_eq!(report["diagnostics"][1]["line"], 2);
}

#[test]
fn the_schema_is_json() {
    let schema: Value = serde_json::from_str(&run(&["check", "--schema"]).out).unwrap();
    assert_eq!(
        schema["properties"]["pixelId"]["description"],
        schema["properties"]["pixel_id"]["description"]
    );
}

#[test]
fn the_example_settings_are_valid() {
    let settings = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/segue.toml");
    let ran = run(&["check", "--settings", settings]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let ran = run(&[
        "map",
        "--settings",
        settings,
        "--now",
        "2026-11-21T18:30:00Z",
        &example(),
    ]);
    let sent: Vec<_> = ran
        .objects()
        .iter()
        .map(|object| object["event"]["event_name"].clone())
        .collect();
    for name in [
        "Lead",
        "CompleteRegistration",
        "FindLocation",
        "AddPaymentInfo",
    ] {
        assert!(sent.contains(&name.into()), "{name} is not among {sent:?}");
    }
}

/// An Identify call, and a purchase by a webhook.
const IDENTIFY_AND_PAY: &str = r#"
    {"type":"identify","userId":"u-1","timestamp":"2026-11-20T10:00:00Z","traits":{"email":"ada@example.com"}}
    {"type":"track","event":"Order Completed","userId":"u-1","timestamp":"2026-11-20T11:00:00Z","properties":{"revenue":5}}
"#;

#[test]
fn check_tells_what_the_match_memory_adds_and_what_it_would_add() {
    let files = Files::new();
    let events = files.write("events.ndjson", IDENTIFY_AND_PAY);
    let settings = files.write("segue.toml", "[memory]\nenabled = true\n");
    let report = |more: &[&str]| {
        let args = [&["check", "--format", "json", "--events", &events], more].concat();
        let report: Value = serde_json::from_str(&run(&args).out).unwrap();
        report["events"].clone()
    };
    let suggested = |report: &Value| {
        let all = report["suggestions"].as_array().unwrap().clone();
        all.into_iter()
            .find(|one| one["suggestion"] == "match_memory")
    };
    let off = report(&[]);
    assert_eq!(off["match_keys"]["em"]["events"], 0);
    let would_help = suggested(&off).unwrap();
    assert_eq!(would_help["events"], 1);
    let advice = would_help["what_to_do"].as_str().unwrap();
    assert!(advice.contains("(`em` in 1)"), "{advice}");

    let on = report(&["--settings", &settings]);
    let em = &on["match_keys"]["em"];
    assert_eq!((&em["events"], &em["from_memory"]), (&1.into(), &1.into()));
    let external_id = &on["match_keys"]["external_id"];
    assert_eq!(external_id["from_memory"], 0, "it is the event's own");
    assert!(suggested(&on).is_none());
    let table = run(&["check", "--settings", &settings, "--events", &events]).out;
    assert!(table.contains("100.0% from memory"), "{table}");
}

#[test]
fn check_explains_the_match_memory_without_events_too() {
    let files = Files::new();
    let off = run(&["check"]).out;
    assert!(
        off.contains("With `enabled = true` under `[memory]`"),
        "{off}"
    );
    let settings = files.write(
        "segue.toml",
        "[memory]\nenabled = true\nremember_client = true\n",
    );
    let on = run(&["check", "--settings", &settings]).out;
    let on = on.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "Adds em, ph, fn,",
        "for 90 days after they were last seen",
        "IP address and user agent are kept in clear",
        "`segue forget` erases a person",
    ] {
        assert!(on.contains(part), "{on}");
    }
}

#[test]
fn explain_says_what_a_data_folder_needs_to_show_what_is_remembered() {
    let files = Files::new();
    let events = files.write("events.ndjson", IDENTIFY_AND_PAY);
    let explain = |settings: &str| {
        let settings = files.write("segue.toml", settings);
        let data_dir = files.write("data", "");
        run(&[
            "explain",
            "--settings",
            &settings,
            "--data-dir",
            &data_dir,
            &events,
        ])
    };
    let off = explain("");
    assert_eq!(off.status, Some(2));
    assert!(off.err.contains("`enabled = true`"), "{}", off.err);
    let empty = explain("[memory]\nenabled = true\n");
    assert_eq!(empty.status, Some(2));
    assert!(
        empty.err.contains("nothing is remembered in"),
        "{}",
        empty.err
    );
}
