//! What values of a metric are expected: learned from those of the last two weeks.
//!
//! The model is a simple seasonal one. A day has its course: for an instant, those values count
//! that were measured at about the same time of earlier days, where there are at least three such
//! days; before that, all that came earlier. The band is their mean, so many of their standard
//! deviations wide to both sides. An instant has no band before ten values have come. AWS learns
//! trends and weeks too; its band is narrower where those are strong.
//!
//! The band of an instant is made of what came before it alone: the value that is judged has no
//! part in what was expected of it, and neither has what the detector was told to leave out.

use std::collections::BTreeMap;

use neargate_api::Timestamp;
use neargate_metricmath::Series;

const TRAINED_S: i64 = 14 * 86_400;
const DAY_S: i64 = 86_400;
/// How near another time of day is to be the same, in seconds.
const NEAR_S: i64 = 1800;
const DAYS_MIN: usize = 3;
const VALUES_MIN: usize = 10;

/// What a metric's detector was told.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// What is left out of training.
    pub excluded: Vec<(Timestamp, Timestamp)>,
}

/// From when on values are learned from.
pub fn trained_from(to: Timestamp) -> Timestamp {
    to.plus_secs(-TRAINED_S)
}

impl Model {
    /// The upper bound at each instant, and the lower.
    pub fn band(&self, history: &Series, instants: &[Timestamp], width: f64) -> [Series; 2] {
        let is_learned =
            |at: &Timestamp| !self.excluded.iter().any(|(from, to)| (*from..=*to).contains(at));
        let learned: BTreeMap<Timestamp, f64> = history
            .points
            .iter()
            .filter(|(at, _)| is_learned(at))
            .map(|(at, v)| (*at, *v))
            .collect();
        let bound = |label: &str| Series {
            label: format!("{} {label}", history.label),
            period_s: history.period_s,
            points: BTreeMap::new(),
        };
        let (mut upper, mut lower) = (bound("upper"), bound("lower"));
        for at in instants {
            if let Some((mean, deviation)) = expected(&learned, *at) {
                upper.points.insert(*at, mean + width * deviation);
                lower.points.insert(*at, mean - width * deviation);
            }
        }
        [upper, lower]
    }
}

/// The mean and the deviation of what is expected at an instant.
fn expected(learned: &BTreeMap<Timestamp, f64>, at: Timestamp) -> Option<(f64, f64)> {
    if learned.range(..at).take(VALUES_MIN).count() < VALUES_MIN {
        return None;
    }
    let mut near: Vec<f64> = Vec::new();
    let mut days = 0;
    for day in 1..=TRAINED_S / DAY_S {
        let then = at.plus_secs(-day * DAY_S);
        let before = near.len();
        let range = then.plus_secs(-NEAR_S)..=then.plus_secs(NEAR_S);
        near.extend(learned.range(range).map(|(_, value)| *value));
        days += usize::from(near.len() > before);
    }
    if days < DAYS_MIN {
        near = learned.range(..at).map(|(_, value)| *value).collect();
    }
    let count = near.len() as f64;
    let mean = near.iter().sum::<f64>() / count;
    let variance = near.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    Some((mean, variance.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_secs(1_767_312_000 + hour * 3600)
    }

    fn band(hours: i64, value: impl Fn(i64) -> f64, asked: i64) -> Option<(f64, f64)> {
        let points = (0..hours).map(|hour| (at(hour), value(hour))).collect();
        let history = Series { label: "m".into(), period_s: 3600, points };
        let [upper, lower] = Model::default().band(&history, &[at(asked)], 2.0);
        Some((*lower.points.get(&at(asked))?, *upper.points.get(&at(asked))?))
    }

    #[test]
    fn a_day_has_its_course() {
        let by_day = |hour: i64| if hour % 24 == 3 { 100.0 } else { 10.0 };
        // After few days nights and days are one.
        let (lower, upper) = band(30, by_day, 29).unwrap();
        assert!(lower < 0.0 && upper > 40.0);
        // After enough of them, each time of day is known.
        assert_eq!(band(240, by_day, 219), Some((100.0, 100.0)));
        assert_eq!(band(240, by_day, 220), Some((10.0, 10.0)));
    }

    #[test]
    fn few_values_say_nothing() {
        assert_eq!(band(9, |_| 1.0, 9), None);
    }
}
