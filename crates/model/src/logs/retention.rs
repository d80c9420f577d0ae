//! When a line expires. Pure.

use super::LogGroup;

/// What a retention may be (PutRetentionPolicy in the API reference).
pub const RETENTION_DAYS: [i32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The time before which a group's lines have expired at `now_ms`; nothing
/// while they never do.
pub fn expired_before_ms(group: &LogGroup, now_ms: i64) -> Option<i64> {
    group.retention_in_days.map(|days| now_ms - i64::from(days) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_lives_for_the_days_of_its_group() {
        let mut group = LogGroup {
            region: "us-west-2".into(),
            name: "/ecs/app".into(),
            arn: String::new(),
            created_ms: 0,
            class: "STANDARD".into(),
            retention_in_days: None,
            kms_key_id: None,
            deletion_protection: false,
            tags: Default::default(),
        };
        assert_eq!(expired_before_ms(&group, 10 * DAY_MS), None);
        group.retention_in_days = Some(3);
        assert_eq!(expired_before_ms(&group, 10 * DAY_MS), Some(7 * DAY_MS));
    }
}
