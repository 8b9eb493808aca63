//! What users see when their settings are wrong.

use std::path::Path;

use insta::assert_snapshot;

use super::*;

/// Noon of 23 November 2026.
fn noon() -> Timestamp {
    Timestamp::from_second(1_795_435_200).unwrap()
}

/// Loads `text` as a file of this name, from a folder of its own that is not shown.
fn load_text(name: &str, text: &str) -> Result<Settings, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let shown = |mut diagnostics: Vec<Diagnostic>| {
        for diagnostic in &mut diagnostics {
            diagnostic.file = Path::new(name).to_owned();
        }
        diagnostics
    };
    load(&path, noon())
        .map(|settings| Settings {
            warnings: shown(settings.warnings),
            ..settings
        })
        .map_err(shown)
}

fn said(diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn mistakes(name: &str, text: &str) -> String {
    said(&load_text(name, text).unwrap_err())
}

#[test]
fn all_mistakes_are_reported_at_once_with_their_places() {
    let text = r#"
pixelID = "1234"
pixel_id = "not digits"
limited_data_use = "yes"
default_currency = "Euro"
api_version = "26"
graph_url = "http://graph.example"
data_processing_options = [["LDU"], 1, 4711]
batch_events = 5000
colour = "green"
token = "EAAB"

[standard_events]
"Signed Up" = "CompleteRegistraton"
"Order Placed" = "Purchase"
order_placed = "Lead"
"#;
    assert_snapshot!(mistakes("segue.toml", text), @r#"
    segue.toml:2:1: error: unknown key `pixelID`
      did you mean `pixelId`?
    segue.toml:3:12: error: `pixel_id` must consist of digits, at most 32
      copy the dataset or pixel id from Events Manager
    segue.toml:4:20: error: `limited_data_use` must be true or false, not text
    segue.toml:5:20: error: `default_currency` is not a currency code of ISO 4217
      for example "USD" or "EUR"
    segue.toml:6:15: error: `api_version` must look like v26.0
    segue.toml:7:13: error: `graph_url` cannot be used: plain http is only for this machine (127.0.0.1, ::1, localhost), because the access token would be readable on the way: write https://
      the default is https://graph.facebook.com
    segue.toml:8:27: error: `data_processing_options` must be a list of options, country and state
      for example [["LDU"], 0, 0]; country 0 or 1, state 0 or 1000 to 1013
    segue.toml:9:16: error: `batch_events` must be a whole number from 1 to 1000
    segue.toml:10:1: error: unknown key `colour`
    segue.toml:11:1: error: unknown key `token`
      the setting for that is `access_token`
    segue.toml:14:15: error: `Signed Up` is mapped to something that is not a standard event
      did you mean `CompleteRegistration`?
    segue.toml:16:1: error: `order_placed` is mapped twice, to different standard events
      event names are compared without case and outer blanks, and `_` counts as a space; keep one of the two
    "#);
}

#[test]
fn segments_own_names_load_as_they_are() {
    let text = r#"{
  "pixelId": "1234567890",
  "standardEvents": {"Signed Up": "CompleteRegistration", "Old": ""},
  "valueIdentifier": "value",
  "externalIdProp": "",
  "limitedDataUse": true,
  "contentTypes": {"Homes": "home_listing"}
}"#;
    let settings = load_text("segment.json", text).unwrap();
    let destination = &settings.destinations[0];
    assert_eq!(destination.graph.pixel_id, "1234567890".parse().ok());
    assert_eq!(
        destination.mapping.standard_events.len(),
        1,
        "an empty target is not set"
    );
    assert_eq!(destination.mapping.value_identifier, "value");
    assert_eq!(destination.mapping.external_id_prop, None);
    assert!(destination.mapping.limited_data_use);
    assert_eq!(
        destination.given.keys().copied().collect::<Vec<_>>(),
        [
            "content_types",
            "limited_data_use",
            "pixel_id",
            "standard_events",
            "value_identifier"
        ]
    );
}

#[test]
fn one_setting_in_two_spellings_is_a_mistake() {
    assert_snapshot!(mistakes("segue.toml", "pixelId = \"1\"\npixel_id = \"1\"\n"), @"
    segue.toml:2:1: error: `pixel_id` and `pixelId` are the same setting
      keep one of the two; the other one is in line 1
    ");
    assert_snapshot!(mistakes("segue.json", "{\"pixelId\": \"1\",\n\"pixelId\": \"2\"}"), @"
    segue.json:2:1: error: `pixelId` is given twice
      keep one of the two
    ");
}

#[test]
fn syntax_errors_name_the_position_and_show_no_text() {
    let toml = "access_token = sekrit\npixel_id = \"1\nlimited_data_use = maybe\n";
    let json = "{\n  \"access_token\": \"sekrit\" \"pixel_id\": 1\n}";
    let shown = [mistakes("segue.toml", toml), mistakes("segue.json", json)].join("\n");
    assert!(!shown.contains("sekrit"));
    assert_snapshot!(shown, @r#"
    segue.toml:1:16: error: syntax error: string values must be quoted, expected literal string
    segue.toml:2:14: error: syntax error: invalid basic string, expected `"`
    segue.toml:3:20: error: syntax error: string values must be quoted, expected literal string
    segue.json:2:27: error: syntax error: expected comma
    "#);
}

#[test]
fn secrets_are_named_and_never_shown() {
    let text = r#"
pixel_id = "1"
access_token = "sekrit-token"
app_secret = { env = "META_APP_SECRET" }
"#;
    let settings = load_text("segue.toml", text).unwrap();
    assert!(!format!("{settings:?}").contains("sekrit"));
    assert_snapshot!(said(&settings.warnings), @r#"
    segue.toml:3:16: warning: `access_token` is written into the settings
      keep it out of the file: access_token = { env = "ACCESS_TOKEN" } or { file = "access_token.txt" }
    "#);

    let wrong = "access_token = { evn = \"sekrit-A\" }\napp_secret = 5\n";
    assert_snapshot!(mistakes("segue.toml", wrong), @r#"
    segue.toml:1:18: error: `access_token` cannot come from `evn`
      did you mean `env`?
    segue.toml:2:14: error: `app_secret` must be { env = "NAME" } or { file = "path" }, not a number
    "#);
}

#[test]
fn a_secret_in_the_place_of_a_name_is_not_shown() {
    let token = "EAABsbCS1iHgBOsekrit";
    let text = format!(
        "access_token = {{ env = \"{token}\" }}\napp_secret = {{ file = \"{token}\" }}\n{token} = \"x\"\n"
    );
    let key = format!("access_token = {{ {token} = \"x\" }}\napp_secret = {{ env = \"A B\" }}\n");
    let shown = [mistakes("segue.toml", &text), mistakes("segue.toml", &key)].join("\n");
    assert!(!shown.contains("sekrit"), "{shown}");
    assert_snapshot!(shown, @r#"
    segue.toml:1:24: error: `env` must be the name of an environment variable; this looks like the secret itself
      a name has letters, digits and `_` only, at most 64, and no digit in front
    segue.toml:2:23: error: `file` must be the path of a file; this looks like the secret itself
      if it is the name of a file, write ./ before it
    segue.toml:3:1: error: unknown key
    segue.toml:1:18: error: `access_token` cannot come from there
      write { env = "NAME" } or { file = "path" }
    segue.toml:2:22: error: `env` must be the name of an environment variable
      a name has letters, digits and `_` only, at most 64, and no digit in front
    "#);
}

/// Takes minutes when reading is quadratic.
#[test]
fn reading_time_grows_linearly_with_the_length_of_a_table() {
    let entries = |line: fn(usize) -> String| (0..20_000).map(line).collect::<Vec<_>>();
    let toml = entries(|at| format!("\"Event {at}\" = \"Lead\"")).join("\n");
    let settings = load_text("segue.toml", &format!("[standard_events]\n{toml}\n")).unwrap();
    assert_eq!(
        settings.destinations[0].mapping.standard_events.len(),
        20_000
    );
    let json = entries(|at| format!("\"Event {at}\": 1")).join(", ");
    let json = format!("{{\"standardEvents\": {{{json}}}}}");
    let mistakes = load_text("segue.json", &json).unwrap_err();
    assert_eq!(mistakes.len(), 20_000);
}

#[test]
fn a_version_in_the_url_draws_a_warning() {
    let warnings = |url: &str| {
        let settings = load_text("segue.toml", &format!("graph_url = \"{url}\"\n")).unwrap();
        said(&settings.warnings)
    };
    assert_snapshot!(warnings("https://graph.facebook.com/v26.0/"), @"
    segue.toml:1:1: warning: `graph_url` ends in a version, and `api_version` is added to it
      remove the version, and set `api_version` instead
    ");
    assert_eq!(warnings("https://graph.facebook.com"), "");
    assert_eq!(warnings("https://proxy.example/meta"), "");
}

#[test]
fn several_destinations_need_names_and_sources_name_them() {
    let text = r#"
[[destinations]]
name = "shop"
pixel_id = 1234567890

[[destinations]]
name = "outlet"
pixel_id = "42"
send_page = true

[[sources]]
name = "web"
write_keys = ["k1", "k2"]
destinations = ["shop", "outlet"]
"#;
    let settings = load_text("segue.toml", text).unwrap();
    let names: Vec<_> = settings
        .destinations
        .iter()
        .filter_map(|one| one.name.as_deref())
        .collect();
    assert_eq!(names, ["shop", "outlet"]);
    assert_eq!(
        settings.destinations[0].graph.pixel_id,
        "1234567890".parse().ok()
    );
    assert!(settings.destinations[1].mapping.send_page);
    assert_eq!(settings.sources[0].destinations, ["shop", "outlet"]);

    let wrong = r#"
pixel_id = "1"
[[destinations]]
name = "shop"
[[destinations]]
name = "shop"
[[destinations]]
pixel_id = "3"
[[sources]]
name = "web"
writeKeys = []
destination = ["shop"]
[[sources]]
name = "app"
write_keys = ["key"]
destinations = ["shpo"]
"#;
    assert_snapshot!(mistakes("segue.toml", wrong), @r#"
    segue.toml:2:1: error: `pixel_id` is outside the destinations
      move it into one of the [[destinations]]
    segue.toml:6:8: error: two destinations have the name `shop`
    segue.toml:7:1: error: a destination among several needs a `name`
      for example name = "shop"
    segue.toml:9:1: error: a source must name its `destinations`
      for example destinations = ["shop"]
    segue.toml:11:13: error: a source needs at least one of `write_keys`
      `segue init` generates one; a source of Segment's webhook has `webhook_secret` instead, and one that [[inputs]] name needs none
    segue.toml:12:1: error: unknown key `destination`
      did you mean `destinations`?
    segue.toml:16:16: error: there is no destination `shpo`
      did you mean `shop`?
    "#);
}

#[test]
fn files_that_cannot_be_settings_are_refused() {
    assert_snapshot!(mistakes("segue.yaml", "a: 1"), @"segue.yaml: error: settings are TOML or JSON, and the file's name must end in .toml or .json");
    assert_snapshot!(said(&load(Path::new("nowhere.toml"), noon()).unwrap_err()), @"
    nowhere.toml: error: there is no such file
      `segue init` writes a settings file to begin with
    ");
    assert_snapshot!(mistakes("segue.json", ""), @"segue.json:1:1: error: syntax error: the file is empty; the smallest settings are `{}`");
    assert_snapshot!(mistakes("segue.json", "[1]"), @"segue.json:1:1: error: syntax error: settings must be a JSON object");
    assert!(load_text("empty.toml", "").is_ok(), "the defaults hold");
    assert!(load_text("bom.toml", "\u{feff}send_page = true\n").is_ok());
}

#[test]
fn a_version_past_its_end_draws_a_warning() {
    let settings = load_text("segue.toml", "api_version = \"v22.0\"\n").unwrap();
    assert_snapshot!(said(&settings.warnings), @"
    segue.toml:1:1: warning: the Graph API version v22.0 ended on 2026-02-19
      use v26.0, or leave `api_version` out
    ");
    assert!(
        load_text("segue.toml", "api_version = \"v26.0\"\n")
            .unwrap()
            .warnings
            .is_empty()
    );
}

#[test]
fn a_secret_in_the_place_of_a_code_or_a_name_is_refused_unseen() {
    let text = "[[destinations]]\nname = 'EAABsekrit1'\ntest_event_code = 'EAABsekrit2'\n";
    assert_snapshot!(mistakes("segue.toml", text), @"
    segue.toml:2:8: error: the name of a destination looks like a secret
      names are shown in metrics and tables; if it is a secret, replace it
    segue.toml:3:19: error: `test_event_code` looks like a secret
      it is the short code of the tab Test Events in Events Manager
    ");
}
