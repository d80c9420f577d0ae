//! Windows of time, in UTC: `sun:05:00-sun:06:00` for maintenance, `05:00-06:00` for backups.

use neargate_ids::Timestamp;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WEEK: u32 = 7 * DAY;
const DAY: u32 = 24 * 60;

/// Why a text is no window, in RDS's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadWindow {
    #[error(
        "Invalid maintenance window format: {0}. It must be in the format ddd:hh24:mi-ddd:hh24:mi."
    )]
    Maintenance(String),
    #[error("Invalid backup window format: {0}. It must be in the format hh24:mi-hh24:mi.")]
    Backup(String),
    #[error("The window must be at least 30 minutes.")]
    Short,
    #[error("The maintenance window must be less than 24 hours.")]
    Long,
}

/// Minutes of the week, from Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaintenanceWindow {
    begin: u32,
    length: u32,
}

/// Minutes of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupWindow {
    begin: u32,
    length: u32,
}

impl MaintenanceWindow {
    pub fn parse(text: &str) -> Result<Self, BadWindow> {
        let bad = || BadWindow::Maintenance(text.to_owned());
        let (from, to) = text.split_once('-').ok_or_else(bad)?;
        let (from, to) = (week_minute(from).ok_or_else(bad)?, week_minute(to).ok_or_else(bad)?);
        let length = (to + WEEK - from) % WEEK;
        match length {
            0..30 => Err(BadWindow::Short),
            DAY.. => Err(BadWindow::Long),
            _ => Ok(MaintenanceWindow { begin: from, length }),
        }
    }

    pub fn contains(&self, at: Timestamp) -> bool {
        // The first of January 1970 was a Thursday.
        let minutes = at.secs().div_euclid(60) + i64::from(3 * DAY);
        let now = minutes.rem_euclid(i64::from(WEEK)) as u32;
        (now + WEEK - self.begin) % WEEK < self.length
    }

    /// Whether it meets a daily window: RDS wants them apart.
    pub fn meets(&self, backup: &BackupWindow) -> bool {
        let inside = |minute: u32| (minute + DAY - backup.begin) % DAY < backup.length;
        (self.begin..self.begin + self.length).any(inside)
    }
}

impl BackupWindow {
    pub fn parse(text: &str) -> Result<Self, BadWindow> {
        let bad = || BadWindow::Backup(text.to_owned());
        let (from, to) = text.split_once('-').ok_or_else(bad)?;
        let (from, to) = (day_minute(from).ok_or_else(bad)?, day_minute(to).ok_or_else(bad)?);
        let length = (to + DAY - from) % DAY;
        if length < 30 {
            return Err(BadWindow::Short);
        }
        Ok(BackupWindow { begin: from, length })
    }
}

fn week_minute(text: &str) -> Option<u32> {
    let (day, time) = text.split_once(':')?;
    let day = DAYS.iter().zip(0..).find(|(name, _)| name.eq_ignore_ascii_case(day))?.1;
    Some(day * DAY + day_minute(time)?)
}

fn day_minute(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_over_the_end_of_the_week() {
        let window = MaintenanceWindow::parse("sun:23:30-mon:00:30").unwrap();
        let at = |text| window.contains(Timestamp::parse_iso8601(text).unwrap());
        // 2026-01-04 is a Sunday.
        assert!(!at("2026-01-04T23:29:59Z"));
        assert!(at("2026-01-04T23:30:00Z"));
        assert!(at("2026-01-05T00:29:59Z"));
        assert!(!at("2026-01-05T00:30:00Z"));
    }

    #[test]
    fn what_is_no_window() {
        for text in [
            "",
            "sun",
            "sun:05:00",
            "xyz:05:00-sun:06:00",
            "sun:5:00-sun:06:00",
            "sun:24:00-sun:24:30",
        ] {
            assert_eq!(MaintenanceWindow::parse(text), Err(BadWindow::Maintenance(text.into())));
        }
        assert_eq!(MaintenanceWindow::parse("sun:05:00-sun:05:29"), Err(BadWindow::Short));
        assert_eq!(MaintenanceWindow::parse("sun:05:00-mon:05:00"), Err(BadWindow::Long));
        assert_eq!(BackupWindow::parse("05:00-05:29"), Err(BadWindow::Short));
    }

    #[test]
    fn windows_that_meet() {
        let meets = |maintenance, backup| {
            let maintenance = MaintenanceWindow::parse(maintenance).unwrap();
            maintenance.meets(&BackupWindow::parse(backup).unwrap())
        };
        assert!(meets("sun:05:00-sun:06:00", "05:30-06:30"));
        assert!(meets("sun:23:30-mon:00:30", "00:00-00:30"));
        assert!(!meets("sun:04:30-sun:05:30", "03:00-04:00"));
    }
}
