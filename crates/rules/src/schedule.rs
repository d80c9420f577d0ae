//! Schedule expressions: `at(…)`, `rate(…)` and `cron(…)`, in UTC or in a time zone.
//! Source: "Schedule expressions" in the guides of EventBridge and of
//! Application Auto Scaling.

mod cron;
mod zone;

use neargate_ids::Timestamp;

use cron::Cron;
pub use zone::Zone;

/// When something is to happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// Once.
    At(Timestamp),
    /// Every so many milliseconds.
    Rate {
        every_millis: i64,
    },
    Cron(Box<Cron>),
}

impl Schedule {
    /// `None` where it is none of the three.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once('(')?;
        let inner = rest.strip_suffix(')')?;
        match kind {
            "at" => Timestamp::parse_iso8601(&format!("{inner}Z")).map(Schedule::At),
            "rate" => rate(inner),
            "cron" => Cron::parse(inner).map(Box::new).map(Schedule::Cron),
            _ => None,
        }
    }

    /// The first time after `after` that it says; a rate counts from there.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        self.next_after_in(after, &Zone::UTC)
    }

    /// The same by the clock of a time zone; a rate knows none.
    pub fn next_after_in(&self, after: Timestamp, zone: &Zone) -> Option<Timestamp> {
        match self {
            Schedule::At(at) => zone.instant(Zone::UTC.shows(*at)?).filter(|at| *at > after),
            Schedule::Rate { every_millis } => Some(after.plus_millis(*every_millis)),
            Schedule::Cron(cron) => cron.next_after(after, zone),
        }
    }
}

/// `1 minute`, `5 minutes`: the unit agrees with the number.
fn rate(text: &str) -> Option<Schedule> {
    let (value, unit) = text.split_once(' ')?;
    let value = value.parse::<u32>().ok().filter(|value| *value > 0)?;
    let singular = match value {
        1 => unit,
        _ => unit.strip_suffix('s')?,
    };
    let unit_millis = match singular {
        "minute" => 60_000,
        "hour" => 3_600_000,
        "day" => 86_400_000,
        _ => return None,
    };
    Some(Schedule::Rate { every_millis: i64::from(value) * unit_millis })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(text: &str, after: &str) -> String {
        let schedule = Schedule::parse(text).unwrap_or_else(|| panic!("{text}"));
        let next = schedule.next_after(Timestamp::parse_iso8601(after).unwrap());
        next.map_or_else(|| "never".into(), Timestamp::iso8601_secs)
    }

    #[test]
    fn a_rate_counts_from_where_it_began() {
        assert_eq!(next("rate(5 minutes)", "2026-01-02T03:04:05Z"), "2026-01-02T03:09:05Z");
        assert_eq!(next("rate(1 day)", "2026-01-02T03:04:05Z"), "2026-01-03T03:04:05Z");
        assert_eq!(next("at(2026-01-02T03:04:05)", "2026-01-01T00:00:00Z"), "2026-01-02T03:04:05Z");
        assert_eq!(next("at(2026-01-02T03:04:05)", "2026-01-02T03:04:05Z"), "never");
    }

    #[test]
    fn a_time_zone_is_another_clock() {
        let berlin = Zone::named("Europe/Berlin").expect("it is in the database");
        let next = |text: &str, after: &str| {
            let schedule = Schedule::parse(text).expect("a schedule");
            let after = Timestamp::parse_iso8601(after).expect("a time");
            schedule.next_after_in(after, &berlin).map(Timestamp::iso8601_secs)
        };
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(
            next("at(2026-07-01T12:00:00)", "2026-01-01T00:00:00Z"),
            is("2026-07-01T10:00:00Z")
        );
        assert_eq!(next("cron(0 9 * * ? *)", "2026-01-02T08:00:00Z"), is("2026-01-03T08:00:00Z"));
        assert_eq!(next("cron(0 9 * * ? *)", "2026-07-02T00:00:00Z"), is("2026-07-02T07:00:00Z"));
        // The clock goes from 2:00 to 3:00.
        assert_eq!(next("cron(30 2 * * ? *)", "2026-03-28T12:00:00Z"), is("2026-03-29T01:30:00Z"));
        // It shows 2:30 twice: after the first, the next is tomorrow's.
        assert_eq!(next("cron(30 2 * * ? *)", "2026-10-24T12:00:00Z"), is("2026-10-25T00:30:00Z"));
        assert_eq!(next("cron(30 2 * * ? *)", "2026-10-25T00:30:00Z"), is("2026-10-26T01:30:00Z"));
        assert!(Zone::named("Europe/Atlantis").is_none());
    }

    /// The examples of the guide, from Friday, the second of January.
    #[test]
    fn crons_come_when_they_say() {
        for (cron, expected) in [
            ("0 10 * * ? *", "2026-01-02T10:00:00Z"),
            ("15 12 * * ? *", "2026-01-02T12:15:00Z"),
            ("0 18 ? * MON-FRI *", "2026-01-02T18:00:00Z"),
            ("0 8 1 * ? *", "2026-02-01T08:00:00Z"),
            ("0/15 * * * ? *", "2026-01-02T03:15:00Z"),
            ("0/10 * ? * MON-FRI *", "2026-01-02T03:10:00Z"),
            ("0/5 8-17 ? * MON-FRI *", "2026-01-02T08:00:00Z"),
            ("4 3 2 1 ? *", "2027-01-02T03:04:00Z"),
            ("0 0 L * ? *", "2026-01-31T00:00:00Z"),
            ("0 0 ? * 6L *", "2026-01-30T00:00:00Z"),
            ("0 0 ? * 3#2 *", "2026-01-13T00:00:00Z"),
            ("0 0 15W 2 ? *", "2026-02-16T00:00:00Z"),
            ("0 0 LW * ? *", "2026-01-30T00:00:00Z"),
            ("0 0 29 2 ? *", "2028-02-29T00:00:00Z"),
            ("0 9 ? JAN,JUL SUN 2026-2030", "2026-01-04T09:00:00Z"),
            ("0 9 1 1 ? 2026", "never"),
        ] {
            assert_eq!(next(&format!("cron({cron})"), "2026-01-02T03:04:05Z"), expected, "{cron}");
        }
    }

    #[test]
    fn what_is_no_schedule() {
        for bad in [
            "",
            "at(tomorrow)",
            "rate(0 minutes)",
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(5 weeks)",
            "rate(5minutes)",
            "cron(0 20 * * *)",
            "cron(0 20 * * * *)",
            "cron(0 20 ? * ? *)",
            "cron(60 20 * * ? *)",
            "cron(0 20 ? * MON-XXX *)",
            "cron(0 20 32 * ? *)",
            "cron(0",
        ] {
            assert_eq!(Schedule::parse(bad), None, "{bad}");
        }
    }
}
