//! `docs/mapping.md`: the rows of the mapping, names of events, and what notes say.

use conversions_mapping::{
    DEFAULT_EVENTS, EXTENDED_EVENTS, Effect, INTEGRATION_NAMES, PERSONAL_NAMES, RuleDescription,
    computed_fields, rules, writable_fields,
};
use facebook_conversions::StandardEvent;

use crate::markdown::{Page, Table, code, codes};

pub(crate) fn render() -> String {
    let mut page = Page::new("The mapping");
    page.paragraph(
        "What becomes of a Segment message, by the tables that the code goes by. `segue explain` shows it for one event.",
    );
    fields(&mut page);
    rows_of_the_settings(&mut page);
    names(&mut page);
    personal(&mut page);
    effects(&mut page);
    page.into_text()
}

fn fields(page: &mut Page) {
    page.heading("Fields");
    page.paragraph(
        "Of the sources of a row the first that is present and usable wins. A field that an earlier row has written stays\n\
         as it is. Properties that no row names are sent in `custom_data` as they are.",
    );
    page.table(&descriptions(rules()));
    page.paragraph("These fields are computed, by the event and by more than one source:");
    page.table(&descriptions(computed_fields()));
}

fn rows_of_the_settings(page: &mut Page) {
    page.heading("Rows of the settings");
    page.paragraph(
        "The settings `fields` (for every event) and `event_fields` (for one event, which win) say where a field comes from.\n\
         They are applied before the rows above; the first source that is present and usable wins, and if none is, the\n\
         rows above apply. A property that was used does not stay in `custom_data`, unless `keep` is on. Contact data is\n\
         sent in hashed fields only. Besides these fields, rows may write `custom_data.` and any other key.",
    );
    let mut table = Table::new(["field of the server event", "takes"]);
    for (path, takes) in writable_fields() {
        table.row([code(path), takes.to_owned()]);
    }
    page.table(&table);
}

fn descriptions(rules: impl Iterator<Item = RuleDescription>) -> Table {
    let mut table = Table::new(["field of the server event", "source in the message", "how"]);
    for rule in rules {
        let how = match rule.when {
            Some(when) => format!("{}; {when}", rule.via),
            None => rule.via.to_owned(),
        };
        table.row([code(rule.field), codes(&rule.sources), how]);
    }
    table
}

fn names(page: &mut Page) {
    page.heading("Event names");
    page.paragraph(
        "These events are sent as standard events. The setting `standard_events` adds to them and replaces them; every\n\
         other event is sent under its own name.",
    );
    page.table(&events(DEFAULT_EVENTS));
    page.paragraph("With the setting `extended_standard_events` these too:");
    page.table(&events(EXTENDED_EVENTS));
    let targets: Vec<_> = StandardEvent::ALL
        .iter()
        .map(|event| event.name())
        .collect();
    page.paragraph(&format!(
        "Meta's standard events, which the setting can name: {}.",
        codes(&targets)
    ));
    page.paragraph(&format!(
        "Names of this destination in `integrations`: {}.",
        codes(&INTEGRATION_NAMES)
    ));
}

fn events(pairs: &[(&str, StandardEvent)]) -> Table {
    let mut table = Table::new(["Segment event", "standard event"]);
    for (name, event) in pairs {
        table.row([code(name), code(event.name())]);
    }
    table
}

fn personal(page: &mut Page) {
    page.heading("Personal data among the properties");
    page.paragraph(&format!(
        "Meta forbids contact data in `custom_data`. Properties of these names, whatever their case and with or without\n\
         `_`, are cut out at any depth, and so is every string that is wholly an e-mail address; the setting\n\
         `pii_properties` changes that. {}.",
        codes(PERSONAL_NAMES),
    ));
}

fn effects(page: &mut Page) {
    page.heading("Effects");
    page.paragraph("What a note says of a value.");
    let mut table = Table::new(["name", "meaning"]);
    for effect in Effect::ALL {
        table.row([code(effect.name()), effect.meaning().to_owned()]);
    }
    page.table(&table);
    page.paragraph(
        "Why a message is skipped or rejected, and what a warning means: [reasons, warnings and errors](reasons.md).",
    );
}
