//! Lists and maps of texts.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::IpAddr;
use std::str::FromStr;

use conversions_ingest::AllowedOrigins;
use serde_json::{Value, json};

use crate::diagnostic::Mistake;
use crate::kinds::{Kind, texts_schema};
use crate::reader::Reader;
use crate::show::without_secrets;
use crate::tree::Node;

/// Names, exactly as they are written.
pub(crate) struct Names;

impl Kind<Vec<String>> for Names {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Vec<String>> {
        reader.names(name, node)
    }

    fn value(&self, value: &Vec<String>) -> Value {
        without_secrets(json!(value))
    }

    fn schema(&self) -> Value {
        texts_schema()
    }
}

/// Text to text.
pub(crate) struct TextMap;

impl Kind<BTreeMap<String, String>> for TextMap {
    fn read(
        &self,
        name: &str,
        node: &Node,
        reader: &mut Reader<'_>,
    ) -> Option<BTreeMap<String, String>> {
        reader.text_map(name, node).map(BTreeMap::from_iter)
    }

    fn value(&self, value: &BTreeMap<String, String>) -> Value {
        without_secrets(json!(value))
    }

    fn schema(&self) -> Value {
        json!({ "type": "object", "additionalProperties": { "type": "string" } })
    }
}

/// Origins of web pages; an empty list leaves the default, which is every origin.
pub(crate) struct Origins;

impl Kind<AllowedOrigins> for Origins {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<AllowedOrigins> {
        let origins = reader.names(name, node)?;
        (!origins.is_empty()).then_some(AllowedOrigins::List(origins))
    }

    fn value(&self, value: &AllowedOrigins) -> Value {
        match value {
            AllowedOrigins::Any => json!([]),
            AllowedOrigins::List(list) => without_secrets(json!(list)),
        }
    }

    fn schema(&self) -> Value {
        texts_schema()
    }
}

/// Networks, like `10.0.0.0/8`, and single addresses.
pub(crate) struct Networks;

impl<N: FromStr + From<IpAddr> + Display> Kind<Vec<N>> for Networks {
    fn read(&self, name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Vec<N>> {
        let parse = |text: &String| {
            let network = text.parse::<N>().ok();
            network.or_else(|| text.parse::<IpAddr>().ok().map(N::from))
        };
        let names = reader.names(name, node)?;
        let networks: Option<Vec<N>> = names.iter().map(parse).collect();
        if networks.is_none() {
            let mistake = Mistake::new(format!("`{name}` must be addresses or networks"));
            reader.error(
                &node.span,
                mistake.help("for example [\"10.0.0.0/8\", \"::1\"]"),
            );
        }
        networks
    }

    fn value(&self, value: &Vec<N>) -> Value {
        value.iter().map(ToString::to_string).collect()
    }

    fn schema(&self) -> Value {
        texts_schema()
    }
}
