//! What is told of one minute, or of a third of it: values gathered by metric. Pure.
//!
//! A level (CPU in use, tasks that run, healthy targets) stands until it is another one. So when
//! the cloud's clock is moved over minutes, the levels before the move are told of each of them:
//! it is as if nothing had changed for so long. A count is of what happened, and nothing happened:
//! there is none then, or 0 where AWS always reports one.

use std::collections::BTreeMap;

use neargate_api::Timestamp;
use neargate_series::{Datum, Metric, StatisticSet, Unit};

/// How long the values of one telling stand for. Its numbers count from the epoch.
#[derive(Clone, Copy)]
pub struct Span {
    secs: i64,
    /// So many are made up for, when the clock is moved over them.
    skipped_max: i64,
}

/// What most metrics are told by. A day's are made up for.
pub const MINUTE: Span = Span { secs: 60, skipped_max: 24 * 60 };
/// ECS's high resolution. Metrics are kept so for three hours.
pub const THIRD: Span = Span { secs: 20, skipped_max: 3 * 60 * 3 };

/// See the module.
#[derive(Default)]
pub struct Told {
    levels: Values,
    counts: Values,
    zeroes: Values,
}

type Values = BTreeMap<(Metric, Unit), StatisticSet>;

impl Span {
    /// The number of the one that an instant is in.
    pub fn of(self, now: Timestamp) -> i64 {
        now.secs().div_euclid(self.secs)
    }
}

impl Told {
    /// One more value of a level.
    pub fn level(&mut self, metric: Metric, unit: Unit, value: f64) {
        add(&mut self.levels, metric, unit, StatisticSet::of(value));
    }

    /// One more value of something counted.
    pub fn count(&mut self, metric: Metric, unit: Unit, values: StatisticSet) {
        add(&mut self.counts, metric, unit, values);
    }

    /// The same of what is told even when nothing happened.
    pub fn count_always(&mut self, metric: Metric, unit: Unit, values: Option<StatisticSet>) {
        let zero = StatisticSet::of(0.0);
        add(&mut self.zeroes, metric.clone(), unit, zero.clone());
        add(&mut self.counts, metric, unit, values.unwrap_or(zero));
    }

    /// The data of the span `number`, and of those that were skipped before `next`, by span.
    pub fn data(&self, span: Span, number: i64, next: i64) -> impl Iterator<Item = Vec<Datum>> {
        let skipped = (number + 1).max(next - span.skipped_max)..next;
        let own = data(self.levels.iter().chain(&self.counts), span, number);
        let made_up =
            skipped.map(move |number| data(self.levels.iter().chain(&self.zeroes), span, number));
        std::iter::once(own).chain(made_up)
    }
}

fn add(all: &mut Values, metric: Metric, unit: Unit, values: StatisticSet) {
    all.entry((metric, unit)).and_modify(|sum| sum.add(&values)).or_insert(values);
}

fn data<'a>(
    values: impl Iterator<Item = (&'a (Metric, Unit), &'a StatisticSet)>,
    span: Span,
    number: i64,
) -> Vec<Datum> {
    let at = Timestamp::from_secs(number * span.secs);
    let datum = |((metric, unit), values): (&(Metric, Unit), &StatisticSet)| Datum {
        metric: metric.clone(),
        unit: *unit,
        at,
        high_resolution: span.secs < MINUTE.secs,
        values: values.clone(),
    };
    values.map(datum).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn metric(name: &str) -> Metric {
        Metric::new("us-west-2", "Here", name, [("Of", "me")])
    }

    #[test]
    fn minutes_that_the_clock_skips_have_the_levels_of_before() {
        let mut told = Told::default();
        told.level(metric("Tasks"), Unit::COUNT, 2.0);
        told.count(metric("Requests"), Unit::COUNT, StatisticSet::repeated(1.0, 7.0));
        let line = |datum: &Datum| {
            format!("{} {} {}\n", datum.at.secs() / 60, datum.metric.name, datum.values.sum)
        };
        let lines: String = told.data(MINUTE, 100, 103).flatten().map(|d| line(&d)).collect();
        expect![[r#"
            100 Tasks 2
            100 Requests 7
            101 Tasks 2
            102 Tasks 2
        "#]]
        .assert_eq(&lines);
        assert_eq!(told.data(MINUTE, 100, 101).count(), 1);
        assert_eq!(told.data(MINUTE, 0, 1_000_000).count() as i64, 1 + MINUTE.skipped_max);
    }
}
