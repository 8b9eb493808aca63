//! Looks up cookies by name.

use axum::http::{HeaderMap, header};

/// The value of the first cookie with this name, without quotes around it.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::cookie;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("x_fbp=no; _fbp=fb.1.2.3 ;a"),
        );
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("_fbc=\"fb.1.2.abc=\""),
        );
        assert_eq!(cookie(&headers, "_fbp"), Some("fb.1.2.3"));
        assert_eq!(cookie(&headers, "_fbc"), Some("fb.1.2.abc="));
        assert_eq!(cookie(&headers, "fbp"), None);
    }
}
