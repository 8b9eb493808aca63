//! Who may see the pages, and which requests may change something.

mod basic;
mod same_origin;
mod throttle;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};

use self::basic::Password;
use self::throttle::Throttle;
use crate::fault::{Fault, Surface};

/// Characters of a password at least. Guesses are slowed down, not stopped.
const PASSWORD_CHARS: usize = 12;

/// Nothing of other servers, nothing inline, no frame around the pages.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Who may see the pages.
#[derive(Clone)]
#[non_exhaustive]
pub enum Access {
    /// Everyone on this machine, under a name of this machine: the listener is bound to a loopback address.
    Loopback,
    /// Whoever knows the password, with HTTP Basic and any user name.
    Password(SecretString),
    /// Nobody.
    Off,
}

/// Why a password cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is easily guessed.
    #[error("it has fewer than {PASSWORD_CHARS} characters")]
    TooShort,
}

impl Access {
    /// Who may see pages that are served at this address. A password that is set is always asked for, because a listener at a
    /// loopback address may be behind a proxy.
    #[must_use]
    pub fn of_listener(address: SocketAddr, password: Option<SecretString>) -> Self {
        match password {
            Some(password) => Self::Password(password),
            None if address.ip().to_canonical().is_loopback() => Self::Loopback,
            None => Self::Off,
        }
    }

    /// Checks a password before it is used.
    ///
    /// # Errors
    ///
    /// When it is too short.
    pub fn check_password(password: &SecretString) -> Result<(), PasswordError> {
        if password.expose_secret().chars().count() < PASSWORD_CHARS {
            return Err(PasswordError::TooShort);
        }
        Ok(())
    }

    /// Whether there are pages at all.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "Loopback",
            Self::Password(_) => "Password",
            Self::Off => "Off",
        })
    }
}

/// Checks each request before anything else sees it.
pub(crate) struct Guard {
    /// None on a loopback address without a password.
    password: Option<Password>,
    throttle: Throttle,
}

impl Guard {
    pub(crate) fn new(access: Access) -> Self {
        let password = match access {
            Access::Password(password) => Some(Password::new(&password)),
            Access::Loopback | Access::Off => None,
        };
        Self {
            password,
            throttle: Throttle::default(),
        }
    }

    fn admit(&self, request: &Request) -> Result<(), Fault> {
        match &self.password {
            Some(password) => self.ask(password, request)?,
            None => check_host(request)?,
        }
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(());
        }
        same_origin::check(request.headers())
    }

    fn ask(&self, password: &Password, request: &Request) -> Result<(), Fault> {
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(peer)| peer.ip());
        if let Some(wait) = self.throttle.wait(peer) {
            return Err(Fault::too_many_guesses(wait));
        }
        match password.check(request.headers()) {
            Some(true) => {
                self.throttle.record_success(peer);
                Ok(())
            }
            Some(false) => {
                self.throttle.record_failure(peer);
                Err(Fault::password_needed())
            }
            None => Err(Fault::password_needed()),
        }
    }
}

/// Refuses names of other machines: a page of another site may have its name resolve to a loopback address, and would then be
/// of the same origin as these pages.
fn check_host(request: &Request) -> Result<(), Fault> {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |address: IpAddr| address.to_canonical().is_loopback();
    if name.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(is_loopback) {
        Ok(())
    } else {
        Err(Fault::foreign_host())
    }
}

/// The middleware: refuses what may not pass, and adds the headers that protect the answer.
pub(crate) async fn check(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let surface = Surface::of(request.uri().path());
    let mut response = match guard.admit(&request) {
        Ok(()) => next.run(request).await,
        Err(fault) => fault.response(surface),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn without_a_password_only_loopback_addresses_have_a_console() {
        for (address, password, access) in [
            ("127.0.0.1:8081", None, "Loopback"),
            ("[::1]:8081", None, "Loopback"),
            ("[::ffff:127.0.0.1]:8081", None, "Loopback"),
            ("0.0.0.0:8081", None, "Off"),
            ("10.0.0.7:8081", None, "Off"),
            ("[::]:8081", None, "Off"),
            ("0.0.0.0:8081", Some("a-long-password"), "Password"),
            ("127.0.0.1:8081", Some("a-long-password"), "Password"),
        ] {
            let of = Access::of_listener(address.parse().unwrap(), password.map(Into::into));
            assert_eq!(format!("{of:?}"), access, "{address}");
        }
    }

    #[test]
    fn a_short_password_is_refused() {
        assert_eq!(
            Access::check_password(&"elevenchars".into()),
            Err(PasswordError::TooShort)
        );
        assert_eq!(Access::check_password(&"twelve chars".into()), Ok(()));
    }

    #[test]
    fn names_of_other_machines_are_refused() {
        let guard = Guard::new(Access::Loopback);
        for (host, is_admitted) in [
            (Some("127.0.0.1:8081"), true),
            (Some("localhost"), true),
            (Some("LOCALHOST:9000"), true),
            (Some("[::1]:8081"), true),
            (Some("127.8.8.8:1"), true),
            (Some("rebound.example.com:8081"), false),
            (Some("localhost.example.com"), false),
            (Some("10.0.0.7:8081"), false),
            (Some("localhost:8081@example.com"), false),
            (Some(""), false),
            (None, false),
        ] {
            let mut request = Request::get("/");
            if let Some(host) = host {
                request = request.header("host", host);
            }
            let request = request.body(Body::empty()).unwrap();
            assert_eq!(guard.admit(&request).is_ok(), is_admitted, "{host:?}");
        }
    }
}
