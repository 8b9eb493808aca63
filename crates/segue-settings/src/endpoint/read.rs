//! Reading `[serve]`.

use std::time::Duration;

use conversions_ingest::{AllowedOrigins, Ingest, OptionsError};

use crate::diagnostic::{Mistake, named};
use crate::endpoint::{ENDPOINT, Endpoint, EndpointSetting, Kind};
use crate::reader::Reader;
use crate::suggest::closest;
use crate::tree::{Entry, Node};

/// Reads the table.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Endpoint {
    let mut endpoint = Endpoint::default();
    let Some(entries) = reader.members("serve", node, "[serve]") else {
        return endpoint;
    };
    for entry in entries {
        let Some(setting) = ENDPOINT.iter().find(|setting| setting.is_named(&entry.key)) else {
            unknown(entry, reader);
            continue;
        };
        if !entry.node.is_unset() {
            let at = reader.source.start_of(&entry.key_span);
            if endpoint.given.insert(setting.name, at).is_some() {
                let mistake = Mistake::new(format!("`{}` is there in two spellings", setting.name));
                reader.error(&entry.key_span, mistake.help("keep one of the two"));
            }
            setting.read(&entry.node, &mut endpoint, reader);
        }
    }
    if endpoint.tls_certificate.is_some() != endpoint.tls_key.is_some() {
        let mistake =
            Mistake::new("`tls_certificate` and `tls_key` belong together: one is missing");
        reader.error(&node.span, mistake);
    }
    if let Err(error) = Ingest::check(&endpoint.ingest) {
        reader.error(&node.span, Mistake::new(said(&error)));
    }
    endpoint
}

fn unknown(entry: &Entry, reader: &mut Reader<'_>) {
    let mut mistake = Mistake::new(format!("unknown key{}", named(&entry.key)));
    let meant = closest(&entry.key, ENDPOINT.iter().map(|setting| setting.name));
    mistake.help = meant.map(|name| format!("did you mean `{name}`?"));
    reader.error(&entry.key_span, mistake);
}

/// Without the value, which may have slipped in from elsewhere.
fn said(error: &OptionsError) -> String {
    match error {
        OptionsError::InvalidOrigin(_) => {
            "`allowed_origins` must be like https://shop.example.com or https://*.example.com"
                .to_owned()
        }
        OptionsError::InvalidPublicUrl(_) => {
            "`public_url` must be like https://events.example.com/v1".to_owned()
        }
        OptionsError::CredentialsForAnyOrigin => {
            "`allow_credentials` needs `allowed_origins`: any page could use the visitor's cookies"
                .to_owned()
        }
        error => error.to_string(),
    }
}

impl EndpointSetting {
    fn read(&self, node: &Node, endpoint: &mut Endpoint, reader: &mut Reader<'_>) {
        let name = self.name;
        match self.kind {
            Kind::Flag(place) => put(reader.flag(name, node), place(endpoint)),
            Kind::Count(place, limits) => put(reader.count(name, node, limits), place(endpoint)),
            Kind::Size(place, limits) => {
                let size = reader.count(name, node, limits);
                put(
                    size.and_then(|size| usize::try_from(size).ok()),
                    place(endpoint),
                );
            }
            Kind::Seconds(place, limits) => {
                let seconds = reader.count(name, node, limits);
                put(seconds.map(Duration::from_secs), place(endpoint));
            }
            Kind::Text(place) => put(reader.text(name, node).map(str::to_owned), place(endpoint)),
            Kind::Choice(words, set, _) => match reader.text(name, node) {
                Some(word) if words.contains(&word) => set(endpoint, word),
                Some(_) => {
                    let words = words.join("` or `");
                    reader.error(
                        &node.span,
                        Mistake::new(format!("`{name}` must be `{words}`")),
                    );
                }
                None => {}
            },
            Kind::File(place) => {
                let path = reader.text(name, node);
                let path = path.map(|path| reader.source.folder().join(path));
                put(path.map(Some), place(endpoint));
            }
            Kind::Url => {
                let url = reader.text(name, node).map(str::to_owned);
                put(url.map(Some), &mut endpoint.ingest.public_url);
            }
            Kind::Origins => {
                let origins = reader.names(name, node).filter(|list| !list.is_empty());
                put(
                    origins.map(AllowedOrigins::List),
                    &mut endpoint.ingest.cors.allowed_origins,
                );
            }
            Kind::Networks => networks(name, node, endpoint, reader),
        }
    }
}

fn put<T>(value: Option<T>, place: &mut T) {
    if let Some(value) = value {
        *place = value;
    }
}

/// Networks, like `10.0.0.0/8`, and single addresses.
fn networks(name: &str, node: &Node, endpoint: &mut Endpoint, reader: &mut Reader<'_>) {
    for text in reader.names(name, node).unwrap_or_default() {
        let network = text
            .parse()
            .or_else(|_| text.parse().map(|address: std::net::IpAddr| address.into()));
        match network {
            Ok(network) => endpoint.ingest.enrichment.trusted_proxies.push(network),
            Err(_) => reader.error(
                &node.span,
                Mistake::new(format!("`{name}` must be addresses or networks"))
                    .help("for example [\"10.0.0.0/8\", \"::1\"]"),
            ),
        }
    }
}
