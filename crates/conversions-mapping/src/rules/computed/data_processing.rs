//! Limited Data Use.

use facebook_conversions::{DataProcessing, ServerEvent};
use segment_spec::{Kind, Raw};

use crate::context::RuleContext;
use crate::note::Effect;

const FIELDS: [&str; 3] = [
    "data_processing_options",
    "data_processing_options_country",
    "data_processing_options_state",
];
const OVERRIDE: &str = "dataProcessingOptions";

/// Writes the event's own options if they are well-formed, else those of the settings; nothing while Limited Data Use is
/// off.
pub(crate) fn apply<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    let settings = &cx.compiled.settings;
    if !settings.limited_data_use {
        return;
    }
    let entry = cx.entry;
    let own = entry.data_processing_options.map(read_data_processing);
    if own == Some(None) {
        cx.notes.left_out(|| entry.path(OVERRIDE));
    }
    let own = own.flatten();
    for field in FIELDS {
        match own {
            Some(_) => cx
                .notes
                .wrote(field, Effect::Copied, || entry.path(OVERRIDE)),
            None => cx.notes.defaulted(field),
        }
    }
    event.data_processing.0 = Some(own.unwrap_or(settings.data_processing_options));
}

/// Reads `[options, country, state]`; a missing tail is 0.
pub(crate) fn read_data_processing(raw: Raw<'_>) -> Option<DataProcessing> {
    let mut items = raw.items()?;
    if !(1..=3).contains(&items.clone().count()) {
        return None;
    }
    let options = items.next()?.items()?;
    let limited = options.clone().next().is_some();
    if !options
        .into_iter()
        .all(|option| option.as_str().as_deref() == Some("LDU"))
    {
        return None;
    }
    let mut code = || items.next().map_or(Some(0), read_code);
    let (country, state) = (code()?, code()?);
    DataProcessing::new(limited, country, state)
}

/// Reads an integer, as a number or as text.
fn read_code(raw: Raw<'_>) -> Option<u16> {
    match raw.kind() {
        Kind::Number => raw.text().parse().ok(),
        Kind::String => raw.as_str()?.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use facebook_conversions::DataProcessing;
    use segment_spec::{Line, Message};

    use super::read_data_processing;

    fn read(json: &str) -> Option<DataProcessing> {
        let text = format!("{{\"integrations\":{json}}}");
        let line = Line::new(text.as_bytes()).expect("a line");
        let message = Message::read(&line).expect("a message");
        message.integrations.and_then(read_data_processing)
    }

    #[test]
    fn well_formed_options_are_taken_literally() {
        assert_eq!(read("[[],1,1000]"), DataProcessing::new(false, 1, 1000));
        assert_eq!(
            read(r#"[["LDU"],"1","1013"]"#),
            DataProcessing::new(true, 1, 1013)
        );
        assert_eq!(read(r#"[["LDU"]]"#), DataProcessing::new(true, 0, 0));
        assert_eq!(read(r#"[["LDU"],1]"#), DataProcessing::new(true, 1, 0));
    }

    #[test]
    fn malformed_options_are_refused() {
        for json in [
            "[]",
            "null",
            "{}",
            r#"["LDU",0,0]"#,
            r#"[["ldu"],0,0]"#,
            "[[],2,0]",
            "[[],1,999]",
            "[[],1,1014]",
            "[[],1.5,0]",
            "[[],-1,0]",
            "[[],1,1000,0]",
            "[[1],0,0]",
            "[[],null,0]",
            r#"[[],"x",0]"#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
