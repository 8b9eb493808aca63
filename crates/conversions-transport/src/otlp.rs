//! Posts to a collector of OpenTelemetry, by OTLP over HTTP with binary Protobuf
//! (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>).

use std::time::Duration;

use crate::SetupError;
use crate::operator_client;

/// How long a post may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A collector of OpenTelemetry.
#[derive(Clone, Debug)]
pub struct OtlpEndpoint {
    client: reqwest::Client,
    traces: url::Url,
    metrics: url::Url,
}

/// An address that cannot be a collector's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OtlpEndpointError {
    /// It is not an address.
    #[error("the address of a collector must begin with http:// or https://")]
    NotAnAddress,
    /// The machine cannot send.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// A post that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OtlpError {
    /// The collector answered with an error.
    #[error("the collector answered with status {0}")]
    Status(u16),
    /// No answer came.
    #[error("the collector cannot be reached, or does not answer within ten seconds")]
    Unreachable,
}

impl OtlpError {
    /// Whether the same post may be taken later, by OTLP's list of statuses.
    #[must_use]
    pub fn may_pass(self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Status(status) => matches!(status, 429 | 502 | 503 | 504),
        }
    }
}

impl OtlpEndpoint {
    /// The collector at an address such as `http://127.0.0.1:4318`. Redirects are not followed and no proxies are used.
    ///
    /// # Errors
    ///
    /// [`OtlpEndpointError`]; the address is not quoted.
    pub fn new(address: &str) -> Result<Self, OtlpEndpointError> {
        let not_an_address = |_| OtlpEndpointError::NotAnAddress;
        let base: url::Url = address.trim().parse().map_err(not_an_address)?;
        let base = base.as_str().trim_end_matches('/');
        let of_signal = |signal: &str| -> Result<url::Url, OtlpEndpointError> {
            format!("{base}/v1/{signal}")
                .parse()
                .map_err(not_an_address)
        };
        let (traces, metrics) = (of_signal("traces")?, of_signal("metrics")?);
        let client = operator_client::new(&traces, TIMEOUT)?;
        Ok(Self {
            client: client.ok_or(OtlpEndpointError::NotAnAddress)?,
            traces,
            metrics,
        })
    }

    /// Posts an `ExportTraceServiceRequest`, encoded. Needs a Tokio runtime with time and I/O.
    ///
    /// # Errors
    ///
    /// [`OtlpError`] when it was not taken.
    pub async fn post_traces(&self, request: Vec<u8>) -> Result<(), OtlpError> {
        self.post(&self.traces, request).await
    }

    /// Posts an `ExportMetricsServiceRequest`, encoded. Needs a Tokio runtime with time and I/O.
    ///
    /// # Errors
    ///
    /// [`OtlpError`] when it was not taken.
    pub async fn post_metrics(&self, request: Vec<u8>) -> Result<(), OtlpError> {
        self.post(&self.metrics, request).await
    }

    async fn post(&self, url: &url::Url, body: Vec<u8>) -> Result<(), OtlpError> {
        let request = self
            .client
            .post(url.clone())
            .header(http::header::CONTENT_TYPE, "application/x-protobuf")
            .body(body);
        let response = request.send().await.map_err(|_| OtlpError::Unreachable)?;
        if response.status().is_success() {
            Ok(())
        } else {
            Err(OtlpError::Status(response.status().as_u16()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_signal_has_its_path_below_the_address() {
        for address in ["http://127.0.0.1:4318", "http://127.0.0.1:4318/"] {
            let endpoint = OtlpEndpoint::new(address).unwrap();
            assert_eq!(endpoint.traces.path(), "/v1/traces");
            assert_eq!(endpoint.metrics.path(), "/v1/metrics");
        }
        let below = OtlpEndpoint::new("http://collector.example/otlp").unwrap();
        assert_eq!(below.traces.path(), "/otlp/v1/traces");
        for address in ["", "127.0.0.1:4318", "ftp://127.0.0.1", "http://"] {
            OtlpEndpoint::new(address).unwrap_err();
        }
    }

    #[test]
    fn a_post_is_repeated_only_for_the_statuses_that_otlp_lists() {
        for (status, may_pass) in [(400, false), (429, true), (500, false), (503, true)] {
            assert_eq!(OtlpError::Status(status).may_pass(), may_pass, "{status}");
        }
    }
}
