//! How much is kept.

/// The bounds of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after which a new segment is begun.
    pub segment_bytes: u64,
    /// Bytes of all segments.
    pub total_bytes: u64,
    /// How old an entry may get.
    pub age_ms: i64,
    /// Bytes that may wait to be written.
    pub queue_bytes: usize,
}

impl Default for Limits {
    /// AWS's 90 days, and about a quarter of a million calls.
    fn default() -> Self {
        Limits {
            segment_bytes: 4 << 20,
            total_bytes: 256 << 20,
            age_ms: 90 * 24 * 60 * 60 * 1000,
            queue_bytes: 8 << 20,
        }
    }
}
