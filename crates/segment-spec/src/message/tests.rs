use proptest::prelude::*;

use super::Message;
use crate::{Line, Raw, ReadError};

fn read<T>(text: &str, then: impl FnOnce(Result<Message<'_>, ReadError>) -> T) -> T {
    let line = Line::new(text.as_bytes()).expect("a readable line");
    then(Message::read(&line))
}

#[test]
fn members_are_found_at_every_level() {
    let text = r#" {"type":"track","context":{"ip":"1.2.3.4","page":{"url":"https://shop.example/?a=1"},
        "traits":{"first_name":"Ada","address":{"zip":94035}}},"properties":{"b":1,"a":{"x":[1,2]},"b":2}} "#;
    read(text, |message| {
        let message = message.expect("a message");
        assert_eq!(
            message.context.traits.first_name[1].map(Raw::text),
            Some("\"Ada\"")
        );
        assert_eq!(
            message.context.traits.address.postal_code[3].map(Raw::text),
            Some("94035")
        );
        let keys: Vec<_> = message
            .properties
            .as_slice()
            .iter()
            .map(|property| &*property.key)
            .collect();
        assert_eq!(keys, ["a", "b"], "sorted, each once");
        assert_eq!(
            message.properties.get("b").map(Raw::text),
            Some("2"),
            "the last of repeated keys wins"
        );
        assert_eq!(
            message.at_path("context.traits.address.zip").map(Raw::text),
            Some("94035")
        );
        assert_eq!(message.at_path("context.ip.zip"), None);
    });
}

#[test]
fn wrong_type_is_marked_and_its_neighbours_are_read() {
    for wrong in ["1e400", "[1e400]", "\"text\"", "false", "-1", "0.5"] {
        let text = format!(
            r#"{{"context":{wrong},"properties":{wrong},"event":"Signed Up","userId":1e400}}"#
        );
        read(&text, |message| {
            let message = message.expect("still a message");
            assert!(
                message.context.wrong_type && message.properties.is_wrong_type(),
                "{wrong}"
            );
            assert_eq!(message.event.map(Raw::text), Some("\"Signed Up\""));
            assert_eq!(message.user_id.map(Raw::text), Some("1e400"));
        });
    }
    read(r#"{"context":null,"properties":null}"#, |message| {
        let message = message.expect("a message");
        assert!(!message.context.wrong_type && !message.properties.is_wrong_type());
    });
}

#[test]
fn text_that_is_not_json_and_json_that_is_not_an_object_are_told_apart() {
    for text in ["[1]", "42", "1e400", "\"x\"", "null", " true "] {
        read(text, |message| {
            assert_eq!(message.map(|_| ()), Err(ReadError::NotAnObject), "{text}");
        });
    }
    for text in [
        "",
        "{",
        "{\"a\":}",
        "{} {}",
        "{'a':1}",
        "{\"a\":1,}",
        "nul",
        "{\"a\":01}",
        "{\"a\":\"\u{1}\"}",
        "[1",
    ] {
        read(text, |message| {
            assert!(matches!(message, Err(ReadError::NotJson { .. })), "{text}");
        });
    }
}

proptest! {
    #[test]
    fn any_bytes_give_a_message_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(line) = Line::new(&bytes) {
            let _ = Message::read(&line);
        }
    }

    #[test]
    fn what_serde_json_reads_as_an_object_is_a_message(text in "[\\[\\]{}\":,0-9a-e \\\\nu.+-]{0,40}") {
        let line = Line::new(text.as_bytes()).expect("short and shallow");
        let is_object = serde_json::from_str::<std::collections::BTreeMap<String, &serde_json::value::RawValue>>(line.text()).is_ok();
        prop_assert_eq!(Message::read(&line).is_ok(), is_object);
    }
}
