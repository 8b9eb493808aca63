//! What is to be done, decided before anything is: inputs, destinations, how they are reached, and what time it is.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use conversions_delivery::{DestinationOptions, FinishOptions, InputId, UnixMillis};
use conversions_mapping::Mapping;
use conversions_transport::{
    AccessToken, AppSecret, CredentialError, GraphTransport, GraphTransportBuilder, GraphUrl,
    PixelId,
};
use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::cli::SendArgs;
use crate::context::{Clock, choose_destination, load_settings, mapping_of};
use crate::data_folder::DataFolder;
use crate::failure::{Failure, say_wrapped};
use crate::input::{self, Meter, Origin};
use crate::send::input_id::input_id;
use crate::send::newest;
use crate::send::rejects::RejectsFile;
use crate::settings::Destination;
use crate::settings::secret::SecretSource;

/// The pixel of a sandbox, which knows every number, when the settings name none.
const SANDBOX_PIXEL: &str = "1000000000000001";

/// Everything that is known before the first event is read.
pub(crate) struct Plan {
    pub(crate) inputs: Vec<Origin>,
    pub(crate) meter: Meter,
    pub(crate) from_line: u64,
    pub(crate) routes: Vec<Route>,
    pub(crate) clock: Clock,
    pub(crate) mode: Mode,
    pub(crate) finish: FinishOptions,
    pub(crate) rejects: Option<RejectsFile>,
    /// The data folder, and what the input is known by there.
    pub(crate) data: Option<(DataFolder, InputId)>,
    /// Whether to read the input again although it was read before.
    pub(crate) restart: bool,
}

/// One destination, and how it is reached.
#[derive(Clone)]
pub(crate) struct Route {
    /// Its name, or its pixel's id if it has none.
    pub(crate) name: Arc<str>,
    pub(crate) mapping: Arc<Mapping>,
    pub(crate) options: DestinationOptions,
    /// Ready but for the address of a sandbox that is to be started; absent when nothing is sent.
    pub(crate) transport: Option<GraphTransportBuilder>,
}

/// To whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Meta,
    Sandbox,
    DryRun,
}

impl Plan {
    pub(crate) fn make(args: &SendArgs) -> Result<Self, Failure> {
        let settings = load_settings(&args.settings)?;
        let destinations = match &args.settings.destination {
            Some(name) => vec![choose_destination(settings, Some(name))?],
            None => settings.destinations,
        };
        let mode = match (args.sandbox, args.dry_run) {
            (true, _) => Mode::Sandbox,
            (false, true) => Mode::DryRun,
            (false, false) => Mode::Meta,
        };
        let routes = destinations
            .iter()
            .map(|destination| Route::plan(destination, mode, args.data_dir.is_some()));
        let routes = routes.collect::<Result<Vec<_>, _>>()?;
        let inputs = Origin::from_arguments(&args.files);
        input::check(&inputs)?;
        if let Some(path) = &args.rejects {
            refuse_to_overwrite(path, &inputs, args.settings.settings.as_deref())?;
        }
        let rejects = args
            .rejects
            .as_deref()
            .map(|path| RejectsFile::open(path, inputs.len() > 1, routes.len() > 1));
        let clock = match mode {
            Mode::Sandbox => sandbox_clock(&inputs)?,
            Mode::Meta | Mode::DryRun => Clock(None),
        };
        let data = match (&args.data_dir, mode) {
            (Some(path), Mode::Meta | Mode::Sandbox) => {
                let names: Vec<_> = routes.iter().map(|route| &*route.name).collect();
                let folder = DataFolder { path: path.clone() };
                Some((folder, input_id(&inputs, &names, args.from_line)?))
            }
            _ => None,
        };
        Ok(Self {
            data,
            restart: args.restart,
            rejects: rejects.transpose()?,
            inputs,
            meter: Meter::default(),
            from_line: args.from_line,
            routes,
            clock,
            mode,
            finish: FinishOptions {
                give_up_after: args.give_up_after,
                ..FinishOptions::default()
            },
        })
    }
}

/// "Now" is the newest time stamp of regular files, so that an example stays valid whatever the date.
fn sandbox_clock(inputs: &[Origin]) -> Result<Clock, Failure> {
    if !inputs.iter().all(|origin| origin.regular_size().is_some()) {
        return Ok(Clock(None));
    }
    let newest = newest::newest_time(inputs)?;
    if let Some(newest) = newest {
        say_wrapped(&format!(
            "The sandbox takes {newest} for now, the newest time stamp of the input, which is read twice."
        ));
    }
    Ok(Clock(newest))
}

impl Route {
    fn plan(destination: &Destination, mode: Mode, durable: bool) -> Result<Self, Failure> {
        let delivery = destination.delivery;
        let options = DestinationOptions {
            batch_events: usize::try_from(delivery.batch_events).unwrap_or(usize::MAX),
            batch_bytes: usize::try_from(delivery.batch_bytes).unwrap_or(usize::MAX),
            linger: Duration::from_millis(delivery.linger_ms),
            concurrency: usize::try_from(delivery.concurrency).unwrap_or(usize::MAX),
            ..DestinationOptions::default()
        };
        let transport = match mode {
            Mode::Meta => Some(to_meta(destination)?),
            Mode::Sandbox => Some(to_sandbox(destination)?),
            Mode::DryRun => None,
        };
        Ok(Self {
            name: name(destination, mode, durable).into(),
            mapping: Arc::new(mapping_of(destination)?),
            options,
            transport,
        })
    }

