//! formatdate, plantimestamp, timeadd, timecmp, timestamp: instants as RFC 3339 writes them.

use super::{Call, Fault, Function, Outcome, Param, Wants};
use crate::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "formatdate",
        &[Param::new("format", Wants::String), Param::new("time", Wants::String)],
        Wants::String,
        formatdate,
    ),
    Function::new("plantimestamp", &[], Wants::String, |call| now(call.outside().planned_at())),
    Function::new("timestamp", &[], Wants::String, |call| now(call.outside().now())),
    Function::new(
        "timeadd",
        &[Param::new("timestamp", Wants::String), Param::new("duration", Wants::String)],
        Wants::String,
        timeadd,
    ),
    Function::new(
        "timecmp",
        &[Param::new("timestamp_a", Wants::String), Param::new("timestamp_b", Wants::String)],
        Wants::Number,
        timecmp,
    ),
];

fn now(seconds: Option<i64>) -> Outcome {
    let Some(seconds) = seconds else { return Ok(Value::unknown(Type::String)) };
    Ok(Instant { seconds, nanos: 0, offset: 0 }.to_string().into())
}

/// `seconds` since 1970, and the offset of the zone in which it was written, in minutes.
#[derive(Clone, Copy)]
struct Instant {
    seconds: i64,
    nanos: i64,
    offset: i64,
}

struct Fields {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: usize,
}

/// Days since 1970 of a date (proleptic Gregorian).
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

impl Instant {
    fn fields(&self) -> Fields {
        let local = self.seconds + self.offset * 60;
        let (days, of_day) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = date_of(days);
        Fields {
            year,
            month,
            day,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            weekday: (days + 4).rem_euclid(7) as usize,
        }
    }

    fn zone(&self, colon: bool, zulu: bool) -> String {
        if zulu && self.offset == 0 {
            return "Z".into();
        }
        let (sign, offset) = if self.offset < 0 { ('-', -self.offset) } else { ('+', self.offset) };
        let colon = if colon { ":" } else { "" };
        format!("{sign}{:02}{colon}{:02}", offset / 60, offset % 60)
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Fields { year, month, day, hour, minute, second, .. } = self.fields();
        let zone = self.zone(true, true);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}")
    }
}

/// `2006-01-02T15:04:05.5+07:00`
fn parse(text: &str) -> Option<Instant> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = text.get(range)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok()
    };
    let is = |at: usize, wanted: u8| text.as_bytes().get(at) == Some(&wanted);
    if !(is(4, b'-') && is(7, b'-') && is(10, b'T') && is(13, b':') && is(16, b':')) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let days = days_of(year, month, day);
    if !(1..=12).contains(&month) || date_of(days) != (year, month, day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut rest = &text[19..];
    let mut nanos = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        nanos = format!("{:0<9}", &fraction[..digits.min(9)]).parse().ok()?;
        rest = &fraction[digits..];
    }
    let offset = match rest.as_bytes() {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2]
            if [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) =>
        {
            let pair = |tens: &u8, ones: &u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
            let (hours, minutes) = (pair(h1, h2), pair(m1, m2));
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = hours * 60 + minutes;
            if *sign == b'-' { -offset } else { offset }
        }
        _ => return None,
    };
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset * 60;
    Some(Instant { seconds, nanos, offset })
}

fn instant(call: &Call<'_>, index: usize) -> Result<Instant, Fault> {
    let text = call.text(index);
    parse(text).ok_or_else(|| {
        call.bad(
            index,
            format!("not a valid RFC3339 timestamp: {text:?} is not like 2006-01-02T15:04:05Z"),
        )
    })
}

fn timeadd(call: &Call<'_>) -> Outcome {
    let start = instant(call, 0).map_err(|fault| match fault {
        Fault::Argument { message, .. } => Fault::Failed(message),
        other => other,
    })?;
    let text = call.text(1);
    let nanos = duration(text).ok_or_else(|| {
        call.fail(format!("time: {text:?} is not a duration like \"1h30m\" or \"-10s\""))
    })?;
    let total = i128::from(start.nanos) + nanos;
    let seconds = total.div_euclid(1_000_000_000) as i64 + start.seconds;
    Ok(Instant { seconds, ..start }.to_string().into())
}

