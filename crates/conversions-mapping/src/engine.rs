//! The engine: compiles settings once, then maps message after message.

use std::borrow::Cow;
use std::sync::Arc;

use facebook_conversions::normalize::NormalizeContext;
use facebook_conversions::validation::{validate, validate_well_formed};
use facebook_conversions::{CountryCode, ServerEvent};
use jiff::Timestamp;
use segment_spec::{Line, Message, Raw};

use crate::cached_year::CachedYear;
use crate::compiled::CompiledSettings;
use crate::context::RuleContext;
use crate::eligibility::{Call, EligibleMessage, NotEligible, check_eligibility};
use crate::integrations::Entry;
use crate::memory::{CustomerMemory, learn_and_fill};
use crate::note::{Notes, Path};
use crate::outcome::{Mapped, MessageFault, Outcome, RejectReason, Rejection};
use crate::rules::computed::{
    action_source, app_data, data_processing, derive, event_name, event_time, external_id,
    match_properties, value,
};
use crate::rules::configured::ConfiguredRows;
use crate::rules::{pass_through, table};
use crate::settings::{Settings, SettingsError};

/// The mapping of one destination: its settings, compiled.
#[derive(Debug)]
pub struct Mapping {
    pub(crate) compiled: CompiledSettings,
    pub(crate) configured: ConfiguredRows,
    memory: Option<Arc<dyn CustomerMemory>>,
}

impl Mapping {
    /// Compiles settings.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] when they contradict themselves.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let compiled = CompiledSettings::new(settings)?;
        let configured = ConfiguredRows::new(&compiled)?;
        Ok(Self {
            compiled,
            configured,
            memory: None,
        })
    }

    /// Sets what is told of every customer, and fills what events lack.
    #[must_use]
    pub fn with_memory(mut self, memory: Arc<dyn CustomerMemory>) -> Self {
        self.memory = Some(memory);
        self
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.compiled.settings
    }

    /// Creates a mapper; each thread needs its own.
    #[must_use]
    pub fn mapper(&self) -> Mapper<'_> {
        Mapper {
            mapping: self,
            scratch: String::with_capacity(256),
            with_notes: false,
            year: CachedYear::of(Timestamp::UNIX_EPOCH),
        }
    }
}

/// Maps messages. Reuses its buffers from one message to the next.
#[derive(Debug)]
pub struct Mapper<'m> {
    mapping: &'m Mapping,
    scratch: String,
    with_notes: bool,
    year: CachedYear,
}

impl<'m> Mapper<'m> {
    /// Sets whether outcomes carry a note for every field.
    #[must_use]
    pub fn with_notes(mut self, with_notes: bool) -> Self {
        self.with_notes = with_notes;
        self
    }

    /// Maps one line. Every line gives an outcome.
    pub fn map<'a>(&mut self, line: &'a Line<'_>, now: Timestamp) -> Outcome<'a> {
        let mut message = Message::default();
        match message.read_over(line) {
            Ok(()) => self.map_message(&message, now),
            Err(error) => error.into(),
        }
    }

