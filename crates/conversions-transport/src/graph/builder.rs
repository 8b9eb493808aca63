//! Builds a [`GraphTransport`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use facebook_conversions::RequestParameters;
use facebook_conversions::graph::ApiVersion;
use http::HeaderValue;
use reqwest::redirect;

use super::tls::{self, Trust};
use super::url::LOCALHOST;
use super::{GraphTransport, GraphUrl};
use crate::{
    AccessToken, AppSecret, EventsBody, PartnerAgent, PixelId, SetupError, appsecret_proof,
};

/// The time to connect, TLS handshake included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time from the call to the last byte of the answer. Meta mostly answers within a second. But an abandoned request
/// may have been processed, and waiting longer costs less than counting its events twice.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a connection may be idle. Longer is risky: a request that is sent just when the server closes an idle
/// connection has an unknown outcome.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Builds a [`GraphTransport`].
///
/// ```
/// use std::time::Duration;
/// use conversions_transport::{AccessToken, AppSecret, GraphTransport};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = GraphTransport::builder("1234567890".parse()?, AccessToken::parse("EAAB")?)
///     .base_url("http://127.0.0.1:8787".parse()?)
///     .app_secret(AppSecret::parse("0123456789abcdef")?)
///     .total_timeout(Duration::from_secs(10))
///     .build()?;
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Clone)]
pub struct GraphTransportBuilder {
    pixel_id: PixelId,
    access_token: AccessToken,
    app_secret: Option<AppSecret>,
    api_version: ApiVersion,
    base_url: Option<GraphUrl>,
    partner_agent: PartnerAgent,
    parameters: RequestParameters<'static>,
    connect_timeout: Duration,
    total_timeout: Duration,
    certificates: Option<Vec<u8>>,
}

impl GraphTransportBuilder {
    pub(super) fn new(pixel_id: PixelId, access_token: AccessToken) -> Self {
        Self {
            pixel_id,
            access_token,
            app_secret: None,
            api_version: ApiVersion::CURRENT,
            base_url: None,
            partner_agent: PartnerAgent::default(),
            parameters: RequestParameters::default(),
            connect_timeout: CONNECT_TIMEOUT,
            total_timeout: TOTAL_TIMEOUT,
            certificates: None,
        }
    }

    /// Adds `appsecret_proof` to every request.
    #[must_use]
    pub fn app_secret(mut self, app_secret: AppSecret) -> Self {
        self.app_secret = Some(app_secret);
        self
    }

    /// Sets the version of the Graph API; by default [`ApiVersion::CURRENT`].
    #[must_use]
    pub fn api_version(mut self, api_version: ApiVersion) -> Self {
        self.api_version = api_version;
        self
    }

    /// Sets the base address of Graph; by default [`GraphUrl::META`].
    #[must_use]
    pub fn base_url(mut self, base_url: GraphUrl) -> Self {
        self.base_url = Some(base_url);
        self
    }

    /// Names the software that sends; by default `segue-` and the version.
    #[must_use]
    pub fn partner_agent(mut self, partner_agent: PartnerAgent) -> Self {
        self.partner_agent = partner_agent;
        self
    }

    /// Sets parameters of every request, such as the name of an upload; by default none.
    #[must_use]
    pub fn parameters(mut self, parameters: RequestParameters<'static>) -> Self {
        self.parameters = parameters;
        self
    }

    /// Sets how long connecting may take, TLS handshake included; by default 5 seconds.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long a request may take, from the call to the last byte of the answer; by default 30 seconds.
    ///
    /// Make it longer than the connect timeout, and generous: an abandoned request may have been processed.
    #[must_use]
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = timeout;
        self
    }

    /// Trusts these CA certificates (PEM, one or more) and no others, instead of the system's.
    #[must_use]
    pub fn trust_only(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificates = Some(pem.into());
        self
    }

    /// Builds the transport. It does not connect yet.
    ///
    /// # Errors
    ///
    /// [`SetupError`], most likely because this machine has no CA certificates. Plain `http` needs none.
    pub fn build(self) -> Result<GraphTransport, SetupError> {
        let base_url = match self.base_url {
            Some(base_url) => base_url,
            None => GraphUrl::META.parse().map_err(client_error)?,
        };
        let token = self.access_token.expose_secret();
        let mut authorization =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(client_error)?;
        authorization.set_sensitive(true);

        let proof = self
            .app_secret
            .as_ref()
            .map(|secret| appsecret_proof(secret.expose_secret(), token));
        let mut body = EventsBody::default()
            .with_partner_agent(&self.partner_agent)
            .with_parameters(&self.parameters);
        if let Some(proof) = &proof {
            body = body.with_appsecret_proof(proof);
        }

        let trust = match self.certificates {
            _ if base_url.is_plain_http() => Trust::None,
            Some(pem) => Trust::Only(pem),
            None => Trust::System,
        };
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(&trust)?)
            .https_only(!base_url.is_plain_http())
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("segue/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.connect_timeout)
            .timeout(self.total_timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT);
        let client = if base_url.is_plain_http() {
            client.resolve_to_addrs(LOCALHOST, &LOOPBACK)
        } else {
            client
        };

        Ok(GraphTransport {
            client: client.build().map_err(client_error)?,
            url: base_url.events(self.api_version, &self.pixel_id),
            authorization,
            body,
            access_token: self.access_token,
            appsecret_proof: proof,
        })
    }
}

/// The addresses of `localhost`, whatever a name server says: plain `http` must never leave this machine. The port
/// comes from the URL.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

fn client_error(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SetupError {
    SetupError::Client {
        source: error.into(),
    }
}

impl std::fmt::Debug for GraphTransportBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GraphTransportBuilder")
            .field("pixel_id", &self.pixel_id)
            .field("api_version", &self.api_version)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
