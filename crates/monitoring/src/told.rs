//! What is told of one minute: values gathered by metric. Pure.
//!
//! A level (CPU in use, tasks that run, healthy targets) stands until it is another one. So when
//! the cloud's clock is moved over minutes, the levels before the move are told of each of them:
//! it is as if nothing had changed for so long. A count is of what happened, and nothing happened:
//! there is none then, or 0 where AWS always reports one.

use std::collections::BTreeMap;

use neargate_api::Timestamp;
use neargate_series::{Datum, Metric, StatisticSet, Unit};

/// Minutes that a move is made up for: those of a day.
const SKIPPED_MAX: i64 = 24 * 60;

/// See the module.
#[derive(Default)]
pub struct Told {
    levels: Values,
    counts: Values,
    zeroes: Values,
}

type Values = BTreeMap<(Metric, Unit), StatisticSet>;

/// The number of the minute that an instant is in.
pub fn minute_of(now: Timestamp) -> i64 {
    now.secs().div_euclid(60)
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

    /// The data of minute `number`, and of those that were skipped before `next`, by minute.
    pub fn minutes(&self, number: i64, next: i64) -> impl Iterator<Item = Vec<Datum>> {
        let skipped = (number + 1).max(next - SKIPPED_MAX)..next;
        let own = data(self.levels.iter().chain(&self.counts), number);
        std::iter::once(own)
            .chain(skipped.map(|number| data(self.levels.iter().chain(&self.zeroes), number)))
    }
}

fn add(all: &mut Values, metric: Metric, unit: Unit, values: StatisticSet) {
    all.entry((metric, unit)).and_modify(|sum| sum.add(&values)).or_insert(values);
}

fn data<'a>(
    values: impl Iterator<Item = (&'a (Metric, Unit), &'a StatisticSet)>,
    number: i64,
) -> Vec<Datum> {
    let at = Timestamp::from_secs(number * 60);
    let datum = |((metric, unit), values): (&(Metric, Unit), &StatisticSet)| Datum {
        metric: metric.clone(),
        unit: *unit,
        at,
        high_resolution: false,
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
        let lines: String = told.minutes(100, 103).flatten().map(|d| line(&d)).collect();
        expect![[r#"
            100 Tasks 2
            100 Requests 7
            101 Tasks 2
            102 Tasks 2
        "#]]
        .assert_eq(&lines);
        assert_eq!(told.minutes(100, 101).count(), 1);
        assert_eq!(told.minutes(0, 1_000_000).count() as i64, 1 + SKIPPED_MAX);
    }
}
