//! `docs/settings.md`: every setting, table by table.

use segue_settings::reference::{self, SettingReference};

use crate::markdown::{Page, Table, code};

pub(crate) fn render() -> String {
    let mut page = Page::new("Every setting");
    page.paragraph(
        "A settings file is TOML, or JSON with the same names. `segue init` writes one in which every setting is explained,\n\
         `segue check --settings FILE` says what is in force and what is wrong, and `segue check --schema` prints a JSON\n\
         schema for editors. Each name may also be written in `camelCase`. Names of Segment's classic destination load as they\n\
         are. An unknown name is an error. `segue serve` reads the file again when it changes.",
    );
    page.paragraph(
        "A secret never stands in the file: `{ env = \"NAME\" }` is an environment variable, `{ file = \"PATH\" }` a file, which is\n\
         read again when it changes.",
    );
    for table in reference::tables() {
        page.heading(&code(table.opening));
        page.paragraph(&sentence(table.purpose));
        page.table(&rows(&table.settings));
    }
    page.into_text()
}

fn rows(settings: &[SettingReference]) -> Table {
    let mut table = Table::new([
        "setting",
        "takes",
        "default",
        "a change takes effect",
        "what it is for",
    ]);
    for setting in settings {
        let segment = setting.segment_name.as_ref();
        let segment = segment.map_or_else(String::new, |name| format!("; Segment's `{name}`"));
        let example = setting
            .example
            .map_or_else(String::new, |toml| format!("; for example `{toml}`"));
        table.row([
            code(setting.name),
            setting.takes.clone(),
            setting
                .default
                .as_ref()
                .map_or_else(|| "—".to_owned(), code),
            setting.takes_effect.to_owned(),
            format!("{}{segment}{example}", setting.purpose),
        ]);
    }
    table
}

/// A phrase as a sentence.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}
