//! Charts as SVG, with the same numbers as a table behind them.
//!
//! Written here, because a library like `plotters` draws text and colours into the picture: it would be unreadable at 360
//! pixels and in dark mode, where the style sheet has to choose both. Here the picture has shapes only; the words around it
//! are HTML.

use std::fmt::Write as _;

use jiff::Timestamp;
use maud::{Markup, html};

use crate::data::TimeRange;
use crate::parts::scroll;

/// Units of the picture. It is stretched to the width of its box.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 120.0;

/// Different ways to draw a series: the style sheet has a colour for each, and lines a pattern of dashes.
pub(crate) const STYLES: usize = 5;

/// One quantity over time.
pub(crate) struct Series {
    pub(crate) name: String,
    /// A value for each point; absent where there was nothing to measure.
    pub(crate) values: Vec<Option<f64>>,
}

/// How series are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A line each.
    Lines,
    /// Bars on top of each other.
    StackedBars,
}

pub(crate) struct Chart<'c> {
    pub(crate) title: &'c str,
    /// What is counted: one of it and several, like `event` and `events`.
    pub(crate) unit: [&'c str; 2],
    pub(crate) shape: Shape,
    pub(crate) range: TimeRange,
    pub(crate) times: Vec<Timestamp>,
    pub(crate) series: Vec<Series>,
}

impl Chart<'_> {
    pub(crate) fn markup(&self) -> Markup {
        let highest = self.highest();
        if highest <= 0.0 {
            return html! {
                figure.chart {
                    figcaption { (self.title) }
                    p.quiet { "Nothing in this time." }
                }
            };
        }
        let top = rounded_up(highest);
        html! {
            figure.chart {
                figcaption { (self.title) }
                ul.legend aria-hidden="true" {
                    @for (index, series) in self.series.iter().enumerate() {
                        li { span class=(format!("swatch s{}", index % STYLES)) {} (series.name) }
                    }
                }
                div.plot {
                    span.top { (number(top)) " " (self.unit_of(top)) }
                    svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" role="img" aria-label=(self.summary()) {
                        line class="grid" x1="0" x2=(WIDTH) y1="0.5" y2="0.5" {}
                        line class="grid" x1="0" x2=(WIDTH) y1=(HEIGHT / 2.0) y2=(HEIGHT / 2.0) {}
                        line class="base" x1="0" x2=(WIDTH) y1=(HEIGHT - 0.5) y2=(HEIGHT - 0.5) {}
                        @match self.shape {
                            Shape::Lines => (self.lines(top)),
                            Shape::StackedBars => (self.bars(top)),
                        }
                    }
                    p.ends {
                        span { (self.label(self.times.first())) }
                        span { (self.label(self.times.last())) }
                    }
                }
                details {
                    summary { "Numbers of “" (self.title) "”" }
                    (self.table())
                }
            }
        }
    }

    fn lines(&self, top: f64) -> Markup {
        html! {
            @for (index, series) in self.series.iter().enumerate() {
                path class=(format!("line s{}", index % STYLES)) d=(path(&series.values, top)) {}
            }
        }
    }

    fn bars(&self, top: f64) -> Markup {
        let width = WIDTH / float(self.times.len().max(1));
        html! {
            @for position in 0..self.times.len() {
                @for (index, bar) in self.stack(position, top).into_iter().enumerate() {
                    @if bar.height > 0.0 {
                        rect class=(format!("bar s{}", index % STYLES)) x=(short(float(position) * width + width * 0.1))
                            y=(short(bar.y)) width=(short(width * 0.8)) height=(short(bar.height)) {}
                    }
                }
            }
        }
    }

    /// The bars of one point, from the bottom up.
    fn stack(&self, position: usize, top: f64) -> Vec<Bar> {
        let mut y = HEIGHT;
        let bar = |series: &Series| {
            let value = series.values.get(position).copied().flatten();
            let height = value.unwrap_or_default() / top * HEIGHT;
            y -= height;
            Bar { y, height }
        };
        self.series.iter().map(bar).collect()
    }

    fn highest(&self) -> f64 {
        let at = |position: usize| {
            let values = self
                .series
                .iter()
                .filter_map(|series| series.values.get(position).copied().flatten());
            match self.shape {
                Shape::Lines => values.fold(0.0, f64::max),
                Shape::StackedBars => values.sum(),
            }
        };
        (0..self.times.len()).map(at).fold(0.0, f64::max)
    }

    /// What the picture shows, for those who do not see it.
    fn summary(&self) -> String {
        let mut last = 0.0;
        let each = self.series.iter().map(|series| {
            let values = series.values.iter().flatten();
            let words;
            (words, last) = match self.shape {
                Shape::StackedBars => (" ", values.sum()),
                Shape::Lines => (" at most ", values.copied().fold(0.0, f64::max)),
            };
            format!("{}{words}{}", series.name, number(last))
        });
        let each = each.collect::<Vec<_>>().join(", ");
        format!(
            "{}: {each} {}. The table has the numbers.",
            self.title,
            self.unit_of(last)
        )
    }

    /// The unit of a number that is shown in front of it.
    fn unit_of(&self, value: f64) -> &str {
        let [one, several] = self.unit;
        if number(value) == "1" { one } else { several }
    }

    fn label(&self, at: Option<&Timestamp>) -> String {
        let Some(at) = at else { return String::new() };
        let format = match self.range {
            TimeRange::Hour | TimeRange::Day => "%H:%M",
            TimeRange::Fortnight => "%Y-%m-%d",
        };
        at.strftime(format).to_string()
    }

    /// The points at which something happened, the newest first.
    fn table(&self) -> Markup {
        let is_something = |position: &usize| {
            let values = self
                .series
                .iter()
                .filter_map(|series| series.values.get(*position).copied().flatten());
            values.fold(0.0, f64::max) > 0.0
        };
        let rows: Vec<usize> = (0..self.times.len()).rev().filter(is_something).collect();
        let table = html! {
            table {
                thead { tr { th scope="col" { "From (UTC)" } @for series in &self.series { th.right scope="col" { (series.name) } } } }
                tbody {
                    @for position in rows {
                        tr {
                            th scope="row" {
                                @if let Some(at) = self.times.get(position) { (at.strftime("%Y-%m-%d %H:%M")) }
                            }
                            @for series in &self.series {
                                td.right { (series.values.get(position).copied().flatten().map_or_else(|| "–".to_owned(), number)) }
                            }
                        }
                    }
                }
            }
        };
        scroll(&format!("Numbers of {}", self.title), &table)
    }
}