    /// Maps the bytes of one line and calls `then` with the outcome. Any bytes give an outcome.
    pub fn map_bytes<T>(
        &mut self,
        bytes: &[u8],
        now: Timestamp,
        then: impl FnOnce(Outcome<'_>) -> T,
    ) -> T {
        match Line::new(bytes) {
            Ok(line) => then(self.map(&line, now)),
            Err(error) => then(error.into()),
        }
    }

    /// Maps a message that has been read.
    pub fn map_message<'a>(&mut self, message: &Message<'a>, now: Timestamp) -> Outcome<'a> {
        let eligible = match check_eligibility(message, &self.mapping.compiled.settings) {
            Ok(eligible) => eligible,
            Err(not_eligible) => {
                if let Some(memory) = self.mapping.memory.as_deref() {
                    self.learn(memory, message, now);
                }
                return match not_eligible {
                    NotEligible::Skip(reason) => Outcome::Skipped(reason),
                    NotEligible::Reject(fault) => Outcome::Rejected(Rejection::of_message(fault)),
                };
            }
        };
        // Rules look for traits in `context`; an Identify call has them at the top of the message.
        let identified = (eligible.call == Call::Identify).then(|| {
            let mut message = message.clone();
            message.context.traits = message.traits.clone();
            message
        });
        match self.build_event(identified.as_ref().unwrap_or(message), &eligible, now) {
            Ok(mapped) => validate_mapped(mapped, now),
            Err(fault) => {
                if let Some(memory) = self.mapping.memory.as_deref() {
                    self.learn(memory, message, now);
                }
                Outcome::Rejected(Rejection::of_message(fault))
            }
        }
    }

    pub(crate) fn mapping(&self) -> &'m Mapping {
        self.mapping
    }

    /// The state for mapping one message.
    #[inline]
    pub(crate) fn rule_context<'s, 'a>(
        &'s mut self,
        message: &'s Message<'a>,
        entry: Entry<'a>,
        notes: Notes<'a>,
        now: Timestamp,
    ) -> RuleContext<'s, 'a> {
        let compiled = &self.mapping.compiled;
        let year = self.year.at(now);
        let mut cx = RuleContext::new(compiled, message, &mut self.scratch);
        cx.entry = entry;
        cx.normalize_context = normalize_context_of(message, &compiled.settings, year);
        cx.notes = notes;
        cx
    }

    /// Builds the event. The steps that can fail come first, so that no work is lost when they do.
    fn build_event<'a>(
        &mut self,
        message: &Message<'a>,
        eligible: &EligibleMessage<'a>,
        now: Timestamp,
    ) -> Result<Box<Mapped<'a>>, MessageFault> {
        let compiled = &self.mapping.compiled;
        let mut notes = Notes::new(self.with_notes);
        let mut mapped = Box::new(Mapped {
            event: ServerEvent::default(),
            notes: Vec::new(),
            warnings: Vec::new(),
            test_event_code: None,
            remembered_keys: 0,
        });
        let event = &mut mapped.event;

        let (standard_event, product_event) = compiled.event_names.look_up(&eligible.name);
        event_name::write(
            event,
            eligible,
            standard_event.map(facebook_conversions::StandardEvent::name),
            &mut notes,
        )?;
        let mapping = self.mapping;
        let mut cx = self.rule_context(message, eligible.entry, notes, now);
        cx.standard_event = standard_event;
        cx.product_event = product_event;
        cx.traits_at_top = eligible.call == Call::Identify;
        cx.action_source = action_source::read(&mut cx)?;
        event.action_source = Some(cx.action_source);
        cx.time = event_time::event_time(message, now.as_millisecond(), &mut cx.notes)
            .ok_or(MessageFault::InvalidTimestamp)?;
        event.event_time = cx.time.div_euclid(1000);

        note_wrong_types(&mut cx);
        mapping.configured.apply(&eligible.name, event, &mut cx);
        table::apply_event(event, &mut cx);
        match_properties::apply(event, &mut cx);
        external_id::apply(event, &mut cx);
        value::apply(event, &mut cx);
        table::apply_custom_data(event, &mut cx);
        value::settle_currency(event, &mut cx);
        derive::apply(event, &mut cx);
        app_data::apply(event, &mut cx);
        data_processing::apply(event, &mut cx);
        pass_through::apply(event, &mut cx);
        if let Some(memory) = mapping.memory.as_deref() {
            let before = event.user_data.present_bits();
            learn_and_fill(memory, event, &mut cx);
            mapped.remembered_keys = event.user_data.present_bits() & !before;
        }

        mapped.test_event_code = test_event_code(&cx);
        mapped.warnings = cx.warnings;
        mapped.notes = cx.notes.into_list();
        Ok(mapped)
    }
}

/// What the form of contact data depends on: the year, and the countries of postcodes and phone numbers.
fn normalize_context_of(message: &Message<'_>, settings: &Settings, year: i16) -> NormalizeContext {
    let traits = &message.context.traits;
    let country = [traits.address.country, traits.country]
        .into_iter()
        .flatten()
        .find_map(|country| CountryCode::parse(&country.as_str()?));
    let context = NormalizeContext::in_year(year).in_country(country);
    if settings.complete_phone {
        context.completing_phones(settings.default_country)
    } else {
        context
    }
}

/// Notes the objects of the Spec in whose place the message has another type of value.
fn note_wrong_types(cx: &mut RuleContext<'_, '_>) {
    let (context, properties) = (&cx.message.context, &cx.message.properties);
    for (path, wrong_type) in [
        ("context", context.wrong_type),
        ("context.page", context.page.wrong_type),
        ("context.traits", context.traits.wrong_type),
        ("context.traits.address", context.traits.address.wrong_type),
        ("properties", properties.is_wrong_type()),
    ] {
        if wrong_type {
            cx.notes.left_out(|| Path::Fixed(path));
        }
    }
}

fn test_event_code<'a>(cx: &RuleContext<'_, 'a>) -> Option<Cow<'a, str>> {
    let own = cx.entry.test_event_code.and_then(Raw::as_str);
    own.or_else(|| cx.compiled.settings.test_event_code.clone().map(Cow::Owned))
}

/// Checks whether Meta would accept the event.
fn validate_mapped(mut mapped: Box<Mapped<'_>>, now: Timestamp) -> Outcome<'_> {
    let findings = validate_well_formed(&mapped.event, now.as_second());
    debug_assert_eq!(findings, validate(&mapped.event, now.as_second()));
    if mapped.warnings.is_empty() {
        mapped.warnings = findings.warnings;
    } else {
        mapped.warnings.extend(findings.warnings);
        mapped.warnings.sort_unstable();
    }
    match findings.violations.first() {
        None => Outcome::Accepted(mapped),
        Some(violation) => Outcome::Rejected(Rejection {
            reason: RejectReason::Event(*violation),
            detail: Cow::Borrowed(violation.sentence()),
            mapped: Some(mapped),
        }),
    }
}
