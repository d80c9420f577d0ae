//! The launch backoff: tasks that never reach RUNNING are tried ever more slowly,
//! up to 27 minutes apart, as ECS's service throttle logic has it.

/// The longest wait between two tries.
const LIMIT_MILLIS: i64 = 27 * 60 * 1000;

/// The wait after `failures` failures to start in a row, in milliseconds: 1 s, doubled each time.
pub fn launch_backoff_millis(failures: u32) -> i64 {
    match failures {
        0 => 0,
        1..=20 => (1000_i64 << (failures - 1)).min(LIMIT_MILLIS),
        _ => LIMIT_MILLIS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_the_limit() {
        let waits = [0, 1, 2, 3, 10, 11, 12, 1000].map(launch_backoff_millis);
        assert_eq!(waits, [0, 1000, 2000, 4000, 512_000, 1_024_000, LIMIT_MILLIS, LIMIT_MILLIS]);
    }
}
