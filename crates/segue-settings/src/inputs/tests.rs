use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;

use super::*;

const TOP: &str = "[[destinations]]\nname = \"shop\"\n[[sources]]\nname = \"web\"\ndestinations = [\"shop\"]\n[[inputs]]\n";
const KAFKA: &str = "name = \"orders\"\nkind = \"kafka\"\nsource = \"web\"\nbrokers = [\"127.0.0.1:9092\"]\ntopics = [\"t\"]\ngroup = \"g\"\n";
const NATS: &str = "name = \"orders\"\nkind = \"nats\"\nsource = \"web\"\nservers = [\"tls://n1:4222\"]\nstream = \"S\"\nconsumer = \"c\"\n";

/// The inputs, or the mistakes with their help.
fn read(text: &str) -> Result<Vec<InputSettings>, String> {
    let read = crate::parse(Path::new("segue.toml"), text, Timestamp::UNIX_EPOCH);
    read.map(|settings| settings.inputs).map_err(|mistakes| {
        let mistakes = mistakes
            .iter()
            .map(|one| format!("{} ({})", one.message, one.help.as_deref().unwrap_or("-")));
        mistakes.collect::<Vec<_>>().join("\n  ")
    })
}

#[test]
fn inputs_of_both_kinds_are_read_and_their_source_needs_no_write_key() {
    let text = format!("{TOP}{KAFKA}commit = \"delivered\"\n");
    let inputs = read(&text).expect("valid");
    let [input] = inputs.as_slice() else {
        panic!("one input")
    };
    assert_eq!(
        (input.name.as_str(), input.kind, input.commit),
        ("orders", InputKind::Kafka, InputCommit::Delivered)
    );
    assert_eq!(input.start, InputStart::Earliest);
    assert_eq!(input.group_name(), Some("g"));
    let inputs = read(&format!("{TOP}{NATS}start = \"latest\"\n")).expect("valid");
    assert_eq!(inputs[0].group_name(), Some("c"));
    assert_eq!(inputs[0].start, InputStart::Latest);
}

#[test]
fn without_sources_the_only_destination_gets_the_messages() {
    let kafka = KAFKA.replace("source = \"web\"\n", "");
    let inputs = read(&format!("pixel_id = \"1234567890\"\n[[inputs]]\n{kafka}")).expect("valid");
    assert_eq!(inputs[0].source, None);
}

#[test]
fn mistakes_say_what_to_do() {
    let mut report = String::new();
    for (name, text) in [
        ("no kind", "name = \"a\"\nsource = \"web\"\n".to_owned()),
        (
            "nothing but the kind",
            "name = \"a\"\nkind = \"kafka\"\n".to_owned(),
        ),
        (
            "nothing but the other kind",
            "name = \"a\"\nkind = \"nats\"\nsource = \"web\"\n".to_owned(),
        ),
        ("unknown source", KAFKA.replace("\"web\"", "\"wep\"")),
        ("a setting of NATS", format!("{KAFKA}stream = \"S\"\n")),
        (
            "elsewhere without TLS",
            KAFKA.replace("127.0.0.1", "b1.example"),
        ),
        (
            "elsewhere without TLS, NATS",
            NATS.replace("tls://", "nats://"),
        ),
        ("no port", KAFKA.replace("127.0.0.1:9092", "127.0.0.1")),
        (
            "a user in the address",
            KAFKA.replace("127.0.0.1", "u:p@127.0.0.1"),
        ),
        ("half a login", format!("{KAFKA}user = \"u\"\n")),
        (
            "SASL without a login",
            format!("{KAFKA}sasl_mechanism = \"PLAIN\"\n"),
        ),
        (
            "two logins",
            format!(
                "{NATS}user = \"u\"\npassword = {{ env = \"P\" }}\ncredentials = {{ env = \"C\" }}\n"
            ),
        ),
        (
            "half a certificate",
            format!("{KAFKA}tls_key = \"k.pem\"\n"),
        ),
        (
            "one group for two",
            format!("{KAFKA}[[inputs]]\n{}", KAFKA.replace("orders", "other")),
        ),
        ("unknown commit", format!("{KAFKA}commit = \"sent\"\n")),
    ] {
        let mistakes = read(&format!("{TOP}{text}")).expect_err(name);
        let _ = writeln!(report, "{name}\n  {mistakes}");
    }
    insta::assert_snapshot!(report);
}

#[test]
fn plaintext_is_allowed_where_it_is_asked_for_and_tls_needs_no_asking() {
    for extra in ["tls = true\n", "allow_plaintext = true\n"] {
        let text = format!("{TOP}{}{extra}", KAFKA.replace("127.0.0.1", "b1.example"));
        assert!(read(&text).is_ok(), "{extra}");
    }
}

#[test]
fn no_secret_is_shown() {
    let text = format!("{TOP}{KAFKA}user = \"u\"\npassword = \"sekrit\"\n");
    let shown = read(&text).map(|inputs| format!("{:?}{:?}", inputs[0].in_force(), inputs[0]));
    assert!(!shown.expect("valid").contains("sekrit"));
}
