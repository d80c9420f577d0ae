//! 120 points of one series in one tier, and their bytes.
//!
//! ```text
//!  form, number of points
//!  slots      a bit each
//!  shapes     one value | the same value n times | many, spread known | many, unknown; in runs
//!  columns    counts, sums, smallest, largest: each double as the bytes in which it differs from
//!             the one before, in runs where it does not
//!  spreads    at most 128 buckets each, by difference, and their counts
//! ```

pub mod bytes;

use crate::statistics::{Bucket, Spread, StatisticSet};
use crate::tier::SLOTS;
use bytes::{Doubles, Reader, put_varint};

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// By slot.
    points: Vec<(u8, StatisticSet)>,
}

/// The first byte of a block, by which a later form can be told.
const FORM: u8 = 2;
/// Buckets of a point: where it has more, they are made coarser.
const BUCKETS_MAX: usize = 128;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    One = 0,
    Same = 1,
    Known = 2,
    Unknown = 3,
}

impl Block {
    /// Adds values to a slot.
    pub fn add(&mut self, slot: u8, set: &StatisticSet) {
        match self.points.binary_search_by_key(&slot, |(own, _)| *own) {
            Ok(place) => {
                let sum = &mut self.points[place].1;
                sum.add(set);
                sum.coarsen(BUCKETS_MAX);
            }
            Err(place) => {
                let mut first = set.clone();
                first.coarsen(BUCKETS_MAX);
                self.points.insert(place, (slot, first));
            }
        }
    }

    pub fn points(&self) -> impl Iterator<Item = (u8, &StatisticSet)> {
        self.points.iter().map(|(slot, set)| (*slot, set))
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![FORM, self.points.len() as u8];
        let mut slots = 0_u128;
        for (slot, _) in &self.points {
            slots |= 1 << slot;
        }
        out.extend_from_slice(&slots.to_le_bytes()[..SLOTS as usize / 8]);
        put_shapes(&mut out, &self.points);
        let of = |wanted: &'static [Shape], value: fn(&StatisticSet) -> f64| {
            let points = self.points.iter().map(|(_, set)| set);
            points.filter(|set| wanted.contains(&shape(set))).map(value)
        };
        Doubles::write(&mut out, of(MANY, |set| set.count));
        Doubles::write(&mut out, of(SPREAD, |set| set.sum));
        Doubles::write(&mut out, of(ALL, |set| set.min));
        Doubles::write(&mut out, of(SPREAD, |set| set.max));
        for (_, set) in &self.points {
            if shape(set) == Shape::Known {
                put_buckets(&mut out, &set.buckets().unwrap_or_default());
            }
        }
        out
    }

    /// `None` when these are not the bytes of a block.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader::new(bytes);
        if from.byte()? != FORM {
            return None;
        }
        let count = usize::from(from.byte()?);
        let mut slots = [0; 16];
        slots[..SLOTS as usize / 8].copy_from_slice(from.take(SLOTS as usize / 8)?);
        let slots = u128::from_le_bytes(slots);
        if slots.count_ones() as usize != count {
            return None;
        }
        let shapes = read_shapes(&mut from, count)?;
        let number = |wanted: &[Shape]| shapes.iter().filter(|s| wanted.contains(s)).count();
        let mut counts = Doubles::read(&mut from, number(MANY))?.into_iter();
        let mut sums = Doubles::read(&mut from, number(SPREAD))?.into_iter();
        let mut smallest = Doubles::read(&mut from, count)?.into_iter();
        let mut largest = Doubles::read(&mut from, number(SPREAD))?.into_iter();
        let mut points = Vec::with_capacity(count);
        let taken = (0..SLOTS as u8).filter(|slot| slots & (1 << slot) != 0);
        for (slot, shape) in taken.zip(shapes) {
            let min = smallest.next()?;
            let set = match shape {
                Shape::One => StatisticSet::of(min),
                Shape::Same => StatisticSet::repeated(min, counts.next()?),
                Shape::Known | Shape::Unknown => StatisticSet {
                    count: counts.next()?,
                    sum: sums.next()?,
                    min,
                    max: largest.next()?,
                    spread: match shape {
                        Shape::Known => Spread::Known(read_buckets(&mut from)?),
                        _ => Spread::Unknown,
                    },
                },
            };
            points.push((slot, set));
        }
        from.is_empty().then_some(Block { points })
    }
}

