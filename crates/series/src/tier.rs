//! The resolutions that metrics are kept in, and for how long.
//!
//! Source: "Metrics retention" in the CloudWatch guide.

/// One resolution, the finest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    Second,
    Minute,
    FiveMinutes,
    Hour,
}

/// Points of a block: each tier's blocks span this many of its periods.
pub const SLOTS: i64 = 120;

impl Tier {
    pub const ALL: [Tier; 4] = [Tier::Second, Tier::Minute, Tier::FiveMinutes, Tier::Hour];

    /// Seconds of one point.
    pub const fn period(self) -> i64 {
        match self {
            Tier::Second => 1,
            Tier::Minute => 60,
            Tier::FiveMinutes => 300,
            Tier::Hour => 3600,
        }
    }

    /// Seconds that its points are kept: 3 hours, 15 days, 63 days, 455 days.
    pub const fn kept(self) -> i64 {
        match self {
            Tier::Second => 3 * 3600,
            Tier::Minute => 15 * 86_400,
            Tier::FiveMinutes => 63 * 86_400,
            Tier::Hour => 455 * 86_400,
        }
    }

    /// Seconds of one block.
    pub const fn span(self) -> i64 {
        self.period() * SLOTS
    }

    /// The block and the slot of an instant, in seconds since the epoch.
    pub const fn place(self, secs: i64) -> (u32, u8) {
        let point = secs.div_euclid(self.period());
        (point.div_euclid(SLOTS) as u32, point.rem_euclid(SLOTS) as u8)
    }

    /// The instant at which a slot begins, in seconds since the epoch.
    pub const fn instant(self, block: u32, slot: u8) -> i64 {
        (block as i64 * SLOTS + slot as i64) * self.period()
    }
}
