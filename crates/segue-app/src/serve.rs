//! An endpoint of Segment's Tracking API whose events reach Meta, or a sandbox in this process.

mod alerts;
mod browser_bundle;
mod certificate;
mod configuration;
mod console;
mod consume;
mod delivery;
mod health;
mod listening;
mod metrics;
mod options;
mod otel;
mod parts;
mod recorder;
mod reload;
mod server;
mod sink;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use conversions_ingest::ConnectionOptions;
use graph_sandbox::Sandbox;
use segue_settings::{Diagnostic, Settings, write_key};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::clock::RunClock;
use crate::data_folder::DataFolder;
use crate::error::AppError;
use crate::memory::{self, MatchMemory};
use crate::notice::Notice;
use crate::serve::alerts::Observer;
use crate::serve::configuration::Configuration;
use crate::serve::console::{ConsoleSetup, EndpointConsole};
use crate::serve::consume::Consumer;
use crate::serve::delivery::Delivery;
use crate::serve::health::Health;
use crate::serve::listening::Listening;
use crate::serve::otel::Otel;
use crate::serve::parts::{
    addresses, bind_senders, consume_plan, data_folder, drain, ingest, input_names, open_log,
    operators_router, senders_url, start_consumer, start_sandbox, start_senders,
};
use crate::serve::reload::Reloader;
use crate::serve::server::Server;

pub use alerts::send_test as send_test_alert;
pub use consume::{ConsumeReport, ConsumeTotals};
pub use listening::BoundAddresses;
pub use options::{AlertTimes, EndpointOptions, Role};
pub use recorder::Recorder;
pub use reload::{SighupStream, log_warnings};

/// Fails when settings want what this build has not: a client of a broker, `OpenTelemetry`.
///
/// # Errors
///
/// With a sentence that says how to get it.
pub fn check_build(settings: &Settings) -> Result<(), AppError> {
    otel::check(&settings.otel)?;
    consume::check_inputs(settings)
}

/// A configuration that was read and checked, for an endpoint that is not started yet.
pub struct EndpointPlan {
    options: EndpointOptions,
    generated_key: String,
    configuration: Configuration,
}

/// Without the settings and the generated key, which are secrets.
impl fmt::Debug for EndpointPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointPlan").finish_non_exhaustive()
    }
}

impl EndpointPlan {
    /// Reads settings, secrets and certificate.
    ///
    /// # Errors
    ///
    /// Every mistake in them.
    pub fn read(options: EndpointOptions) -> Result<Self, AppError> {
        let generated_key = write_key::make();
        let configuration = Configuration::read(&options, &generated_key, &MatchMemory::default())?;
        Ok(Self {
            options,
            generated_key,
            configuration,
        })
    }

    /// Warnings about the settings.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.configuration.warnings
    }
}

/// An endpoint that answers.
pub struct Endpoint {
    /// Where it answers.
    pub addresses: BoundAddresses,
    /// The write key that was generated for this run, if senders use it.
    pub generated_key: Option<String>,
    /// Whether the console is off because other machines can reach it and it has no password.
    pub console_needs_password: bool,
    /// Where it keeps what it has to keep: undelivered events too, unless they are on a cluster.
    pub folder: DataFolder,
    /// Whether undelivered events are elsewhere than in the folder: on a cluster, or with the brokers that are read.
    pub is_clustered: bool,
    /// The names of the inputs that are read.
    pub inputs: Vec<String>,
    consumer: Option<Consumer>,
    /// How long delivery goes on at the end.
    drain: Duration,
    /// Removes the folder at the end.
    temporary: Option<TempDir>,
    health: Arc<Health>,
    delivery: Arc<Delivery>,
    memory: MatchMemory,
    /// What it remembers of what happened.
    pub recorder: Recorder,
    senders: Option<Server>,
    operators: Server,
    reloading: JoinHandle<()>,
    alerting: JoinHandle<()>,
    otel: Option<Otel>,
    sandbox: Option<Sandbox>,
}

