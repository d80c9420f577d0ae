//! Pictures that are pictures, and the marks on their scales.

use neargate_ids::Timestamp;

use crate::scale::{Scale, shown, time_marks};
use crate::{Axis, Chart, Colour, Legend, Line, Mark, View, png};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_secs(1_767_322_800 + minute * 60)
}

fn chart(view: View, is_stacked: bool) -> Chart {
    let line = |label: &str, phase: f64| Line {
        label: label.to_owned(),
        colour: None,
        is_right: false,
        period_s: 60,
        points: (0..180)
            .filter(|minute| !(70..80).contains(minute))
            .map(|m| (at(m), 40.0 + 25.0 * ((m as f64 / 20.0) + phase).sin()))
            .collect(),
    };
    Chart {
        width: 600,
        height: 400,
        title: "CPU of the services".into(),
        view,
        is_stacked,
        is_dark: false,
        legend: Legend::Bottom,
        from: at(0),
        to: at(180),
        zone_minutes: 0,
        left: Axis { label: "Percent".into(), ..Axis::default() },
        right: Axis::default(),
        lines: vec![line("web", 0.0), line("api", 1.0), line("a service whose name is long", 2.5)],
        horizontal: vec![Mark { at: 80.0, to: None, label: "CPU above 80 %".into(), colour: None }],
        vertical: vec![Mark { at: at(120), to: None, label: "deployment".into(), colour: None }],
    }
}

/// The size that stands in a PNG's header.
fn size(png: &[u8]) -> (u32, u32) {
    let number = |from: usize| u32::from_be_bytes(png[from..from + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn each_view_is_a_picture_of_its_size() {
    for view in [View::TimeSeries, View::SingleValue, View::Bar, View::Pie] {
        for is_stacked in [false, true] {
            let chart = chart(view, is_stacked);
            let picture = png(&chart).unwrap();
            assert!(picture.starts_with(b"\x89PNG\r\n"));
            assert_eq!(size(&picture), (600, 400));
            let name = format!("neargate-chart-{view:?}-{is_stacked}.png");
            if let Some(directory) = std::env::var_os("NEARGATE_PICTURES") {
                std::fs::write(std::path::Path::new(&directory).join(name), picture).unwrap();
            }
        }
    }
}

#[test]
fn nothing_and_very_little_are_drawn_too() {
    let empty = Chart { lines: Vec::new(), horizontal: Vec::new(), ..chart(View::Pie, false) };
    assert!(png(&empty).is_some());
    let small = Chart {
        width: 1,
        height: 1,
        is_dark: true,
        legend: Legend::Right,
        ..chart(View::TimeSeries, true)
    };
    assert_eq!(size(&png(&small).unwrap()), (1, 1));
    assert!(png(&Chart { width: 0, ..chart(View::Bar, false) }).is_none());
}

#[test]
fn marks_are_good_to_read() {
    let marks = |low, high| Scale::of(low, high, (None, None), 5).marks;
    assert_eq!(marks(3.0, 97.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
    assert_eq!(marks(0.0, 1.1), [0.0, 0.25, 0.5, 0.75, 1.0, 1.25]);
    assert_eq!(marks(7.0, 7.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
    assert_eq!(marks(-5.0, 5.0), [-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0]);
    let shown: Vec<String> = [0.0, 0.25, 1500.0, 2.5e7, 0.00001].into_iter().map(shown).collect();
    assert_eq!(shown, ["0", "0.25", "1.5k", "25M", "1.0e-5"]);
    let texts = |minutes, zone| {
        let marks = time_marks(at(0), at(minutes), zone, 6);
        marks.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(texts(60, 0), "03:00 03:15 03:30 03:45 04:00");
    assert_eq!(texts(1440, 60), "06:00 12:00 18:00 01/03");
    assert_eq!(texts(7 * 1440, 0), "01/03 01/05 01/07 01/09");
}

#[test]
fn colours_are_read() {
    assert_eq!(Colour::parse("#1f77b4"), Some(Colour(31, 119, 180)));
    assert_eq!(Colour::parse("#fff"), Some(Colour(255, 255, 255)));
    assert_eq!(Colour::parse("red"), None);
}
