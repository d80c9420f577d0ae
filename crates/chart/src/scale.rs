//! Where values and instants stand, and at which ones marks are good to read.

use neargate_ids::Timestamp;

/// From a range of values to one that ends at marks, and these.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub min: f64,
    pub max: f64,
    pub marks: Vec<f64>,
}

impl Scale {
    /// Of values from `low` to `high`, with about so many marks; ends that were asked for stay.
    pub fn of(low: f64, high: f64, asked: (Option<f64>, Option<f64>), count: usize) -> Self {
        let low = asked.0.unwrap_or(if low > 0.0 && low < high * 0.9 { 0.0 } else { low });
        let high = asked.1.unwrap_or(high).max(low);
        let (low, high) = match high - low {
            span if span > 0.0 => (low, high),
            _ => around(low),
        };
        let step = nice((high - low) / count.max(1) as f64);
        let min = asked.0.unwrap_or((low / step).floor() * step);
        let max = asked.1.filter(|max| *max > min).unwrap_or((high / step).ceil() * step);
        let first = (min / step).ceil() as i64;
        let last = (max / step + 1e-9).floor() as i64;
        let marks = (first..=last).map(|n| n as f64 * step).collect();
        Scale { min, max, marks }
    }

    /// The part of the way from the least to the most.
    pub fn part(&self, value: f64) -> f64 {
        (value - self.min) / (self.max - self.min)
    }
}

/// A range about a single value.
fn around(value: f64) -> (f64, f64) {
    match value {
        0.0 => (0.0, 1.0),
        _ if value > 0.0 => (0.0, value * 1.25),
        _ => (value * 1.25, 0.0),
    }
}

/// The next of 1, 2, 2.5 and 5 times a power of ten.
fn nice(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let fits = steps.into_iter().find(|nice| nice * power >= step * 0.999_999);
    fits.unwrap_or(10.0) * power
}

/// A value as a mark: `1.5k`, `20M`, `0.05`.
pub fn shown(value: f64) -> String {
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let unit = units.into_iter().find(|(size, _)| value.abs() >= *size * 0.999_999);
    let (value, unit) = unit.map_or((value, ""), |(size, unit)| (value / size, unit));
    let text = match value.abs() {
        0.0 => return "0".into(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.2}"),
        size if size >= 0.001 => format!("{value:.4}"),
        _ => return format!("{value:.1e}"),
    };
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    format!("{text}{unit}")
}

/// Seconds between marks of time.
const STEPS_S: [i64; 16] = [
    1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    2_592_000,
];

/// Instants that are good to read, at most so many, with their texts.
pub fn time_marks(
    from: Timestamp,
    to: Timestamp,
    zone_minutes: i64,
    count: usize,
) -> Vec<(Timestamp, String)> {
    let span = to.secs() - from.secs();
    let fits = |step: &i64| span / step <= count.max(1) as i64;
    let step = STEPS_S.into_iter().find(fits).unwrap_or(span.max(1));
    let shift = zone_minutes * 60;
    let first = (from.secs() + shift + step - 1).div_euclid(step) * step - shift;
    let format = match step {
        ..60 => "%H:%M:%S",
        60..86_400 => "%H:%M",
        _ => "%m/%d",
    };
    let mut marks = Vec::new();
    let mut at = first;
    while at <= to.secs() {
        let local = Timestamp::from_secs(at + shift);
        let is_day = step < 86_400 && (at + shift).rem_euclid(86_400) == 0;
        let text = local.format(if is_day { "%m/%d" } else { format });
        marks.push((Timestamp::from_secs(at), text));
        at += step;
    }
    marks
}