struct Bar {
    y: f64,
    height: f64,
}

/// A line through the values, interrupted where one is missing.
fn path(values: &[Option<f64>], top: f64) -> String {
    let step = WIDTH / float(values.len().saturating_sub(1).max(1));
    let mut path = String::new();
    let mut is_drawing = false;
    for (position, value) in values.iter().enumerate() {
        let Some(value) = value else {
            is_drawing = false;
            continue;
        };
        let (x, y) = (float(position) * step, HEIGHT - value / top * HEIGHT);
        let command = if is_drawing { 'L' } else { 'M' };
        let _ = write!(path, "{command}{} {}", short(x), short(y));
        // A single point is a line of no length, which round ends make visible.
        if !is_drawing {
            path.push_str("h0");
        }
        is_drawing = true;
    }
    path
}

/// The next number that is easy to read: 1, 2 or 5 with zeros.
fn rounded_up(value: f64) -> f64 {
    if !value.is_finite() || value <= 1.0 {
        return 1.0;
    }
    let magnitude = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * magnitude);
    steps
        .into_iter()
        .find(|step| *step >= value)
        .unwrap_or(value)
}

/// A number for people: whole from 10 on.
fn number(value: f64) -> String {
    if value >= 10.0 || value.fract() == 0.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count or a time in milliseconds: positive, and the cast saturates"
        )]
        let whole = value.round() as u64;
        crate::figures::grouped(whole)
    } else {
        format!("{value:.1}")
    }
}

/// A coordinate with one decimal: more would only make the page larger.
fn short(value: f64) -> String {
    format!("{value:.1}")
}

/// A small number.
fn float(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests;
