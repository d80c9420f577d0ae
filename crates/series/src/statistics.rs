//! The statistics of some values, which can be added up.
//!
//! How values are spread is kept in buckets of a fifth of a percent, so that a percentile is that
//! close to the true one however many values there were. What is kept in the end has no more than
//! 128 buckets, and coarser ones where its values are spread over more: those of a service's
//! response times, over three octaves, of a percent and a half. Where somebody published a statistic
//! set, nobody knows how its values are spread, and percentiles have no answer: as on AWS.

pub mod statistic;

/// Count, sum, smallest and largest of some values, and how they are spread.
#[derive(Clone, Debug, PartialEq)]
pub struct StatisticSet {
    pub count: f64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    pub(crate) spread: Spread,
}

/// How the values of a set are spread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Spread {
    /// All are the smallest, which is the largest.
    Same,
    /// Buckets, by value, and the number of values in each.
    Known(Vec<(Bucket, f64)>),
    Unknown,
}

/// Values that are the same to nine bits: whole numbers up to 512 have a bucket of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bucket(pub u32);

/// Bits of a double that a bucket leaves out.
const ROUNDED: u32 = 44;

impl Bucket {
    fn of(value: f64) -> Self {
        Bucket(((value.to_bits() + (1 << (ROUNDED - 1))) >> ROUNDED) as u32)
    }

    /// The nearest of those whose last bits are zero.
    fn rounded(self, bits: u32) -> Self {
        Bucket(self.0.saturating_add(1 << (bits - 1)) >> bits << bits)
    }

    fn value(self) -> f64 {
        f64::from_bits(u64::from(self.0) << ROUNDED)
    }
}

impl StatisticSet {
    /// The statistics of one value.
    pub fn of(value: f64) -> Self {
        Self::repeated(value, 1.0)
    }

    /// The statistics of `count` times the same value.
    pub fn repeated(value: f64, count: f64) -> Self {
        StatisticSet { count, sum: value * count, min: value, max: value, spread: Spread::Same }
    }

    /// A statistic set as it was published: how its values are spread is known when there is one
    /// value only.
    pub fn published(count: f64, sum: f64, min: f64, max: f64) -> Self {
        let spread = if min == max { Spread::Same } else { Spread::Unknown };
        StatisticSet { count, sum, min, max, spread }
    }

    /// The statistics of all values of `values`; `None` when there is none.
    pub fn all(values: impl IntoIterator<Item = StatisticSet>) -> Option<Self> {
        let mut values = values.into_iter();
        let mut sum = values.next()?;
        values.for_each(|other| sum.add(&other));
        Some(sum)
    }

    /// Adds the values of another set.
    pub fn add(&mut self, other: &StatisticSet) {
        let is_one_value = |set: &StatisticSet| set.spread == Spread::Same;
        if !(is_one_value(self) && is_one_value(other) && self.min == other.min) {
            self.spread = match (self.taken_buckets(), &other.spread) {
                (None, _) | (_, Spread::Unknown) => Spread::Unknown,
                (Some(mine), Spread::Known(others)) => Spread::Known(united(&mine, others)),
                (Some(mut mine), Spread::Same) => {
                    count_in(&mut mine, Bucket::of(other.min), other.count);
                    Spread::Known(mine)
                }
            };
        }
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Makes the buckets coarser until there are at most so many.
    pub(crate) fn coarsen(&mut self, most: usize) {
        let Spread::Known(buckets) = &mut self.spread else { return };
        let mut bits = 0;
        while buckets.len() > most {
            bits += 1;
            let mut coarse: Vec<(Bucket, f64)> = Vec::with_capacity(buckets.len());
            for (bucket, count) in buckets.iter() {
                let bucket = bucket.rounded(bits);
                match coarse.last_mut() {
                    Some((last, sum)) if *last == bucket => *sum += count,
                    _ => coarse.push((bucket, *count)),
                }
            }
            *buckets = coarse;
        }
    }

    /// The mean.
    pub fn average(&self) -> f64 {
        self.sum / self.count
    }

    /// The buckets and the number of values in each, by value; `None` when nobody knows.
    pub(crate) fn buckets(&self) -> Option<Vec<(Bucket, f64)>> {
        match &self.spread {
            Spread::Same => Some(vec![(Bucket::of(self.min), self.count)]),
            Spread::Known(buckets) => Some(buckets.clone()),
            Spread::Unknown => None,
        }
    }

    /// The same, out of the set.
    fn taken_buckets(&mut self) -> Option<Vec<(Bucket, f64)>> {
        match std::mem::replace(&mut self.spread, Spread::Unknown) {
            Spread::Same => Some(vec![(Bucket::of(self.min), self.count)]),
            Spread::Known(buckets) => Some(buckets),
            Spread::Unknown => None,
        }
    }

    /// Values and how often each is there, by value, none outside of the set's smallest and
    /// largest; `None` when nobody knows, or when one is negative (as on AWS).
    pub(crate) fn values(&self) -> Option<Vec<(f64, f64)>> {
        if self.min < 0.0 {
            return None;
        }
        let within = |bucket: Bucket| bucket.value().clamp(self.min, self.max);
        Some(self.buckets()?.into_iter().map(|(bucket, count)| (within(bucket), count)).collect())
    }
}

/// Counts some values more in a bucket.
fn count_in(buckets: &mut Vec<(Bucket, f64)>, bucket: Bucket, count: f64) {
    match buckets.binary_search_by(|(own, _)| own.value().total_cmp(&bucket.value())) {
        Ok(place) => buckets[place].1 += count,
        Err(place) => buckets.insert(place, (bucket, count)),
    }
}

/// Two lists of buckets as one, by value.
fn united(left: &[(Bucket, f64)], right: &[(Bucket, f64)]) -> Vec<(Bucket, f64)> {
    let mut all = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return all,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(l), Some(r)) => l.0.value().total_cmp(&r.0.value()),
        };
        let of_left = order.is_le().then(|| left.next()).flatten();
        let of_right = order.is_ge().then(|| right.next()).flatten();
        match (of_left, of_right) {
            (Some(l), Some(r)) => all.push((l.0, l.1 + r.1)),
            (Some(one), None) | (None, Some(one)) => all.push(*one),
            (None, None) => return all,
        }
    }
}

#[cfg(test)]
mod tests;
