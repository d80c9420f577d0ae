//! Adds up what the filters of a group make of its lines: a statistic set for each metric and
//! minute. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use neargate_api::Timestamp;
use neargate_api::model::logs::MetricFilterPlace;
use neargate_loglines::Arrivals;
use neargate_logquery::metric_filter::Reading;
use neargate_series::{Datum, Metric, StatisticSet};

use crate::rule::Rule;

/// AWS disables a filter whose lines bring so many dimensions within an hour, as each is a
/// metric: here it gives no further ones until the hour is over.
const DIMENSIONS_OF_AN_HOUR: usize = 1000;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// What is remembered from look to look.
#[derive(Default)]
pub struct Tally {
    hour: i64,
    /// By filter, in this hour.
    dimensions: HashMap<String, HashSet<Vec<(String, String)>>>,
    /// Filters that have had too many.
    exceeded: HashSet<String>,
}

/// A metric's place in the sum: rule, transformation, minute, dimensions.
type Key = (usize, usize, i64, Vec<(String, String)>);

impl Tally {
    /// The values of these lines, and the default values that are due; the place moves behind
    /// them.
    pub fn take(
        &mut self,
        rules: &[Rule],
        arrived: &Arrivals,
        now_ms: i64,
        place: &mut MetricFilterPlace,
    ) -> Vec<Datum> {
        if self.hour != now_ms.div_euclid(HOUR_MS) {
            *self = Tally { hour: now_ms.div_euclid(HOUR_MS), ..Tally::default() };
        }
        let mut sums: BTreeMap<Key, StatisticSet> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            let mut minutes = place.minutes.remove(&rule.name).unwrap_or_default();
            for (_, line) in arrived.events.iter().filter(|(sequence, _)| *sequence > rule.since) {
                for reading in rule.filter.read(line.timestamp_ms, &line.message, &mut minutes) {
                    if self.has_room(rule, &reading) {
                        add(&mut sums, index, reading);
                    }
                }
            }
            if !arrived.more {
                for reading in rule.filter.close(now_ms, &mut minutes) {
                    add(&mut sums, index, reading);
                }
            }
            if !minutes.is_empty() {
                place.minutes.insert(rule.name.clone(), minutes);
            }
        }
        place.minutes.retain(|name, _| rules.iter().any(|rule| rule.name == *name));
        place.sequence = place.sequence.max(arrived.until);
        sums.into_iter().map(|(key, values)| datum(rules, key, values)).collect()
    }

    /// What is wrong with filters.
    pub fn complaint(&self) -> Option<String> {
        let mut names: Vec<&str> = self.exceeded.iter().map(String::as_str).collect();
        names.sort_unstable();
        (!names.is_empty()).then(|| {
            format!(
                "more than {DIMENSIONS_OF_AN_HOUR} different dimensions within an hour, of which the further ones are left \
                 out until the hour is over: {}",
                names.join(", ")
            )
        })
    }

    fn has_room(&mut self, rule: &Rule, reading: &Reading) -> bool {
        if reading.dimensions.is_empty() {
            return true;
        }
        let known = self.dimensions.entry(rule.name.clone()).or_default();
        if known.contains(&reading.dimensions) {
            return true;
        }
        if known.len() >= DIMENSIONS_OF_AN_HOUR {
            self.exceeded.insert(rule.name.clone());
            return false;
        }
        known.insert(reading.dimensions.clone())
    }
}

fn add(sums: &mut BTreeMap<Key, StatisticSet>, rule: usize, reading: Reading) {
    let key = (rule, reading.transformation, reading.minute_ms, reading.dimensions);
    let value = StatisticSet::of(reading.value);
    match sums.entry(key) {
        std::collections::btree_map::Entry::Occupied(mut sum) => sum.get_mut().add(&value),
        std::collections::btree_map::Entry::Vacant(empty) => {
            empty.insert(value);
        }
    }
}

fn datum(
    rules: &[Rule],
    (rule, metric, minute_ms, dimensions): Key,
    values: StatisticSet,
) -> Datum {
    let rule = &rules[rule];
    let (namespace, name, unit) = &rule.metrics[metric];
    Datum {
        metric: Metric::new(rule.region.clone(), namespace.clone(), name.clone(), dimensions),
        unit: *unit,
        at: Timestamp(minute_ms),
        high_resolution: false,
        values,
    }
}
