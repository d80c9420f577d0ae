//! What `stats` makes of many values.
//!
//! Each takes bounded memory: percentiles are exact up to some thousand values, and within half
//! a percent beyond; distinct values are counted exactly up to a bound that ends the query.

use std::collections::{BTreeMap, HashSet};

use super::function::finite;
use super::query::Expr;
use super::value::Value;

/// How many values a percentile keeps as they are.
const EXACT: usize = 4096;

/// Half a percent: the width of a bucket beyond that.
const GROWTH: f64 = 1.01;

#[derive(Clone, Debug)]
pub(super) struct Aggregation {
    pub kind: Kind,
    /// What is aggregated; none for `count(*)`.
    pub of: Option<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
    Stddev,
    Pct(f64),
    Earliest,
    Latest,
    SortsFirst,
    SortsLast,
}

impl Kind {
    /// By the function's name; the percentile of `pct` comes with its arguments.
    pub fn named(name: &str) -> Option<Kind> {
        Some(match name.to_ascii_lowercase().as_str() {
            "count" => Kind::Count,
            "count_distinct" => Kind::CountDistinct,
            "sum" => Kind::Sum,
            "avg" => Kind::Avg,
            "min" => Kind::Min,
            "max" => Kind::Max,
            "stddev" => Kind::Stddev,
            "pct" | "percentile" => Kind::Pct(50.0),
            "median" => Kind::Pct(50.0),
            "earliest" => Kind::Earliest,
            "latest" => Kind::Latest,
            "sortsfirst" => Kind::SortsFirst,
            "sortslast" => Kind::SortsLast,
            _ => return None,
        })
    }
}

/// The values of one aggregation in one group, so far.
#[derive(Clone, Debug)]
pub(super) struct Sum {
    kind: Kind,
    count: u64,
    sum: f64,
    /// The sum of squared distances from the mean, and the mean.
    squares: f64,
    mean: f64,
    /// The value that stands out, and when it was.
    best: Option<(Value, i64)>,
    distinct: HashSet<String>,
    exact: Vec<f64>,
    buckets: BTreeMap<i32, u64>,
}

impl Sum {
    pub fn new(kind: Kind) -> Sum {
        Sum {
            kind,
            count: 0,
            sum: 0.0,
            squares: 0.0,
            mean: 0.0,
            best: None,
            distinct: HashSet::new(),
            exact: Vec::new(),
            buckets: BTreeMap::new(),
        }
    }

    /// Adds a value of an event of this time; gives by how many bytes it has grown.
    pub fn add(&mut self, value: &Value, at_ms: i64) -> usize {
        if value.is_missing() {
            return 0;
        }
        match self.kind {
            Kind::Count => self.count += 1,
            Kind::CountDistinct => {
                let text = value.text().unwrap_or_default();
                let bytes = text.len() + 48;
                return if self.distinct.insert(text) { bytes } else { 0 };
            }
            Kind::Earliest => self.keep(value, at_ms, |_, _, at, kept| at < kept),
            Kind::Latest => self.keep(value, at_ms, |_, _, at, kept| at > kept),
            Kind::Min | Kind::SortsFirst => {
                self.keep(value, at_ms, |value, kept, _, _| value.order(kept).is_lt());
            }
            Kind::Max | Kind::SortsLast => {
                self.keep(value, at_ms, |value, kept, _, _| value.order(kept).is_gt());
            }
            Kind::Sum | Kind::Avg | Kind::Stddev | Kind::Pct(_) => {
                let Some(number) = value.number() else { return 0 };
                self.count += 1;
                self.sum += number;
                let distance = number - self.mean;
                self.mean += distance / self.count as f64;
                self.squares += distance * (number - self.mean);
                if matches!(self.kind, Kind::Pct(_)) {
                    return self.spread(number);
                }
            }
        }
        0
    }

    fn keep(
        &mut self,
        value: &Value,
        at_ms: i64,
        is_better: impl Fn(&Value, &Value, i64, i64) -> bool,
    ) {
        let better = self
            .best
            .as_ref()
            .is_none_or(|(kept, kept_ms)| is_better(value, kept, at_ms, *kept_ms));
        if better {
            self.best = Some((value.clone(), at_ms));
        }
    }

    fn spread(&mut self, number: f64) -> usize {
        if self.buckets.is_empty() && self.exact.len() < EXACT {
            self.exact.push(number);
            return size_of::<f64>();
        }
        for number in std::mem::take(&mut self.exact).into_iter().chain([number]) {
            *self.buckets.entry(bucket(number)).or_default() += 1;
        }
        0
    }

    pub fn value(&self) -> Value {
        let of_some = |number: f64| if self.count > 0 { finite(number) } else { None };
        let value = match self.kind {
            Kind::Count => Some(Value::Number(self.count as f64)),
            Kind::CountDistinct => Some(Value::Number(self.distinct.len() as f64)),
            Kind::Sum => of_some(self.sum),
            Kind::Avg => of_some(self.sum / self.count as f64),
            Kind::Stddev => of_some((self.squares / self.count as f64).sqrt()),
            Kind::Pct(percent) => self.percentile(percent),
            _ => self.best.as_ref().map(|(value, _)| value.clone()),
        };
        value.unwrap_or(Value::Missing)
    }

    fn percentile(&self, percent: f64) -> Option<Value> {
        let rank = ((percent / 100.0 * self.count as f64).ceil() as u64).max(1);
        if self.buckets.is_empty() {
            let mut all = self.exact.clone();
            all.sort_by(f64::total_cmp);
            return all.get(rank as usize - 1).copied().map(Value::Number);
        }
        let mut seen = 0;
        let reaches = |(bucket, count): (&i32, &u64)| {
            seen += count;
            (seen >= rank).then_some(*bucket)
        };
        self.buckets.iter().find_map(reaches).map(|bucket| Value::Number(bucket_value(bucket)))
    }
}

/// Numbers that differ by less than a percent share one; below zero they mirror those above.
fn bucket(number: f64) -> i32 {
    const SMALLEST: f64 = 1e-9;
    if number.abs() < SMALLEST {
        return 0;
    }
    let place = (number.abs() / SMALLEST).ln() / GROWTH.ln();
    (place as i32 + 1) * if number < 0.0 { -1 } else { 1 }
}

fn bucket_value(bucket: i32) -> f64 {
    if bucket == 0 {
        return 0.0;
    }
    let middle = 1e-9 * GROWTH.powf(f64::from(bucket.abs()) - 0.5);
    middle * f64::from(bucket.signum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, values: impl IntoIterator<Item = f64>) -> f64 {
        let mut sum = Sum::new(kind);
        for value in values {
            sum.add(&Value::Number(value), 0);
        }
        sum.value().number().unwrap()
    }

    #[test]
    fn percentiles_are_exact_for_few_and_close_for_many() {
        assert_eq!(of(Kind::Pct(95.0), (1..=100).map(f64::from)), 95.0);
        assert_eq!(of(Kind::Pct(50.0), [3.0, 1.0, 2.0]), 2.0);
        let many = of(Kind::Pct(99.0), (1..=100_000).map(f64::from));
        assert!((many / 99_000.0 - 1.0).abs() < 0.01, "{many}");
        let below = of(Kind::Pct(1.0), (1..=100_000).map(|n| -f64::from(n)));
        assert!((below / -99_000.0 - 1.0).abs() < 0.01, "{below}");
    }

    #[test]
    fn the_spread_is_that_of_all_values() {
        assert_eq!(of(Kind::Stddev, [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), 2.0);
        assert_eq!(of(Kind::Avg, [1.0, 2.0]), 1.5);
    }
}
