//! Which dead letters the options mean.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use conversions_delivery::{DeadLetter, DeadLetterStore, EventKey, Filter};

use crate::cli::SettingsArgs;
use crate::context::load_settings;
use crate::dead_letters::args::SelectionArgs;
use crate::failure::Failure;
use crate::route::{self, Mode};

/// Which dead letters are meant.
pub(crate) struct Selection {
    filter: Filter,
    /// Only of these destinations.
    destinations: Option<BTreeSet<String>>,
    ids: Vec<EventKey>,
    /// Whether any condition was given.
    pub(crate) is_restricted: bool,
}

impl Selection {
    pub(crate) fn of(args: &SelectionArgs) -> Result<Self, Failure> {
        let mut filter = Filter::all();
        if !args.ids.is_empty() {
            filter = filter.ids(args.ids.iter().copied().map(EventKey));
        }
        if let Some(reason) = args.reason {
            filter = filter.reason(reason);
        }
        if let Some(since) = args.since {
            filter = filter.since(since);
        }
        if let Some(until) = args.until {
            filter = filter.until(until);
        }
        if let Some(name) = &args.destination {
            filter = filter.destination(name);
        }
        Ok(Self {
            is_restricted: filter != Filter::all() || args.settings.is_some(),
            filter,
            destinations: destinations(args.settings.as_deref())?,
            ids: args.ids.iter().copied().map(EventKey).collect(),
        })
    }

    /// Visits those that are meant, oldest first, until the visitor breaks off. An id that was given and is not there is
    /// said before anything else is done.
    pub(crate) fn visit(
        &self,
        letters: &dyn DeadLetterStore,
        mut visitor: impl FnMut(DeadLetter) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        for id in &self.ids {
            find(letters, *id)?;
        }
        let visited = letters.visit(&self.filter, &mut |letter| {
            let is_meant = self
                .destinations
                .as_ref()
                .is_none_or(|names| names.contains(&*letter.destination));
            if is_meant {
                visitor(letter)
            } else {
                ControlFlow::Continue(())
            }
        });
        visited.map(|_| ()).map_err(|error| Failure::of(&error))
    }
}

/// The dead letter of an id that somebody gave.
pub(crate) fn find(letters: &dyn DeadLetterStore, id: EventKey) -> Result<DeadLetter, Failure> {
    let failed = |error| Failure::of(&error);
    let mut found = letters.get(id).map_err(failed)?;
    if found.is_none() {
        // One that is damaged has an id all the same.
        let with_id = letters.visit(&Filter::all().ids([id]), &mut |letter| {
            found = Some(letter);
            ControlFlow::Break(())
        });
        with_id.map_err(failed)?;
    }
    found.ok_or_else(|| {
        Failure::sentence(format!(
            "there is no dead letter {} in this folder; `segue dead-letters list` shows which there are",
            id.0
        ))
    })
}

/// The names of the destinations in a settings file.
pub(crate) fn destinations(settings: Option<&Path>) -> Result<Option<BTreeSet<String>>, Failure> {
    let Some(path) = settings else {
        return Ok(None);
    };
    let args = SettingsArgs {
        settings: Some(path.to_owned()),
        destination: None,
    };
    let settings = load_settings(&args)?;
    let names = settings
        .destinations
        .iter()
        .map(|destination| route::name(destination, Mode::Meta, true));
    Ok(Some(names.collect()))
}