/// Without the generated key, which is a secret.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    /// Starts it. Requests are handled by the current runtime, delivery runs on `delivering`: with threads of its own it gets its
    /// share of the processor, however many senders there are. Must be called in a tokio runtime.
    ///
    /// # Errors
    ///
    /// When an address or the data folder cannot be used.
    pub async fn start(
        plan: EndpointPlan,
        sighups: SighupStream,
        delivering: &Handle,
        notice: impl Fn(Notice),
    ) -> Result<Self, AppError> {
        let EndpointPlan {
            options,
            generated_key,
            configuration,
        } = plan;
        let endpoint = configuration.endpoint.clone();
        let ingest_at = bind_senders(options.role, &endpoint.listen).await?;
        let ops_at = Listening::bind("--ops-listen", &endpoint.ops_listen).await?;
        let metrics = metrics::start()?;
        let otel = Otel::start(&configuration.settings.otel, &metrics)?;
        let spans = otel.as_ref().map(Otel::spans);

        let (folder, temporary) = data_folder(&options)?;
        let clock = RunClock::default();
        let plan = consume_plan(&configuration);
        let opened = open_log(&folder, &configuration, plan.as_ref(), notice).await?;
        let memory = configuration.memory.clone();
        memory.open(&folder, clock, memory::BACKPRESSURE_OF_SENDERS);
        let access = console::access(&configuration, ops_at.address());
        let console_url = access.as_ref().filter(|access| access.is_on());
        let console_url = console_url.map(|_| ops_at.url("http"));
        let console_needs_password = access.is_some() && console_url.is_none();
        let setup = Arc::new(ConsoleSetup::new(&configuration));
        let recorder = Recorder::open(&folder, clock, &configuration.recording);
        let destinations = &configuration.destinations;
        let (sandbox, sandbox_url) =
            start_sandbox(&options, clock, destinations, console_url.clone()).await?;
        let delivery = Arc::new(Delivery::start(
            configuration.destinations,
            clock,
            sandbox_url,
            opened.log,
            otel::observer(spans.as_ref(), recorder.observer()),
            delivering,
        )?);
        let health = Arc::new(Health::default());
        let taking = configuration.ingest;
        let ingest = ingest(taking, &delivery, &health, &recorder, spans.clone())?;
        let drain = drain(plan.as_ref());
        let consumer = start_consumer(plan, &ingest, &delivery, &health, opened.durable).await?;
        let tls = configuration.certificate.map(|one| one.tls()).transpose()?;

        let ingest_url = senders_url(ingest_at.as_ref(), tls.is_some());
        let addresses = addresses(ingest_url, &ops_at, console_url, sandbox.as_ref());
        let console = access.map(|access| {
            EndpointConsole {
                addresses: addresses.clone(),
                letters: opened.letters,
                delivery: Arc::clone(&delivery),
                clock,
                setup: Arc::clone(&setup),
                recorder: recorder.clone(),
            }
            .shown_to(access)
        });
        let ops = operators_router(metrics, &health, console);
        let router = otel::around_requests(spans.as_ref(), ingest.router());
        let senders = start_senders(ingest_at, router, &endpoint, tls.clone());
        let operators = Server::start(ops_at, ops, ConnectionOptions::default());
        let (engine, targets) = (Arc::clone(&delivery), configuration.alerts);
        let (observer, alerts) =
            Observer::new(engine, recorder.clone(), &folder, &options, clock, targets);
        let reloader = Reloader {
            options,
            generated_key: generated_key.clone(),
            ingest,
            delivery: Arc::clone(&delivery),
            tls,
            endpoint,
            memory: memory.clone(),
            console: setup,
            recording: configuration.recording,
            otel: configuration.settings.otel.clone(),
            settings: configuration.settings,
            alerts,
        };
        Ok(Self {
            addresses,
            generated_key: configuration.uses_generated_key.then_some(generated_key),
            console_needs_password,
            folder,
            is_clustered: opened.is_shared,
            inputs: input_names(&configuration.inputs),
            consumer,
            drain,
            temporary,
            health,
            delivery,
            memory,
            recorder,
            senders,
            operators,
            reloading: tokio::spawn(reloader.run(configuration.files, sighups)),
            alerting: tokio::spawn(observer.run()),
            otel,
            sandbox,
        })
    }

    /// Whether the data folder is removed at the end.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// Completes when the event log or an input has failed and must be opened again, which takes a new process.
    pub async fn failed(&self) {
        match &self.consumer {
            None => self.delivery.failed().await,
            Some(consumer) => tokio::select! {
                () = self.delivery.failed() => {}
                () = consumer.failed() => {}
            },
        }
    }

    /// What it has done so far.
    pub async fn report(&self) -> ConsumeReport {
        ConsumeReport {
            read: self
                .consumer
                .as_ref()
                .map_or_else(ConsumeTotals::default, Consumer::totals),
            delivery: self.delivery.progress().await.total(),
        }
    }

    /// Stops in good order: requests are answered, requests to Meta in flight are finished, undelivered events stay in the data
    /// folder, inputs are left. Returns what it has done.
    pub async fn stop(self) -> ConsumeReport {
        self.health.begin_shutdown();
        self.reloading.abort();
        self.alerting.abort();
        // Requests append to the log that delivery finishes, so they end first.
        if let Some(senders) = self.senders {
            senders.stop().await;
        }
        if let Some(consumer) = &self.consumer {
            consumer.stop_reading().await;
        }
        self.memory.flush();
        let summary = self.delivery.finish(self.drain).await;
        let read = match self.consumer {
            Some(consumer) => consumer.leave().await,
            None => ConsumeTotals::default(),
        };
        self.recorder.flush();
        self.operators.stop().await;
        if let Some(otel) = self.otel {
            otel.stop().await;
        }
        if let Some(sandbox) = self.sandbox {
            sandbox.shutdown().await;
        }
        ConsumeReport {
            read,
            delivery: summary.progress.total(),
        }
    }
}
