//! Cron with AWS's six fields: minutes, hours, day of month, month, day of
//! week (1 is Sunday), year. One of the two days is `?`.

use jiff::civil::{Date, Weekday};
use neargate_ids::Timestamp;

use super::zone::Zone;

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const YEARS: (u16, u16) = (1970, 2199);

/// The longest time between two leap years' 29th of February: further ahead nothing comes.
const DAYS_AHEAD: usize = 366 * 9;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Cron {
    minutes: Vec<u16>,
    hours: Vec<u16>,
    days: Days,
    months: Vec<u16>,
    years: Vec<u16>,
}

/// Which days of a month.
#[derive(Clone, Debug, PartialEq)]
enum Days {
    OfMonth(Vec<u16>),
    Last,
    /// The weekday nearest to this day.
    NearestWeekday(u16),
    LastWeekday,
    /// 1 is Sunday.
    OfWeek(Vec<u16>),
    LastOfWeek(u16),
    /// The second of these in a month is `(day, 2)`.
    NthOfWeek(u16, u16),
}

impl Cron {
    pub fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, of_month, months, of_week, years] = fields[..] else { return None };
        Some(Cron {
            minutes: set(minutes, (0, 59), &[])?,
            hours: set(hours, (0, 23), &[])?,
            days: days(of_month, of_week)?,
            months: set(months, (1, 12), &MONTHS)?,
            years: set(years, YEARS, &[])?,
        })
    }

    /// The first time after `after` by the clock of a zone; `None` when its years are over.
    pub fn next_after(&self, after: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let start = zone.shows(after)?;
        let mut date = start.date();
        let mut earliest = (start.hour() as u16, start.minute() as u16 + 1);
        for _ in 0..DAYS_AHEAD {
            while self.has(date)
                && let Some((hour, minute)) = self.time_from(earliest)
            {
                let at = zone.instant(date.at(hour as i8, minute as i8, 0, 0))?;
                // Where the clock shows a time twice, its first is over.
                if at > after {
                    return Some(at);
                }
                earliest = (hour, minute + 1);
            }
            date = date.tomorrow().ok()?;
            earliest = (0, 0);
        }
        None
    }

    fn time_from(&self, (hour, minute): (u16, u16)) -> Option<(u16, u16)> {
        self.hours.iter().filter(|candidate| **candidate >= hour).find_map(|candidate| {
            let from = if *candidate == hour { minute } else { 0 };
            let minute = self.minutes.iter().find(|candidate| **candidate >= from)?;
            Some((*candidate, *minute))
        })
    }

    fn has(&self, date: Date) -> bool {
        self.years.contains(&(date.year() as u16))
            && self.months.contains(&(date.month() as u16))
            && self.days.have(date)
    }
}

impl Days {
    fn have(&self, date: Date) -> bool {
        let (day, last) = (date.day() as u16, date.days_in_month() as u16);
        let weekday = date.weekday().to_sunday_one_offset() as u16;
        match self {
            Days::OfMonth(days) => days.contains(&day),
            Days::Last => day == last,
            Days::NearestWeekday(wanted) => day == nearest_weekday(date, (*wanted).min(last)),
            Days::LastWeekday => day == nearest_weekday(date, last),
            Days::OfWeek(days) => days.contains(&weekday),
            Days::LastOfWeek(wanted) => weekday == *wanted && day + 7 > last,
            Days::NthOfWeek(wanted, nth) => weekday == *wanted && (day - 1) / 7 + 1 == *nth,
        }
    }
}

/// The Monday to Friday of `date`'s month that is nearest to its day `wanted`.
fn nearest_weekday(date: Date, wanted: u16) -> u16 {
    let last = date.days_in_month() as u16;
    let Ok(day) = date.with().day(wanted as i8).build() else { return wanted };
    match day.weekday() {
        Weekday::Saturday if wanted == 1 => 3,
        Weekday::Saturday => wanted - 1,
        Weekday::Sunday if wanted == last => wanted - 2,
        Weekday::Sunday => wanted + 1,
        _ => wanted,
    }
}

fn days(of_month: &str, of_week: &str) -> Option<Days> {
    let weekday = |text: &str| number(text, (1, 7), &DAYS);
    match (of_month, of_week) {
        ("?", "?") => None,
        ("?", week) => match week.split_once('#') {
            Some((day, nth)) => {
                let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth))?;
                Some(Days::NthOfWeek(weekday(day)?, nth))
            }
            None if week == "L" => Some(Days::OfWeek(vec![7])),
            None => match week.strip_suffix('L') {
                Some(day) => weekday(day).map(Days::LastOfWeek),
                None => set(week, (1, 7), &DAYS).map(Days::OfWeek),
            },
        },
        (month, "?") => match month {
            "L" => Some(Days::Last),
            "LW" => Some(Days::LastWeekday),
            month => match month.strip_suffix('W') {
                Some(day) => number(day, (1, 31), &[]).map(Days::NearestWeekday),
                None => set(month, (1, 31), &[]).map(Days::OfMonth),
            },
        },
        _ => None,
    }
}

/// The values of a field, in order: lists, ranges and steps of numbers or names.
fn set(field: &str, range: (u16, u16), names: &[&str]) -> Option<Vec<u16>> {
    let mut values = Vec::new();
    for part in field.split(',') {
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => (span, step.parse::<u16>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match span.split_once('-') {
            _ if span == "*" => range,
            Some((from, to)) => (number(from, range, names)?, number(to, range, names)?),
            None => {
                let from = number(span, range, names)?;
                (from, if part.contains('/') { range.1 } else { from })
            }
        };
        if from <= to {
            values.extend((from..=to).step_by(step.into()));
        } else {
            // FRI-MON goes over the end.
            values.extend((from..=range.1).chain(range.0..=to).step_by(step.into()));
        }
    }
    values.sort_unstable();
    values.dedup();
    Some(values)
}

fn number(text: &str, (least, most): (u16, u16), names: &[&str]) -> Option<u16> {
    let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let value = match named {
        Some(place) => place as u16 + 1,
        None => text.parse().ok()?,
    };
    (least..=most).contains(&value).then_some(value)
}
