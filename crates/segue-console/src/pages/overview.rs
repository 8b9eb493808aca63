//! `/`: is everything all right? If not, what is to be done?

use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use crate::chart::{Chart, STYLES, Series, Shape};
use crate::data::{ChartPoint, Charts, DestinationState, DestinationSummary, Overview, TimeRange};
use crate::fault::Fault;
use crate::figures::grouped;
use crate::format::ago;
use crate::layout::{self, Section};
use crate::parts::{answer, cut, link};
use crate::state::AppState;

/// Reasons that have a colour of their own; the others are shown together.
const REASONS: usize = STYLES - 1;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct OverviewQuery {
    #[serde(default)]
    range: String,
}

impl OverviewQuery {
    pub(crate) fn range(&self) -> TimeRange {
        TimeRange::from_name(&self.range).unwrap_or_default()
    }
}

pub(crate) async fn page(
    State(state): State<AppState>,
    Query(query): Query<OverviewQuery>,
) -> Result<impl IntoResponse, Fault> {
    let overview = state.data.overview(query.range()).await?;
    Ok(render(&state, &overview, query.range()))
}

fn render(state: &AppState, overview: &Overview, range: TimeRange) -> Html<String> {
    let verdict = &overview.verdict;
    let class = if verdict.is_fine {
        "verdict good"
    } else {
        "verdict bad"
    };
    let content = html! {
        h1.hidden { "Overview" }
        div id="verdict" data-live {
            section class=(class) aria-label="Verdict" {
                p.sentence { (verdict.sentence) }
                @if let Some(advice) = &verdict.advice { p { (advice) } }
                @for fault in &overview.faults { p { (fault) } }
            }
        }
        form.search action="/events" method="get" role="search" {
            label for="search" { "Where is my event?" }
            input id="search" type="search" name="id" placeholder="messageId, event_id or order_id" autocomplete="off" spellcheck="false";
            button type="submit" { "Search" }
        }
        section aria-labelledby="destinations" {
            h2 id="destinations" { "Destinations" }
            div.cards id="cards" data-live {
                @for destination in &overview.destinations { (card(destination)) }
            }
        }
        section aria-labelledby="history" {
            h2 id="history" { "History" }
            nav.tabs aria-label="Time of the charts" {
                @for (one, words) in [(TimeRange::Hour, "Last hour"), (TimeRange::Day, "Last day"), (TimeRange::Fortnight, "14 days")] {
                    a href=(link("/", &[("range", Some(one.name().to_owned()))])) aria-current=[(one == range).then_some("true")] { (words) }
                }
            }
            div.charts id="charts" data-live {
                @match &overview.charts {
                    Some(charts) => (charts_of(charts)),
                    None => p.quiet { "The history is switched off. To have charts, set enabled = true under [history] in the settings." },
                }
            }
        }
    };
    layout::page(state, Section::Overview, "Overview", &content)
}

fn card(destination: &DestinationSummary) -> Markup {
    let class = match destination.state {
        DestinationState::Delivering => "badge good",
        DestinationState::Retrying | DestinationState::Paused => "badge warn",
        DestinationState::Held => "badge bad",
    };
    let events = |outcome: &str| {
        link(
            "/events",
            &[
                ("destination", Some(destination.name.clone())),
                ("outcome", Some(outcome.to_owned())),
            ],
        )
    };
    html! {
        article.card {
            h3 { (cut(&destination.name)) " " span class=(class) { (destination.state.name()) } }
            @if let Some(sentence) = &destination.sentence { p { (cut(sentence)) } }
            dl.figures {
                div { dt { "Accepted" } dd { (grouped(destination.accepted)) } }
                div { dt { "Delivered" } dd { (grouped(destination.delivered)) } }
                div { dt { "Rejected, 24 h" } dd { a href=(events("rejected")) { (grouped(destination.rejected)) } } }
                div { dt { "Dead letters" } dd { a href=(link("/dead-letters", &[("destination", Some(destination.name.clone()))])) { (grouped(destination.dead_letters)) } } }
                div { dt { "Waiting" } dd { (grouped(destination.backlog)) } }
                div { dt { "Oldest" } dd { (destination.oldest_at.map_or_else(|| "–".to_owned(), |at| ago(at, Timestamp::now()))) } }
            }
            @if let Some(last) = &destination.last_answer { p.quiet { "Last answer: " (answer(last)) } }
        }
    }
}

const EVENTS: [&str; 2] = ["event", "events"];

fn charts_of(charts: &Charts) -> Markup {
    let of = |title: &'static str, unit: [&'static str; 2], shape: Shape, series: Vec<Series>| {
        let times = charts.points.iter().map(|point| point.at).collect();
        let range = charts.range;
        Chart {
            title,
            unit,
            shape,
            range,
            times,
            series,
        }
        .markup()
    };
    let series = |name: &str, value: &dyn Fn(&ChartPoint) -> Option<f64>| Series {
        name: name.to_owned(),
        values: charts.points.iter().map(value).collect(),
    };
    let counts = vec![
        series("received", &|point| Some(float(point.received))),
        series("delivered", &|point| Some(float(point.delivered))),
    ];
    let times = vec![
        series("half within", &|point| point.answer_ms_p50),
        series("95 % within", &|point| point.answer_ms_p95),
    ];
    html! {
        (of("Received and delivered", EVENTS, Shape::Lines, counts))
        (of("Rejected and given up, by reason", EVENTS, Shape::StackedBars, rejected(charts)))
        (of("Answer times of Meta", ["ms", "ms"], Shape::Lines, times))
    }
}

/// A series for each of the most frequent reasons, and one for all others.
fn rejected(charts: &Charts) -> Vec<Series> {
    let mut totals = std::collections::BTreeMap::<&str, u64>::new();
    for (reason, count) in charts.points.iter().flat_map(|point| &point.rejected) {
        *totals.entry(reason).or_default() += count;
    }
    let mut reasons: Vec<(&str, u64)> = totals.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let (shown, others) = reasons.split_at(reasons.len().min(REASONS));
    let of =
        |point: &ChartPoint, reason: &str| point.rejected.get(reason).copied().unwrap_or_default();
    let mut series: Vec<Series> = shown
        .iter()
        .map(|(reason, _)| Series {
            name: reason.replace('_', " "),
            values: charts
                .points
                .iter()
                .map(|point| Some(float(of(point, reason))))
                .collect(),
        })
        .collect();
    if !others.is_empty() {
        let sum = |point: &ChartPoint| others.iter().map(|(reason, _)| of(point, reason)).sum();
        series.push(Series {
            name: "others".to_owned(),
            values: charts
                .points
                .iter()
                .map(|point| Some(float(sum(point))))
                .collect(),
        });
    }
    series
}

/// Exact up to 2^53, which no chart tells apart.
#[expect(
    clippy::cast_precision_loss,
    reason = "a chart has a few hundred pixels"
)]
fn float(count: u64) -> f64 {
    count as f64
}
