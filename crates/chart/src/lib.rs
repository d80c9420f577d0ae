//! Pictures of metrics, as CloudWatch draws its widgets: from series to the bytes of a PNG. Pure.
//!
//! ```text
//! Chart ─▶ draw (a file per kind of view) ─▶ canvas (lines, areas, texts) ─▶ PNG
//!              └─▶ scale: where values and instants stand, and at which ones marks are good to read
//! ```
//!
//! The font is DejaVu Sans, which comes with the program: a picture is the same on each machine.

mod canvas;
mod draw;
mod scale;

use std::collections::BTreeMap;

use neargate_ids::Timestamp;

/// What is drawn.
#[derive(Clone, Debug)]
pub struct Chart {
    pub width: u32,
    pub height: u32,
    pub title: String,
    pub view: View,
    pub is_stacked: bool,
    pub is_dark: bool,
    pub legend: Legend,
    pub from: Timestamp,
    pub to: Timestamp,
    /// How far its clocks are from UTC.
    pub zone_minutes: i64,
    pub left: Axis,
    pub right: Axis,
    pub lines: Vec<Line>,
    pub horizontal: Vec<Mark<f64>>,
    pub vertical: Vec<Mark<Timestamp>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    TimeSeries,
    SingleValue,
    Bar,
    Pie,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legend {
    Bottom,
    Right,
    Hidden,
}

/// What an axis was told; the rest is found out.
#[derive(Clone, Debug, Default)]
pub struct Axis {
    pub label: String,
    pub min: Option<f64>,
    pub max: Option<f64>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub label: String,
    pub colour: Option<Colour>,
    pub is_right: bool,
    pub period_s: i64,
    pub points: BTreeMap<Timestamp, f64>,
}

/// A line across the picture, and where it fills.
#[derive(Clone, Debug)]
pub struct Mark<T> {
    pub at: T,
    /// The other end of a band.
    pub to: Option<T>,
    pub label: String,
    pub colour: Option<Colour>,
}

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// `#1f77b4`
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('#')?;
        let part = |from: usize| u8::from_str_radix(hex.get(from..from + 2)?, 16).ok();
        match hex.len() {
            6 => Some(Colour(part(0)?, part(2)?, part(4)?)),
            3 => {
                let one =
                    |at: usize| u8::from_str_radix(hex.get(at..=at)?, 16).ok().map(|x| x * 17);
                Some(Colour(one(0)?, one(1)?, one(2)?))
            }
            _ => None,
        }
    }

    /// The colours of lines, in AWS's order.
    pub fn of_line(number: usize) -> Self {
        const ALL: [Colour; 10] = [
            Colour(31, 119, 180),
            Colour(255, 127, 14),
            Colour(44, 160, 44),
            Colour(214, 39, 40),
            Colour(148, 103, 189),
            Colour(140, 86, 75),
            Colour(227, 119, 194),
            Colour(127, 127, 127),
            Colour(188, 189, 34),
            Colour(23, 190, 207),
        ];
        ALL[number % ALL.len()]
    }
}

/// The picture, as a PNG; nothing where it is too small or too large to be one.
pub fn png(chart: &Chart) -> Option<Vec<u8>> {
    let mut canvas = canvas::Canvas::new(chart.width, chart.height, chart.is_dark)?;
    draw::chart(&mut canvas, chart);
    canvas.png()
}

#[cfg(test)]
mod tests;
