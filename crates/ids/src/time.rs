//! Instants as AWS's APIs have them.
//!
//! Everything that decides takes a `Timestamp`; only the program's wiring and
//! the hands own a [`Clock`](crate::Clock).

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, UTC: the finest unit that AWS's APIs show.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// From whole seconds since the epoch.
    pub const fn from_secs(secs: i64) -> Self {
        Timestamp(secs * 1000)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Seconds since the epoch with fraction: the form of the JSON protocols.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// This instant moved by `millis` (which may be negative).
    pub const fn plus_millis(self, millis: i64) -> Self {
        Timestamp(self.0 + millis)
    }

    /// This instant moved by `secs` (which may be negative).
    pub const fn plus_secs(self, secs: i64) -> Self {
        Timestamp(self.0 + secs * 1000)
    }

    /// Milliseconds from `earlier` to this instant; negative when it is later.
    pub const fn millis_since(self, earlier: Timestamp) -> i64 {
        self.0 - earlier.0
    }

    /// `2026-01-02T03:04:05.678Z`, the `date-time` form of Smithy.
    pub fn iso8601(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S.%3fZ")
    }

    /// `2026-01-02T03:04:05Z`.
    pub fn iso8601_secs(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    /// `20260102T030405Z`, the form of signature version 4.
    pub fn compact(self) -> String {
        self.format("%Y%m%dT%H%M%SZ")
    }

    /// `Fri, 02 Jan 2026 03:04:05 GMT`, the form of HTTP headers.
    pub fn http_date(self) -> String {
        self.format("%a, %d %b %Y %H:%M:%S GMT")
    }

    /// This instant in UTC by a strftime format.
    pub fn format(self, format: &str) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .strftime(format)
            .to_string()
    }

    /// Parses any RFC 3339 instant, `date-time` of Smithy among them.
    pub fn parse_iso8601(text: &str) -> Option<Self> {
        let parsed: jiff::Timestamp = text.parse().ok()?;
        Some(Timestamp(parsed.as_millisecond()))
    }

    /// Parses `Fri, 02 Jan 2026 03:04:05 GMT`.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let parsed = jiff::fmt::rfc2822::parse(text).ok()?;
        Some(Timestamp(parsed.timestamp().as_millisecond()))
    }

    /// Parses `20260102T030405Z`.
    pub fn parse_compact(text: &str) -> Option<Self> {
        // By hand: every signed request has one, and a format is parsed at each use.
        let bytes = text.as_bytes();
        if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
            return None;
        }
        let digits = |from: usize, to: usize| {
            bytes[from..to].iter().try_fold(0_i16, |number, digit| {
                digit.is_ascii_digit().then(|| number * 10 + i16::from(digit - b'0'))
            })
        };
        let two = |from: usize| digits(from, from + 2).map(|number| number as i8);
        let (year, month, day) = (digits(0, 4)?, two(4)?, two(6)?);
        let (hour, minute, second) = (two(9)?, two(11)?, two(13)?);
        let civil = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        let instant = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
        Some(Timestamp(instant.as_millisecond()))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.iso8601())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let t = Timestamp(1_767_323_045_678);
        assert_eq!(t.iso8601(), "2026-01-02T03:04:05.678Z");
        assert_eq!(t.compact(), "20260102T030405Z");
        assert_eq!(t.http_date(), "Fri, 02 Jan 2026 03:04:05 GMT");
        assert_eq!(Timestamp::parse_iso8601(&t.iso8601()), Some(t));
        assert_eq!(
            Timestamp::parse_compact("20260102T030405Z"),
            Some(Timestamp::from_secs(t.secs()))
        );
        assert_eq!(
            Timestamp::parse_http_date(&t.http_date()),
            Some(Timestamp::from_secs(t.secs()))
        );
        assert_eq!(Timestamp::parse_iso8601("yesterday"), None);
    }
}
