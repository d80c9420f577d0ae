//! What a plan changes of the cost: each resource as it is now and as it will be.

use std::collections::BTreeMap;
use std::fmt;

use crate::estimate::{Estimate, Line, UnknownRegion, estimate};
use crate::resource::Resource;
use crate::table::dollars;

/// Two estimates of one stack.
#[derive(Clone, Debug)]
pub struct Change {
    pub before: Estimate,
    pub after: Estimate,
}

/// What the resources that there are cost, and those that there will be.
pub fn change(
    before: &[Resource],
    after: &[Resource],
    region: &str,
) -> Result<Change, UnknownRegion> {
    Ok(Change { before: estimate(before, region)?, after: estimate(after, region)? })
}

/// One resource: what it costs now, and what it will.
struct Row<'a> {
    before: Option<&'a Line>,
    after: Option<&'a Line>,
}

impl Row<'_> {
    fn sign(&self) -> char {
        match (self.before, self.after) {
            (None, _) => '+',
            (_, None) => '-',
            (Some(before), Some(after)) if (before.low, before.high) == (after.low, after.high) => {
                ' '
            }
            _ => '~',
        }
    }

    fn most(&self) -> f64 {
        self.after.or(self.before).map_or(0.0, |line| line.high)
    }
}

impl Change {
    /// How much more a month, from least to most.
    pub fn difference(&self) -> (f64, f64) {
        let (before, after) = (self.before.total(), self.after.total());
        (after.0 - before.0, after.1 - before.1)
    }

    /// The dearest first.
    fn rows(&self) -> Vec<(&str, Row<'_>)> {
        let mut rows: BTreeMap<&str, Row<'_>> = BTreeMap::new();
        let row = || Row { before: None, after: None };
        for line in &self.before.lines {
            rows.entry(&line.address).or_insert_with(row).before = Some(line);
        }
        for line in &self.after.lines {
            rows.entry(&line.address).or_insert_with(row).after = Some(line);
        }
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by(|(a, of_a), (b, of_b)| of_b.most().total_cmp(&of_a.most()).then(a.cmp(b)));
        rows
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let money = |line: Option<&Line>| line.map_or("-".to_owned(), |l| dollars(l.low, l.high));
        let (before, after) = (self.before.total(), self.after.total());
        let (now, then) = (dollars(before.0, before.1), dollars(after.0, after.1));
        let rows: Vec<[String; 4]> = self
            .rows()
            .into_iter()
            .map(|(address, row)| {
                let what = row.after.or(row.before).map_or("", |line| line.what.as_str());
                let address = format!("{} {address}", row.sign());
                [address, money(row.before), money(row.after), what.to_owned()]
            })
            .collect();
        let head = ["  a month".to_owned(), "now".to_owned(), "then".to_owned(), String::new()];
        let what = format!("US dollars: {}", difference(self.difference()));
        let foot = ["  together".to_owned(), now, then, what];
        let all: Vec<&[String; 4]> = [&head].into_iter().chain(&rows).chain([&foot]).collect();
        let wide = |column: usize| all.iter().map(|row| row[column].chars().count()).max();
        let [wide, now, then] = [0, 1, 2].map(|column| wide(column).unwrap_or(0));
        for [address, before, after, what] in all {
            let line = format!("{address:<wide$}  {before:>now$}  {after:>then$}  {what}");
            writeln!(f, "{}", line.trim_end())?;
        }
        self.after.notes(f)
    }
}

/// `6.42 more than now`
fn difference((low, high): (f64, f64)) -> String {
    let cents = |dollars: f64| (dollars * 100.0).round() as i64;
    match (cents(low), cents(high)) {
        (0, 0) => "as much as now".to_owned(),
        (least, most) if least >= 0 && most >= 0 => {
            format!("{} more than now", dollars(low, high))
        }
        (least, most) if least <= 0 && most <= 0 => {
            format!("{} less than now", dollars(-low, -high))
        }
        _ => format!("{low:+.2} at least and {high:+.2} at most, beside now"),
    }
}