    /// The transport, to a sandbox at this address if there is one.
    pub(crate) fn connect(
        &self,
        sandbox: Option<GraphUrl>,
    ) -> Result<Option<GraphTransport>, Failure> {
        let Some(mut builder) = self.transport.clone() else {
            return Ok(None);
        };
        if let Some(url) = sandbox {
            builder = builder.base_url(url);
        }
        let built = builder
            .build()
            .map_err(|error| Failure::sentence(error.sentence()))?;
        Ok(Some(built))
    }
}

/// A destination's name, or its pixel's id if it has none. What a data folder keeps for a sandbox must never be taken for
/// what it keeps for Meta, nor the other way round.
fn name(destination: &Destination, mode: Mode, durable: bool) -> String {
    let pixel_id = destination.graph.pixel_id.as_ref().map(PixelId::as_str);
    let name = destination.name.as_deref().or(pixel_id);
    match (mode, durable, name) {
        (Mode::Sandbox, true, Some(name)) => format!("sandbox-{name}"),
        (Mode::Sandbox, true, None) => "sandbox".to_owned(),
        (_, _, name) => name.unwrap_or("events").to_owned(),
    }
}

fn to_meta(destination: &Destination) -> Result<GraphTransportBuilder, Failure> {
    let graph = &destination.graph;
    let (Some(pixel_id), Some(token)) = (&graph.pixel_id, &graph.access_token) else {
        let missing = match (&graph.pixel_id, &graph.access_token) {
            (None, None) => "`pixel_id` and `access_token` are missing",
            (None, Some(_)) => "`pixel_id` is missing",
            _ => "`access_token` is missing",
        };
        let of = destination
            .name
            .as_ref()
            .map_or_else(String::new, |name| format!(" of {name}"));
        return Err(Failure::sentence(format!(
            "{missing}: put what is needed into the settings{of} (--settings FILE), or try --sandbox, which needs neither"
        )));
    };
    let token = secret("access_token", token, AccessToken::parse)?;
    let mut builder =
        GraphTransport::builder(pixel_id.clone(), token).api_version(graph.api_version);
    if let Some(source) = &graph.app_secret {
        builder = builder.app_secret(secret("app_secret", source, AppSecret::parse)?);
    }
    if let Some(url) = &graph.url {
        builder = builder.base_url(url.clone());
    }
    Ok(builder)
}

fn to_sandbox(destination: &Destination) -> Result<GraphTransportBuilder, Failure> {
    let defect = |_| Failure::sentence("the sandbox cannot be addressed");
    let pixel_id = match &destination.graph.pixel_id {
        Some(pixel_id) => pixel_id.clone(),
        None => SANDBOX_PIXEL.parse().map_err(defect)?,
    };
    let token = AccessToken::parse("sandbox")
        .map_err(|_| Failure::sentence("the sandbox cannot be addressed"))?;
    Ok(GraphTransport::builder(pixel_id, token).api_version(destination.graph.api_version))
}

fn secret<T>(
    name: &str,
    source: &SecretSource,
    parse: impl Fn(&str) -> Result<T, CredentialError>,
) -> Result<T, Failure> {
    let environment = |name: &str| std::env::var_os(name);
    let text = source
        .resolve(&environment)
        .map_err(|error| Failure::sentence(format!("`{name}` cannot be had: {error}")))?;
    parse(text.expose_secret())
        .map_err(|error| Failure::sentence(format!("`{name}` ({source}) cannot be used: {error}")))
}

/// One time for all: that of the mapping is that of delivery and of the sandbox.
impl conversions_delivery::Clock for Clock {
    fn now(&self) -> UnixMillis {
        UnixMillis(Clock::now(*self).as_millisecond())
    }
}

impl Clock {
    pub(crate) fn system_time(self) -> SystemTime {
        let since_1970 = Duration::try_from(self.now().duration_since(Timestamp::UNIX_EPOCH));
        SystemTime::UNIX_EPOCH + since_1970.unwrap_or_default()
    }
}

/// The file of rejects is emptied first: it must not be what is about to be read, by whatever name.
fn refuse_to_overwrite(
    rejects: &Path,
    inputs: &[Origin],
    settings: Option<&Path>,
) -> Result<(), Failure> {
    // Terminals, pipes and /dev/null are no files that could be lost, and opening a pipe would disturb it.
    if !std::fs::metadata(rejects).is_ok_and(|target| target.is_file()) {
        return Ok(());
    }
    let can_be_lost =
        |origin: &&Origin| **origin == Origin::StandardInput || origin.regular_size().is_some();
    let read = inputs
        .iter()
        .filter(can_be_lost)
        .map(|origin| match origin {
            Origin::File(path) => same_file::Handle::from_path(path),
            Origin::StandardInput => same_file::Handle::stdin(),
        });
    let read = read.chain(settings.map(same_file::Handle::from_path));
    let Ok(target) = same_file::Handle::from_path(rejects) else {
        return Ok(());
    };
    if read.flatten().any(|other| other == target) {
        return Err(Failure::sentence(
            "--rejects names a file that this command reads; name another one",
        ));
    }
    Ok(())
}