const ALL: &[Shape] = &[Shape::One, Shape::Same, Shape::Known, Shape::Unknown];
const MANY: &[Shape] = &[Shape::Same, Shape::Known, Shape::Unknown];
const SPREAD: &[Shape] = &[Shape::Known, Shape::Unknown];

/// The shortest shape that gives back the same set. Added up, the same value some times need not
/// be exactly the product: then the sum is kept too.
fn shape(set: &StatisticSet) -> Shape {
    match set.spread {
        Spread::Known(_) => Shape::Known,
        Spread::Unknown => Shape::Unknown,
        Spread::Same if set.count == 1.0 && set.sum == set.min => Shape::One,
        Spread::Same if set.sum == set.min * set.count => Shape::Same,
        Spread::Same => Shape::Known,
    }
}

/// Runs of shapes: two bits, and how many more follow.
fn put_shapes(out: &mut Vec<u8>, points: &[(u8, StatisticSet)]) {
    let mut points = points.iter().map(|(_, set)| shape(set)).peekable();
    while let Some(first) = points.next() {
        let mut more = 0_u8;
        while more < 63 && points.peek() == Some(&first) {
            points.next();
            more += 1;
        }
        out.push((more << 2) | first as u8);
    }
}

fn read_shapes(from: &mut Reader, count: usize) -> Option<Vec<Shape>> {
    let mut shapes = Vec::with_capacity(count);
    while shapes.len() < count {
        let run = from.byte()?;
        let shape = match run & 3 {
            0 => Shape::One,
            1 => Shape::Same,
            2 => Shape::Known,
            _ => Shape::Unknown,
        };
        shapes.extend(std::iter::repeat_n(shape, usize::from(run >> 2) + 1));
    }
    (shapes.len() == count).then_some(shapes)
}

fn put_buckets(out: &mut Vec<u8>, buckets: &[(Bucket, f64)]) {
    put_varint(out, buckets.len() as u64);
    let mut before = 0;
    for (Bucket(bucket), _) in buckets {
        let step = i64::from(*bucket) - before;
        put_varint(out, ((step << 1) ^ (step >> 63)) as u64);
        before = i64::from(*bucket);
    }
    // Most count whole values, of many sizes; those of a few values are all the same.
    let counts = buckets.iter().map(|(_, count)| *count);
    let mut any = vec![ANY];
    Doubles::write(&mut any, counts.clone());
    let is_whole = |count: f64| count.fract() == 0.0 && (0.0..=u32::MAX.into()).contains(&count);
    let mut whole = vec![WHOLE];
    counts.clone().for_each(|count| put_varint(&mut whole, count as u64));
    let is_shorter = counts.clone().all(is_whole) && whole.len() < any.len();
    out.extend(if is_shorter { whole } else { any });
}

/// How the counts of buckets are written.
const ANY: u8 = 0;
const WHOLE: u8 = 1;

fn read_buckets(from: &mut Reader) -> Option<Vec<(Bucket, f64)>> {
    let number = usize::try_from(from.varint()?).ok()?;
    let mut buckets = Vec::new();
    let mut before = 0_i64;
    for _ in 0..number {
        let step = from.varint()?;
        before = before.checked_add((step >> 1) as i64 ^ -((step & 1) as i64))?;
        buckets.push(Bucket(u32::try_from(before).ok()?));
    }
    let counts = match from.byte()? {
        ANY => Doubles::read(from, number)?,
        _ => (0..number).map(|_| Some(from.varint()? as f64)).collect::<Option<_>>()?,
    };
    Some(buckets.into_iter().zip(counts).collect())
}

#[cfg(test)]
mod tests;
