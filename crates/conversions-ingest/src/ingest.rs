//! An endpoint as its embedder sees it.

use std::fmt;
use std::sync::Arc;

use axum::Router;

use crate::clock::{Clock, SystemClock};
use crate::compiled_options::CompiledOptions;
use crate::http::endpoint::Endpoint;
use crate::options::{IngestOptions, OptionsError};
use crate::records::{MappedRecords, RecordTarget, SourceRecord};
use crate::request::records;
use crate::sink::EventSink;
use crate::state::IngestState;

/// An endpoint of the Segment Tracking API. Clones are the same endpoint.
#[derive(Clone)]
pub struct Ingest {
    state: Arc<IngestState>,
}

impl Ingest {
    /// An endpoint that reads the time from this machine's clock.
    ///
    /// # Errors
    ///
    /// [`OptionsError`] when the options contradict each other.
    pub fn new(options: IngestOptions, sink: Arc<dyn EventSink>) -> Result<Self, OptionsError> {
        Self::with_clock(options, sink, Arc::new(SystemClock))
    }

    /// An endpoint that reads the time from another clock.
    ///
    /// # Errors
    ///
    /// [`OptionsError`] when the options contradict each other.
    pub fn with_clock(
        options: IngestOptions,
        sink: Arc<dyn EventSink>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OptionsError> {
        let compiled = CompiledOptions::new(options, None)?;
        Ok(Self {
            state: Arc::new(IngestState::new(compiled, sink, clock)),
        })
    }

    /// Finds the first contradiction in options without putting them in force.
    ///
    /// # Errors
    ///
    /// The [`OptionsError`] that [`new`](Self::new) and [`replace`](Self::replace) would return.
    pub fn check(options: &IngestOptions) -> Result<(), OptionsError> {
        CompiledOptions::new(options.clone(), None).map(drop)
    }

    /// The routes, to be served as they are or nested under a path. The addresses of senders are known if the server
    /// gives [`ConnectInfo`](axum::extract::ConnectInfo) of a [`SocketAddr`](std::net::SocketAddr), as
    /// [`serve`](crate::serve) does.
    pub fn router(&self) -> Router {
        Router::new().fallback_service(Endpoint::new(&self.state))
    }

    /// Maps records of a broker, each of which holds a message or the body of a batch, as requests are mapped: with the
    /// same limits, completion, rules and records of what became of each message. There is no sender, so there is no write
    /// key, no rate limit, nothing that an HTTP request would add, and no correction of clocks: a record may have waited
    /// for days. A message without any time gets the one at which its record was written.
    ///
    /// Nothing is stored. The caller stores the frames, and then tells it to [`MappedRecords::outcomes`].
    ///
    /// `None` when there is no source of this name.
    #[must_use]
    pub fn map_records(
        &self,
        target: RecordTarget<'_>,
        records: &[SourceRecord<'_>],
    ) -> Option<MappedRecords> {
        records::map(&self.state, target, records)
    }

    /// Replaces all options at once. Connections stay open, and requests under way keep the old options.
    ///
    /// # Errors
    ///
    /// [`OptionsError`] when the options contradict each other; the old ones then stay in force.
    pub fn replace(&self, options: IngestOptions) -> Result<(), OptionsError> {
        let compiled = CompiledOptions::new(options, Some(&self.state.compiled()))?;
        self.state.replace(compiled);
        Ok(())
    }

    /// Answers every request from now on with [`ShuttingDown`](crate::Refusal::ShuttingDown).
    pub fn stop(&self) {
        self.state.stop();
    }

    /// Whether [`stop`](Self::stop) was called.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.state.is_stopping()
    }
}

impl fmt::Debug for Ingest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ingest")
            .field("is_stopping", &self.is_stopping())
            .finish_non_exhaustive()
    }
}
