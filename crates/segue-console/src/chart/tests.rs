use super::*;

fn chart(shape: Shape, series: &[(&str, &[Option<f64>])]) -> String {
    let points = series.first().map_or(0, |(_, values)| values.len());
    let time =
        |minute: usize| Timestamp::from_second(1_790_000_040 + 60 * i64::try_from(minute).unwrap());
    let chart = Chart {
        title: "Rejected",
        unit: ["event", "events"],
        shape,
        range: TimeRange::Hour,
        times: (0..points).map(|minute| time(minute).unwrap()).collect(),
        series: series
            .iter()
            .map(|(name, values)| Series {
                name: (*name).to_owned(),
                values: values.to_vec(),
            })
            .collect(),
    };
    chart.markup().into_string()
}

#[test]
fn bars_stand_on_each_other_and_a_table_has_their_numbers() {
    let text = chart(
        Shape::StackedBars,
        &[
            ("too old", &[Some(30.0), Some(0.0)]),
            ("no id", &[Some(20.0), None]),
        ],
    );
    let rects: Vec<&str> = text
        .match_indices("<rect")
        .map(|(at, _)| &text[at..at + 90])
        .collect();
    assert_eq!(rects.len(), 2, "{text}");
    assert!(
        rects[0].contains(r#"s0" x="30.0" y="48.0" width="240.0" height="72.0""#),
        "{text}"
    );
    assert!(
        rects[1].contains(r#"s1" x="30.0" y="0.0" width="240.0" height="48.0""#),
        "{text}"
    );
    assert!(text.contains("Rejected: too old 30, no id 20 events."));
    assert!(text.contains("50 events"));
    assert_eq!(
        text.matches("<tr>").count(),
        2,
        "the head, and the only time with events"
    );
}

#[test]
fn a_line_is_interrupted_where_nothing_was_measured() {
    let text = chart(
        Shape::Lines,
        &[("half", &[Some(0.0), Some(5.0), None, Some(10.0)])],
    );
    assert!(
        text.contains(r#"d="M0.0 120.0h0L200.0 60.0M600.0 0.0h0""#),
        "{text}"
    );
}

#[test]
fn a_chart_of_nothing_says_so_and_one_of_one_has_no_plural() {
    for series in [&[][..], &[("none", &[Some(0.0), None][..])]] {
        let text = chart(Shape::StackedBars, series);
        assert!(text.contains("Nothing in this time."), "{text}");
        assert!(!text.contains("<svg") && !text.contains("none"), "{text}");
    }
    let text = chart(Shape::StackedBars, &[("too old", &[Some(1.0)])]);
    assert!(text.contains("Rejected: too old 1 event."), "{text}");
    assert!(text.contains("1 event<"), "{text}");
}

#[test]
fn charts_of_nothing_and_of_the_impossible_are_drawn() {
    for values in [
        &[][..],
        &[None],
        &[Some(0.0)],
        &[Some(f64::MAX), Some(1e-300)],
    ] {
        for shape in [Shape::Lines, Shape::StackedBars] {
            let text = chart(shape, &[("a", values)]);
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        }
    }
}

#[test]
fn axes_end_at_readable_numbers() {
    for (value, top) in [
        (0.0, 1.0),
        (1.0, 1.0),
        (1.5, 2.0),
        (21.0, 50.0),
        (50.0, 50.0),
        (51.0, 100.0),
        (999.0, 1000.0),
    ] {
        assert!((rounded_up(value) - top).abs() < f64::EPSILON, "{value}");
    }
}
