//! What the dashboard and the alerting rules in `deploy` ask of `segue consume`.

use std::collections::BTreeSet;

const DASHBOARD: &str = include_str!("../../deploy/grafana.json");
const RULES: &str = include_str!("../../deploy/alerts.yml");

/// The names of its metrics in them.
pub(crate) fn expressions() -> BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words = [DASHBOARD, RULES]
        .into_iter()
        .flat_map(|text| text.split(move |letter| !is_part(letter)));
    words
        .filter(|word| word.starts_with("segue_consume_"))
        .map(str::to_owned)
        .collect()
}
