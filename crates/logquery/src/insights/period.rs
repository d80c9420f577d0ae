//! Periods that time is rounded to: `5m`, `1h`, `30s`, `2w`, `1mo`.

use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

const DAY_MS: i64 = 86_400_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    Millis(i64),
    /// Calendar months, in UTC.
    Months(i32),
}

impl Period {
    /// By a number and a unit.
    pub fn of(count: i64, unit: &str) -> Option<Period> {
        let millis = |unit_ms: i64| count.checked_mul(unit_ms).map(Period::Millis);
        let months = |unit: i32| i32::try_from(count).ok()?.checked_mul(unit).map(Period::Months);
        if count <= 0 {
            return None;
        }
        match unit {
            "ms" | "msec" => millis(1),
            "s" | "sec" => millis(1000),
            "m" | "min" => millis(60_000),
            "h" | "hr" => millis(3_600_000),
            "d" => millis(DAY_MS),
            "w" => millis(7 * DAY_MS),
            "mo" | "mon" => months(1),
            "q" | "qtr" => months(3),
            "y" | "yr" => months(12),
            _ => None,
        }
    }

    /// The beginning of the period that an instant is in.
    pub fn floor(self, ms: i64) -> i64 {
        match self {
            Period::Millis(period) => ms.div_euclid(period) * period,
            Period::Months(months) => month_floor(ms, months).unwrap_or(ms),
        }
    }

    /// The end of the period that an instant is in; the instant itself if one begins there.
    pub fn ceil(self, ms: i64) -> i64 {
        let floor = self.floor(ms);
        match self {
            _ if floor == ms => ms,
            Period::Millis(period) => floor + period,
            Period::Months(months) => month_after(floor, months).unwrap_or(ms),
        }
    }
}

fn date_of(ms: i64) -> Option<Date> {
    Some(Timestamp::from_millisecond(ms).ok()?.to_zoned(TimeZone::UTC).date())
}

fn millis_of(at: Date) -> Option<i64> {
    let at = DateTime::from(at).to_zoned(TimeZone::UTC).ok()?;
    Some(at.timestamp().as_millisecond())
}

fn month_floor(ms: i64, months: i32) -> Option<i64> {
    let at = date_of(ms)?;
    let month = i32::from(at.year()) * 12 + i32::from(at.month()) - 1;
    let month = month.div_euclid(months) * months;
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    millis_of(date(year, i8::try_from(month.rem_euclid(12) + 1).ok()?, 1))
}

fn month_after(floor: i64, months: i32) -> Option<i64> {
    millis_of(date_of(floor)?.checked_add(months.months()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::value::Value;

    #[test]
    fn instants_are_rounded_both_ways() {
        // 2025-03-15 13:47:31.250
        let at = 1_742_046_451_250;
        let rounded = |count, unit| {
            let period = Period::of(count, unit).unwrap();
            let text = |ms| Value::Time(ms).text().unwrap();
            format!("{} {}", text(period.floor(at)), text(period.ceil(at)))
        };
        assert_eq!(rounded(5, "m"), "2025-03-15 13:45:00.000 2025-03-15 13:50:00.000");
        assert_eq!(rounded(1, "h"), "2025-03-15 13:00:00.000 2025-03-15 14:00:00.000");
        assert_eq!(rounded(1, "mo"), "2025-03-01 00:00:00.000 2025-04-01 00:00:00.000");
        assert_eq!(rounded(1, "q"), "2025-01-01 00:00:00.000 2025-04-01 00:00:00.000");
        assert_eq!(rounded(1, "y"), "2025-01-01 00:00:00.000 2026-01-01 00:00:00.000");
        assert_eq!(Period::of(0, "m"), None);
        assert_eq!(Period::of(1, "fortnight"), None);
    }
}
