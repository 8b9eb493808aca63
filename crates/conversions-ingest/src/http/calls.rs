//! The paths of the Tracking API that take messages: nearly all requests.

use axum::http::Uri;

use crate::options::Limits;
use crate::request::Call;
use crate::telemetry::RouteMetrics;

/// Paths that take messages, each with the type that it gives its message; a batch has none.
#[rustfmt::skip]
const PATHS: [(&str, Option<&str>); 16] = [
    ("/v1/batch",        None),             ("/v1/b", None),
    ("/v1/import",       None),             ("/beacon/v1/batch", None),
    ("/v1/track",        Some("track")),    ("/v1/t", Some("track")),
    ("/v1/identify",     Some("identify")), ("/v1/i", Some("identify")),
    ("/v1/page",         Some("page")),     ("/v1/p", Some("page")),
    ("/v1/screen",       Some("screen")),   ("/v1/s", Some("screen")),
    ("/v1/group",        Some("group")),    ("/v1/g", Some("group")),
    ("/v1/alias",        Some("alias")),    ("/v1/a", Some("alias")),
];

/// A path that takes messages.
pub(crate) struct CallPath {
    kind: Option<&'static str>,
    pub(crate) metrics: RouteMetrics,
}

impl CallPath {
    /// All of them.
    pub(crate) fn all() -> Box<[Self]> {
        let path = |(path, kind)| Self {
            kind,
            metrics: RouteMetrics::new(path),
        };
        PATHS.map(path).into()
    }

    /// The one that an address has, with or without a slash at its end.
    pub(crate) fn find<'p>(all: &'p [Self], uri: &Uri) -> Option<&'p Self> {
        let path = uri.path();
        let path = path.strip_suffix('/').unwrap_or(path);
        all.iter().find(|known| known.metrics.route() == path)
    }

    /// What the path says about its messages.
    pub(crate) fn call(&self, limits: &Limits) -> Call {
        match self.kind {
            Some(kind) => Call::single(Some(kind), limits),
            None => Call::batch(limits),
        }
    }

    /// Whether a browser that leaves its page calls: it cannot send headers.
    pub(crate) fn is_beacon(&self) -> bool {
        self.metrics.route().starts_with("/beacon/")
    }
}

/// The path among those that take messages.
pub(crate) fn known_path(path: &str) -> Option<&'static str> {
    let mut paths = PATHS.iter().map(|(path, _)| *path);
    paths.find(|known| *known == path)
}

/// The type by that name.
pub(crate) fn known_kind(kind: &str) -> Option<&'static str> {
    let mut kinds = PATHS.iter().filter_map(|(_, kind)| *kind);
    kinds.find(|known| *known == kind)
}