/// In nanoseconds: `1h30m`, `-1.5s`.
fn duration(text: &str) -> Option<i128> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (whole, fraction) = rest[..end].split_once('.').unwrap_or((&rest[..end], ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let unit_end = rest[end..].find(|c: char| c.is_ascii_digit() || c == '.');
        let unit_end = unit_end.map_or(rest.len(), |length| end + length);
        let unit: i128 = match &rest[end..unit_end] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let digits = &fraction[..fraction.len().min(15)];
        let part: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        total = total.checked_add(whole.checked_mul(unit)?)?;
        total += part * unit / 10i128.pow(digits.len() as u32);
        rest = &rest[unit_end..];
    }
    if total > i128::from(i64::MAX) {
        return None;
    }
    Some(if negative { -total } else { total })
}

fn timecmp(call: &Call<'_>) -> Outcome {
    let (a, b) = (instant(call, 0)?, instant(call, 1)?);
    let order = (a.seconds, a.nanos).cmp(&(b.seconds, b.nanos));
    Ok(Value::number(order as i64))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

fn formatdate(call: &Call<'_>) -> Outcome {
    let instant = instant(call, 1)?;
    let mut text = String::new();
    let mut rest = call.text(0);
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            let (quoted, after) =
                quoted(rest).ok_or_else(|| call.bad(0, "unterminated literal '"))?;
            text.push_str(&quoted);
            rest = after;
            continue;
        }
        let length = rest.find(|other| other != c).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        rest = after;
        if !c.is_ascii_alphabetic() {
            text.push_str(word);
            continue;
        }
        text.push_str(&field(word, &instant).map_err(|why| call.bad(0, why))?);
    }
    Ok(text.into())
}

/// The text in single quotes, of which two are one.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = &text[1..];
    loop {
        let end = rest.find('\'')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                value.push('\'');
                rest = after;
            }
            None => return Some((value, rest)),
        }
    }
}

fn field(word: &str, instant: &Instant) -> Result<String, String> {
    let Fields { year, month, day, hour, minute, second, weekday } = instant.fields();
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let month_name = MONTHS[(month - 1) as usize];
    Ok(match word {
        "YYYY" => format!("{year:04}"),
        "YY" => format!("{:02}", year % 100),
        "MMMM" => month_name.into(),
        "MMM" => month_name[..3].into(),
        "MM" => format!("{month:02}"),
        "M" => month.to_string(),
        "DD" => format!("{day:02}"),
        "D" => day.to_string(),
        "EEEE" => DAYS[weekday].into(),
        "EEE" => DAYS[weekday][..3].into(),
        "hh" => format!("{hour:02}"),
        "h" => hour.to_string(),
        "HH" => format!("{twelve:02}"),
        "H" => twelve.to_string(),
        "AA" => if hour < 12 { "AM" } else { "PM" }.into(),
        "aa" => if hour < 12 { "am" } else { "pm" }.into(),
        "mm" => format!("{minute:02}"),
        "m" => minute.to_string(),
        "ss" => format!("{second:02}"),
        "s" => second.to_string(),
        "ZZZZZ" => instant.zone(true, false),
        "ZZZZ" => instant.zone(false, false),
        "ZZZ" if instant.offset == 0 => "UTC".into(),
        "ZZZ" => instant.zone(false, false),
        "Z" => instant.zone(true, true),
        _ => return Err(invalid(word)),
    })
}

fn invalid(word: &str) -> String {
    let c = word.chars().next().unwrap_or_default();
    let uses = match c {
        'Y' => "year must either be \"YY\" or \"YYYY\"",
        'M' => "month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"",
        'D' => "day of month must either be \"D\" or \"DD\"",
        'E' => "day of week must either be \"EEE\" or \"EEEE\"",
        'h' => "24-hour must either be \"h\" or \"hh\"",
        'H' => "12-hour must either be \"H\" or \"HH\"",
        'A' => "must be \"AA\"",
        'a' => "must be \"aa\"",
        'm' => "minute must either be \"m\" or \"mm\"",
        's' => "second must either be \"s\" or \"ss\"",
        'Z' => "timezone must be Z, ZZZZ, or ZZZZZ",
        _ => "format sequences can only be of the letters YMDEhHAamsZ",
    };
    format!("invalid date format verb {word:?}: {uses}")
}
