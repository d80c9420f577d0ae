//! The load of the hours to come, out of that of the hours past.
//!
//! AWS forecasts with a model that it does not publish. This one is plain: an hour is expected to
//! be like the same hour of the days before, recent days counting more, and of all those the
//! weighted median is taken, so that a day unlike the others changes nothing. The same day of the
//! week counts so much that two of them, of two weeks, outweigh the other days where they agree.
//! Then all of it is moved by the trend, to at most double or half: how the last week compares
//! with the one before, or, where there are no two weeks, the last day with what the days before
//! it made expect. It knows no months, no holidays, and no events.

use std::collections::BTreeMap;

/// AWS's least history.
pub const LEAST_HOURS: usize = 24;
/// As far as AWS looks back, and ahead.
pub const HOURS_BACK: i64 = 14 * 24;
pub const HOURS_AHEAD: i64 = 48;

/// After so many days a day counts half.
const HALF_LIFE_DAYS: f64 = 4.0;
/// How much more the same day of the week counts, where there are two of it.
const SAME_WEEKDAY: f64 = 12.0;
const WEEK: i64 = 7 * 24;

/// The mean of each hour's minutes, by the number of the hour.
pub fn hourly(minutes: impl IntoIterator<Item = (i64, f64)>) -> BTreeMap<i64, f64> {
    let mut sums: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    for (minute, load) in minutes {
        let (sum, count) = sums.entry(minute.div_euclid(60)).or_default();
        (*sum, *count) = (*sum + load, *count + 1.0);
    }
    sums.into_iter().map(|(hour, (sum, count))| (hour, sum / count)).collect()
}

/// What is expected of the hours from `hour` on; `None` before there is a day of history.
pub fn expected(history: &BTreeMap<i64, f64>, hour: i64) -> Option<Vec<(i64, f64)>> {
    let past: BTreeMap<i64, f64> =
        history.range(hour - HOURS_BACK..hour).map(|(hour, load)| (*hour, *load)).collect();
    if past.len() < LEAST_HOURS {
        return None;
    }
    let trend = trend(&past, hour);
    let all = (hour..hour + HOURS_AHEAD).map(|ahead| (ahead, like(&past, ahead, hour) * trend));
    Some(all.collect())
}

/// The capacity that serves a load at the target.
pub fn capacity(load: f64, target: f64) -> u32 {
    (load / target - 1e-9).ceil().max(0.0) as u32
}

/// How the last week compares with the one before, or the last day with the days before.
fn trend(past: &BTreeMap<i64, f64>, hour: i64) -> f64 {
    let has_two_weeks = past.first_key_value().is_some_and(|(first, _)| *first <= hour - 2 * WEEK);
    let span = if has_two_weeks { WEEK } else { 24 };
    let before: BTreeMap<i64, f64> =
        past.range(..hour - span).map(|(hour, load)| (*hour, *load)).collect();
    if before.len() < LEAST_HOURS {
        return 1.0;
    }
    let (mut was, mut would_be) = (0.0, 0.0);
    for (last, load) in past.range(hour - span..) {
        let like = match has_two_weeks {
            true => before.get(&(last - WEEK)).copied(),
            false => Some(like(&before, *last, hour - span)),
        };
        if let Some(like) = like {
            (was, would_be) = (was + load, would_be + like);
        }
    }
    if would_be > 0.0 { (was / would_be).clamp(0.5, 2.0) } else { 1.0 }
}

/// The weighted median of the same hour of other days. Where no day has that hour, of all hours.
fn like(past: &BTreeMap<i64, f64>, hour: i64, now: i64) -> f64 {
    let is_same = |(at, _): &(&i64, &f64)| (hour - **at).rem_euclid(24) == 0;
    let is_weekday = |at: &i64| (hour - at).rem_euclid(WEEK) == 0;
    let weekday =
        if past.keys().filter(|at| is_weekday(at)).count() > 1 { SAME_WEEKDAY } else { 1.0 };
    let weighted_of = |(at, load): (&i64, &f64)| {
        let days = (now - at) as f64 / 24.0;
        let more = if is_weekday(at) { weekday } else { 1.0 };
        (*load, more * 0.5_f64.powf(days / HALF_LIFE_DAYS))
    };
    let mut weighted: Vec<(f64, f64)> = past.iter().filter(is_same).map(weighted_of).collect();
    if weighted.is_empty() {
        weighted = past.iter().map(weighted_of).collect();
    }
    weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = weighted.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    let median = weighted.iter().find(|(_, weight)| {
        sum += weight;
        sum >= half
    });
    median.or(weighted.last()).map_or(0.0, |(load, _)| *load)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    /// Days of 24 hours, each with a load by its hour.
    fn days(count: i64, load: impl Fn(i64, i64) -> f64) -> BTreeMap<i64, f64> {
        (0..count * 24).map(|hour| (hour, load(hour / 24, hour % 24))).collect()
    }

    fn office(hour: i64) -> f64 {
        if (9..17).contains(&hour) { 400.0 } else { 40.0 }
    }

    fn told(history: &BTreeMap<i64, f64>) -> String {
        let Some(next) = history.keys().next_back().map(|last| last + 1) else {
            return "nothing".into();
        };
        match expected(history, next) {
            None => "nothing".into(),
            Some(all) => {
                let loads = all.iter().take(24).step_by(4);
                let loads: Vec<_> = loads.map(|(_, load)| format!("{load:.0}")).collect();
                loads.join(" ")
            }
        }
    }

    #[test]
    fn the_next_day_is_like_those_before() {
        let mut short = days(1, |_, hour| office(hour));
        let one = told(&short);
        short.pop_last();
        let cases = [
            told(&short),
            one,
            told(&days(14, |_, hour| office(hour))),
            // One mad day.
            told(&days(9, |day, hour| if day == 5 { 5_000.0 } else { office(hour) })),
            // A tenth more each day.
            told(&days(7, |day, hour| office(hour) * 1.1_f64.powi(day as i32))),
            // Two quiet days a week, of which the next is one.
            told(&days(14, |day, hour| if day % 7 < 2 { 40.0 } else { office(hour) })),
            // A fifth more in the second week.
            told(&days(14, |day, hour| office(hour) * if day < 7 { 1.0 } else { 1.2 })),
        ];
        expect![[r#"
            nothing
            40 40 40 400 400 40
            40 40 40 400 400 40
            40 40 40 400 400 40
            78 78 78 779 779 78
            40 40 40 40 40 40
            58 58 58 576 576 58"#]]
        .assert_eq(&cases.join("\n"));
    }

    #[test]
    fn minutes_make_hours_and_load_makes_capacity() {
        let minutes = [(60, 100.0), (61, 300.0), (121, 50.0)];
        assert_eq!(hourly(minutes), BTreeMap::from([(1, 200.0), (2, 50.0)]));
        assert_eq!([0.0, 50.0, 51.0, 400.0].map(|load| capacity(load, 50.0)), [0, 1, 2, 8]);
    }
}
