//! The settings that analytics.js and the mobile libraries fetch before they start.

use std::net::IpAddr;

use axum::extract::OriginalUri;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use serde_json::json;

use crate::compiled_options::CompiledOptions;
use crate::http::tls::IsEncrypted;
use crate::request::sender::Sender;

/// The settings of a project: they say where to send events, and switch everything else off.
pub(crate) fn document(
    compiled: &CompiledOptions,
    write_key: &str,
    parts: &Parts,
    peer: Option<IpAddr>,
) -> String {
    let mut own = json!({ "apiKey": write_key });
    if let Some((protocol, host)) = address(compiled, parts, peer) {
        own["protocol"] = json!(protocol);
        own["apiHost"] = json!(host);
    }
    let enabled = json!({ "__default": { "enabled": true, "integrations": {} } });
    json!({
        "integrations": { "Segment.io": own },
        "plan": { "track": enabled, "identify": enabled, "group": enabled },
        "edgeFunction": {},
        "analyticsNextEnabled": true,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": { "sampleRate": 0 },
        "legacyVideoPluginsEnabled": false,
        "remotePlugins": [],
    })
    .to_string()
}

/// Protocol and host, with the path up to `/v1`: the public address, or else the one that the client called.
fn address(
    compiled: &CompiledOptions,
    parts: &Parts,
    peer: Option<IpAddr>,
) -> Option<(String, String)> {
    if let Some((protocol, rest)) = compiled
        .options
        .public_url
        .as_deref()
        .and_then(|url| url.split_once("://"))
    {
        return Some((protocol.to_owned(), rest.trim_end_matches('/').to_owned()));
    }
    let sender = Sender {
        peer,
        headers: &parts.headers,
    };
    let host: Authority = sender
        .text("host")
        .filter(|host| !host.contains('@'))?
        .parse()
        .ok()?;
    let trusted = &compiled.options.enrichment.trusted_proxies;
    let is_behind = peer.is_some_and(|peer| {
        let peer = peer.to_canonical();
        trusted.iter().any(|network| network.contains(&peer))
    });
    let forwarded = sender
        .text("x-forwarded-proto")
        .filter(|_| is_behind)
        .filter(|protocol| matches!(*protocol, "http" | "https"));
    let own = if parts.extensions.get::<IsEncrypted>().is_some() {
        "https"
    } else {
        "http"
    };
    let path = parts
        .extensions
        .get::<OriginalUri>()
        .map_or(parts.uri.path(), |uri| uri.path());
    let (base, _) = path.split_once("/projects/")?;
    Some((forwarded.unwrap_or(own).to_owned(), format!("{host}{base}")))
}
