//! Paths by their patterns, for those who name requests: some paths hold write keys.

use crate::http::calls;
use crate::http::routes::ROUTES;

/// What all paths are called that are no routes.
const OTHER: &str = "other";

/// The pattern of a request's path, without a slash at its end, such as `/v1/projects/{write_key}/settings`;
/// `other` when the endpoint has no such route. It never holds what a sender has chosen.
#[must_use]
pub fn route_of(path: &str) -> &'static str {
    let path = match path.strip_suffix('/') {
        None | Some("") => path,
        Some(path) => path,
    };
    let mut patterns = ROUTES.iter().map(|route| route.pattern);
    let of_pattern = || patterns.find(|pattern| is_of(path, pattern));
    calls::known_path(path).or_else(of_pattern).unwrap_or(OTHER)
}

fn is_of(path: &str, pattern: &str) -> bool {
    let mut parts = path.split('/');
    let fits = pattern.split('/').all(|wanted| {
        parts
            .next()
            .is_some_and(|part| part == wanted || wanted.starts_with('{'))
    });
    fits && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::route_of;

    #[test]
    fn a_path_is_named_by_its_pattern() {
        for (path, route) in [
            ("/", "/"),
            ("/v1/track", "/v1/track"),
            ("/v1/batch/", "/v1/batch"),
            ("/v1/pixel/track/", "/v1/pixel/{kind}"),
            (
                "/v1/projects/wk_S3CRET/settings",
                "/v1/projects/{write_key}/settings",
            ),
            (
                "/analytics.js/v1/wk_S3CRET/analytics.min.js",
                "/analytics.js/v1/{write_key}/analytics.min.js",
            ),
            ("/webhook/shop", "/webhook/{source}"),
        ] {
            assert_eq!(route_of(path), route);
        }
    }

    #[test]
    fn what_is_no_route_has_one_name() {
        for path in [
            "",
            "/v1",
            "/v1/track/me@example.com",
            "/webhook",
            "/webhook/a/b",
            "me@example.com",
        ] {
            assert_eq!(route_of(path), "other", "{path}");
        }
    }
}
