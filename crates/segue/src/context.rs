//! What most commands begin with: settings read, one destination chosen, its mapping made ready, and a clock.

use std::time::{Duration, SystemTime};

use conversions_delivery::UnixMillis;
use conversions_mapping::Mapping;
use jiff::Timestamp;
use segue_settings::{Destination, Settings};

use crate::cli::SettingsArgs;
use crate::failure::{Failure, say_all};

/// Reads the settings; warnings are said.
pub(crate) fn load_settings(args: &SettingsArgs) -> Result<Settings, Failure> {
    let Some(path) = &args.settings else {
        return Ok(Settings::default());
    };
    let settings = segue_settings::load(path, Timestamp::now()).map_err(Failure::Settings)?;
    say_all(&settings.warnings);
    Ok(settings)
}

/// The destination that was named, or the only one there is.
pub(crate) fn choose_destination(
    settings: Settings,
    name: Option<&str>,
) -> Result<Destination, Failure> {
    let names: Vec<_> = settings
        .destinations
        .iter()
        .filter_map(|one| one.name.clone())
        .collect();
    let names = names.join(", ");
    let mut destinations = settings.destinations.into_iter();
    match name {
        Some(name) => destinations
            .find(|one| one.name.as_deref() == Some(name))
            .ok_or_else(|| {
                Failure::sentence(if names.is_empty() {
                    "--destination is for settings with several destinations; these have one"
                        .to_owned()
                } else {
                    format!(
                        "there is no destination of that name; --destination takes one of: {names}"
                    )
                })
            }),
        None => match (destinations.next(), destinations.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(Failure::sentence(format!(
                "the settings have several destinations; choose one: --destination with one of: {names}"
            ))),
        },
    }
}

/// The mapping of the destination that the options choose.
pub(crate) fn mapping(args: &SettingsArgs) -> Result<Mapping, Failure> {
    let destination = choose_destination(load_settings(args)?, args.destination.as_deref())?;
    mapping_of(&destination)
}

/// The mapping of a destination. Contradictions are found when the settings are read; this is the last resort.
pub(crate) fn mapping_of(destination: &Destination) -> Result<Mapping, Failure> {
    Mapping::new(destination.mapping.clone()).map_err(|_| {
        Failure::sentence("two names of standard_events fold alike and have different targets")
    })
}

/// The time of day, or what `--now` says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(pub(crate) Option<Timestamp>);

impl Clock {
    pub(crate) fn now(self) -> Timestamp {
        self.0.unwrap_or_else(Timestamp::now)
    }
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
