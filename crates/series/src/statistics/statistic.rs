//! The statistics that can be asked for, by AWS's names.
//!
//! Source: "CloudWatch statistics definitions" in the CloudWatch guide.

use super::StatisticSet;

/// What is asked of a statistic set.
#[derive(Clone, Debug, PartialEq)]
pub enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// `p95`, in percent.
    Percentile(f64),
    /// `TM`, `WM`, `TC`, `TS` and `IQM`.
    Trimmed(Trimmed, Range),
    /// `PR(a:b)`: the percentage of values in it.
    PercentileRank(Range),
}

/// What is made of the values inside of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trimmed {
    Mean,
    /// Values outside count as the range's end.
    WinsorizedMean,
    Count,
    Sum,
}

/// A part of the values: above `from`, up to `to`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    Percents { from: f64, to: f64 },
    Values { from: Option<f64>, to: Option<f64> },
}

impl Statistic {
    /// Reads AWS's name; `None` for what is none.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "SampleCount" => Statistic::SampleCount,
            "Average" => Statistic::Average,
            "Sum" => Statistic::Sum,
            "Minimum" => Statistic::Minimum,
            "Maximum" => Statistic::Maximum,
            "IQM" | "iqm" => {
                Statistic::Trimmed(Trimmed::Mean, Range::Percents { from: 25.0, to: 75.0 })
            }
            _ => return extended(name),
        })
    }

    /// What it is of these values; `None` when it cannot be known.
    pub fn of(&self, set: &StatisticSet) -> Option<f64> {
        if set.count <= 0.0 {
            return None;
        }
        match self {
            Statistic::SampleCount => Some(set.count),
            Statistic::Average => Some(set.average()),
            Statistic::Sum => Some(set.sum),
            Statistic::Minimum => Some(set.min),
            Statistic::Maximum => Some(set.max),
            Statistic::Percentile(percent) => percentile(&set.values()?, *percent),
            Statistic::Trimmed(what, range) => trimmed(&set.values()?, *what, *range),
            Statistic::PercentileRank(range) => {
                let values = set.values()?;
                let within = trimmed(&values, Trimmed::Count, *range)?;
                Some(100.0 * within / count(&values))
            }
        }
    }
}

/// `p99.9`, `tm90`, `TM(10%:90%)`, `PR(:300)` …
fn extended(name: &str) -> Option<Statistic> {
    let split = name.find(|c: char| !c.is_ascii_alphabetic())?;
    let (kind, rest) = name.split_at(split);
    let kind = kind.to_ascii_lowercase();
    if kind == "p" {
        let percent = number(rest)?;
        return (0.0..=100.0).contains(&percent).then_some(Statistic::Percentile(percent));
    }
    let range = match rest.strip_prefix('(') {
        Some(inside) => Range::read(inside.strip_suffix(')')?)?,
        None => {
            let to = number(rest)?;
            (0.0..=100.0).contains(&to).then_some(Range::Percents { from: 0.0, to })?
        }
    };
    let what = match kind.as_str() {
        "tm" => Trimmed::Mean,
        "wm" => Trimmed::WinsorizedMean,
        "tc" => Trimmed::Count,
        "ts" => Trimmed::Sum,
        "pr" => {
            return matches!(range, Range::Values { .. })
                .then_some(Statistic::PercentileRank(range));
        }
        _ => return None,
    };
    Some(Statistic::Trimmed(what, range))
}

/// Digits with at most ten decimals.
fn number(text: &str) -> Option<f64> {
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    if !plain || decimals > 10 {
        return None;
    }
    text.parse().ok()
}

impl Range {
    /// `10%:90%`, `:95%`, `150:1000`, `:300`, `100:`.
    fn read(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(':')?;
        if from.is_empty() && to.is_empty() {
            return None;
        }
        if from.ends_with('%') || to.ends_with('%') {
            let percent = |text: &str, open: f64| match text {
                "" => Some(open),
                text => number(text.strip_suffix('%')?).filter(|p| (0.0..=100.0).contains(p)),
            };
            let (from, to) = (percent(from, 0.0)?, percent(to, 100.0)?);
            return (from < to).then_some(Range::Percents { from, to });
        }
        let end = |text: &str| match text {
            "" => Some(None),
            text => number(text).map(Some),
        };
        let (from, to) = (end(from)?, end(to)?);
        let is_order = from.zip(to).is_none_or(|(from, to)| from < to);
        is_order.then_some(Range::Values { from, to })
    }
}

fn count(values: &[(f64, f64)]) -> f64 {
    values.iter().map(|(_, count)| count).sum()
}

/// The smallest value that so many percent of the values do not exceed.
fn percentile(values: &[(f64, f64)], percent: f64) -> Option<f64> {
    let rank = count(values) * percent / 100.0;
    let mut below = 0.0;
    for (value, count) in values {
        below += count;
        if below >= rank {
            return Some(*value);
        }
    }
    values.last().map(|(value, _)| *value)
}

fn trimmed(values: &[(f64, f64)], what: Trimmed, range: Range) -> Option<f64> {
    let inside = inside(values, range);
    let within = count(&inside);
    let sum =
        |values: &[(f64, f64)]| values.iter().map(|(value, count)| value * count).sum::<f64>();
    match what {
        Trimmed::Count => Some(within),
        Trimmed::Sum => Some(sum(&inside)),
        Trimmed::Mean => (within > 0.0).then(|| sum(&inside) / within),
        Trimmed::WinsorizedMean => {
            let (first, last) = (inside.first()?.0, inside.last()?.0);
            let clamped: Vec<(f64, f64)> =
                values.iter().map(|(value, count)| (value.clamp(first, last), *count)).collect();
            Some(sum(&clamped) / count(&clamped))
        }
    }
}

/// The values within a range; of a bucket that a percentage cuts, its part.
fn inside(values: &[(f64, f64)], range: Range) -> Vec<(f64, f64)> {
    match range {
        Range::Values { from, to } => {
            let above = |value: f64| from.is_none_or(|from| value > from);
            let up_to = |value: f64| to.is_none_or(|to| value <= to);
            values.iter().filter(|(value, _)| above(*value) && up_to(*value)).copied().collect()
        }
        Range::Percents { from, to } => {
            let all = count(values);
            let (from, to) = (all * from / 100.0, all * to / 100.0);
            let mut below = 0.0;
            let mut inside = Vec::new();
            for (value, count) in values {
                let part = (below + count).min(to) - below.max(from);
                if part > 0.0 {
                    inside.push((*value, part));
                }
                below += count;
            }
            inside
        }
    }
}
