//! Moving in: the configuration of another system's destination for Meta's Conversions API, as settings of `segue`.
//!
//! Three are read, from JSON: that of Segment's classic destination, that of Segment's Actions destination with its
//! mappings, and those of RudderStack's `facebook_conversions` and `facebook_pixel`. The export may wrap the configuration
//! in other objects, as the systems' APIs do. What has no counterpart becomes a remark. No secret is taken over.

mod actions;
mod classic;
mod config;
mod rudderstack;
mod write;

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use facebook_conversions::StandardEvent;
use jiff::Timestamp;
use segment_spec::ecommerce::fold;

use crate::destination::Destination;
use crate::diagnostic::{Diagnostic, Mistake, Severity, quoted};
use crate::document::Document;
use crate::json_tree;
use crate::load::read_file;
use crate::reader::Reader;
use crate::secret::SecretSource;
use crate::table::find;
use crate::tree::{Entry, Node};

/// Another system's configuration, as settings.
#[derive(Clone, Debug)]
pub struct MovedIn {
    /// Where the configuration is from.
    pub system: System,
    /// The settings that do the same.
    pub destination: Destination,
    /// What has no counterpart, what is left to do, each with its position in the configuration.
    pub remarks: Vec<Diagnostic>,
}

/// A system whose configuration can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Segment's destination "Facebook Conversions API", also known as Facebook Pixel Server-Side.
    SegmentClassic,
    /// Segment's destination "Facebook Conversions API (Actions)".
    SegmentActions,
    /// RudderStack's destinations Facebook Conversions and Facebook Pixel.
    RudderStack,
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SegmentClassic => "Segment's classic destination",
            Self::SegmentActions => "Segment's Actions destination",
            Self::RudderStack => "RudderStack",
        })
    }
}

impl MovedIn {
    /// The text of a settings file: what differs from the defaults, a source with this write key, and the remarks as
    /// comments.
    #[must_use]
    pub fn settings_file(&self, write_key: &str) -> String {
        write::settings_file(self, write_key)
    }
}

/// Reads the file of a configuration, as [`parse`] does.
///
/// # Errors
///
/// The file cannot be read, is not JSON, or is not one of the configurations.
pub fn load(path: &Path) -> Result<MovedIn, Vec<Diagnostic>> {
    parse(path, &read_file(path)?)
}

/// Reads the text of a configuration. The path is named in diagnostics; nothing is read from it.
///
/// ```
/// use std::path::Path;
///
/// let text = r#"{"datasetId": "1234567890", "eventsToEvents": [{"from": "Signed Up", "to": "Lead"}]}"#;
/// let moved = segue_settings::move_in::parse(Path::new("rudder.json"), text)?;
/// assert!(moved.settings_file("wk_1").contains("\"Signed Up\" = \"Lead\""));
/// # Ok::<(), Vec<segue_settings::Diagnostic>>(())
/// ```
///
/// # Errors
///
/// The text is not JSON, or not one of the configurations.
pub fn parse(path: &Path, text: &str) -> Result<MovedIn, Vec<Diagnostic>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = Document::new(path.to_owned(), text.to_owned());
    let mut reader = Reader::new(&document, Timestamp::UNIX_EPOCH, |_| false);
    let entries = match json_tree::parse_value(text) {
        Ok(node) => config::unwrap_list(node),
        Err(errors) => {
            for (span, message) in errors {
                reader.error(&span, Mistake::new(format!("syntax error: {message}")));
            }
            return Err(reader.diagnostics);
        }
    };
    let Some(system) = system_of(&entries) else {
        let mistake = Mistake::new("this is no configuration of a destination that segue can read");
        let help = "export the settings of Segment's Facebook Conversions API, with the mappings of its Actions \
                    destination, or those of RudderStack's facebook_conversions or facebook_pixel, as JSON";
        reader.error(&(0..0), mistake.help(help));
        return Err(reader.diagnostics);
    };
    let mut moving = Moving {
        destination: Destination::default(),
        reader,
        targets: HashMap::new(),
    };
    match system {
        System::SegmentClassic => classic::read(entries, &mut moving),
        System::SegmentActions => actions::read(&entries, &mut moving),
        System::RudderStack => rudderstack::read(&entries, &mut moving),
    }
    Ok(moving.finish(system))
}

/// The system that an export is from.
fn system_of(entries: &[Entry]) -> Option<System> {
    if config::has_directive(entries) || config::subscriptions(entries).is_some() {
        return Some(System::SegmentActions);
    }
    if config::find(entries, rudderstack::is_key).is_some() {
        return Some(System::RudderStack);
    }
    config::find(entries, config::is_classic_key).map(|_| System::SegmentClassic)
}

/// Settings that are being put together, and the configuration that they come from.
struct Moving<'s> {
    destination: Destination,
    reader: Reader<'s>,
    /// The standard events of `destination`, by folded names.
    targets: HashMap<String, StandardEvent>,
}

impl Moving<'_> {
    /// Notes something about an entry of the configuration: a clause, and what to do.
    fn remark(&mut self, entry: &Entry, remark: impl Into<String>, help: impl Into<String>) {
        self.remark_at(&entry.key_span, remark, help);
    }

    /// Notes something about a part of the configuration.
    fn remark_at(
        &mut self,
        span: &Range<usize>,
        remark: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.reader.warning(span, Mistake::new(remark).help(help));
    }

    /// Maps an event to a standard event. Other systems can send one message as several events.
    fn standard_event(&mut self, event: &str, target: StandardEvent, span: &Range<usize>) {
        let folded = fold(event).into_owned();
        let first = *self.targets.entry(folded).or_insert_with(|| {
            let standard_events = &mut self.destination.mapping.standard_events;
            standard_events.insert(event.to_owned(), target);
            target
        });
        if first != target {
            let (name, first) = (quoted(event), first.name());
            let remark = format!("{name} is sent as `{first}` only: an event has one name");
            let help = "send it to a second destination of the same pixel under the other name";
            self.remark_at(span, remark, help);
        }
    }

    /// Takes a value over as it is; what is wrong with it becomes a remark.
    fn take(&mut self, setting: &str, node: &Node) {
        let setting = find::<Destination>(setting).filter(|_| !node.is_unset());
        if let Some(setting) = setting {
            setting.read(node, &mut self.destination, &mut self.reader);
        }
    }

    /// Says where to put the access token, which is not taken over.
    fn access_token(&mut self, entry: &Entry) {
        let remark = format!("`{}` is a secret and is not copied", entry.key);
        let help = "put it into the environment variable META_ACCESS_TOKEN";
        self.remark(entry, remark, help);
    }

    fn finish(self, system: System) -> MovedIn {
        let Self {
            mut destination,
            reader,
            ..
        } = self;
        destination.name = Some("meta".to_owned());
        let token = SecretSource::Environment("META_ACCESS_TOKEN".to_owned());
        destination.graph.access_token = Some(token);
        let mut remarks = reader.diagnostics;
        remarks.sort_by_key(|remark| remark.at);
        for remark in &mut remarks {
            // What cannot be read is left out, and the rest is of use.
            remark.severity = Severity::Warning;
        }
        MovedIn {
            system,
            destination,
            remarks,
        }
    }
}
