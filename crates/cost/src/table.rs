//! An estimate as people read it.

use std::fmt;

use crate::estimate::{Estimate, Line};
use crate::prices::PRICES;

impl Estimate {
    /// Dollars a month, from least to most.
    pub fn total(&self) -> (f64, f64) {
        self.lines.iter().fold((0.0, 0.0), |(low, high), line| (low + line.low, high + line.high))
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.total();
        let total = dollars(low, high);
        let address = |line: &Line| line.address.chars().count();
        let wide = self.lines.iter().map(address).max().unwrap_or(0).max("together".len());
        let money = self.lines.iter().map(|line| dollars(line.low, line.high).len());
        let money = money.max().unwrap_or(0).max(total.len());
        for line in &self.lines {
            let cost = dollars(line.low, line.high);
            writeln!(f, "{:<wide$}  {cost:>money$}  {}", line.address, line.what)?;
        }
        writeln!(f, "{:<wide$}  {total:>money$}  US dollars a month", "together")?;
        self.notes(f)
    }
}

impl Estimate {
    /// What stands below a table.
    pub(crate) fn notes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nNot counted, or taken for granted:")?;
        for assumption in &self.assumptions {
            writeln!(f, "  {assumption}")?;
        }
        if !self.unknown.is_empty() {
            writeln!(f, "\nWithout a price here: {}", self.unknown.join(", "))?;
        }
        let free: usize = self.free.values().sum();
        writeln!(f, "\n{free} other resources cost nothing by themselves.")?;
        let regions = PRICES.regions.join(" and ");
        writeln!(f, "Prices of {}, for {regions}. {}.", PRICES.date, PRICES.source)
    }
}

pub(crate) fn dollars(low: f64, high: f64) -> String {
    match (format!("{low:.2}"), format!("{high:.2}")) {
        (low, high) if low == high => low,
        (low, high) => format!("{low} to {high}"),
    }
}
