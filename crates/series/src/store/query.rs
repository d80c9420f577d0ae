//! A metric over time, by the period that somebody asks for.

use neargate_ids::Timestamp;

use super::Series;
use crate::error::SeriesError;
use crate::metric::{Metric, Unit};
use crate::statistics::StatisticSet;
use crate::tier::Tier;

/// What is asked of a metric.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    pub metric: &'a Metric,
    /// Only what was put in this unit.
    pub unit: Option<Unit>,
    /// Seconds; below a minute only what was put in high resolution is there.
    pub period: i64,
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
    pub now: Timestamp,
}

impl Series {
    /// The periods that have values, by time. They begin at [`Query::begin`].
    pub fn query(&self, query: &Query) -> Result<Vec<(Timestamp, StatisticSet)>, SeriesError> {
        let begin = query.begin();
        let tier = query.tier();
        let mut points = Vec::new();
        for (id, unit) in self.of(query.metric) {
            if query.unit.is_none_or(|wanted| wanted == unit) {
                points.extend(self.read(id, tier, begin, query.to)?);
            }
        }
        points.sort_by_key(|(at, _)| *at);
        let mut periods: Vec<(Timestamp, StatisticSet)> = Vec::new();
        for (at, set) in points {
            let number = at.millis_since(begin).div_euclid(query.period * 1000);
            let at = begin.plus_secs(number * query.period);
            match periods.last_mut() {
                Some((last, sum)) if *last == at => sum.add(&set),
                _ => periods.push((at, set)),
            }
        }
        Ok(periods)
    }
}

impl Query<'_> {
    /// Where the first period begins: the start, rounded down as AWS does, to a minute, five
    /// minutes or an hour by its age; with a period of less than a minute, to that.
    pub fn begin(&self) -> Timestamp {
        let whole = match self.tier() {
            Tier::Second => self.period,
            tier => tier.period(),
        };
        Timestamp::from_secs(self.from.secs().div_euclid(whole) * whole)
    }

    /// The finest tier that still has the start, and whose points are no longer than a period.
    fn tier(&self) -> Tier {
        if self.period < Tier::Minute.period() {
            return Tier::Second;
        }
        let age = self.now.millis_since(self.from) / 1000;
        let coarser = Tier::ALL[1..].iter().find(|tier| tier.kept() >= age);
        coarser.copied().unwrap_or(Tier::Hour)
    }
}
