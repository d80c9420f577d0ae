//! `X-Amzn-Trace-Id`: absent adds Root, present with Root prepends Self, and
//! an earlier Self is replaced.
//!
//! Source: "Request tracing for your Application Load Balancer".

use neargate_ids::{Rng, Timestamp};

/// The header's value towards the target.
pub fn next(incoming: Option<&str>, now: Timestamp, rng: &Rng) -> String {
    let fresh = |field: &str| {
        let (high, low) = (rng.next_u64() >> 32, rng.next_u64());
        format!("{field}=1-{:08x}-{high:08x}{low:016x}", now.secs())
    };
    let Some(incoming) = incoming.map(str::trim).filter(|value| !value.is_empty()) else {
        return fresh("Root");
    };
    let fields = incoming.split(';').map(str::trim).filter(|field| !field.is_empty());
    let kept: Vec<&str> = fields.filter(|field| !field.starts_with("Self=")).collect();
    let has_root = kept.iter().any(|field| field.starts_with("Root="));
    let mut value = fresh(if has_root { "Self" } else { "Root" });
    for field in kept {
        value.push(';');
        value.push_str(field);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(incoming: Option<&str>, expected: Expect) {
        expected.assert_eq(&next(incoming, Timestamp::from_secs(0x6344_1c4a), &Rng::seeded(1)));
    }

    #[test]
    fn fields() {
        check(None, expect!["Root=1-63441c4a-b3f2af6d853b559647364cea"]);
        check(
            Some("Root=1-67891233-abcdef012345678912345678;CalledFrom=app"),
            expect![
                "Self=1-63441c4a-b3f2af6d853b559647364cea;Root=1-67891233-abcdef012345678912345678;CalledFrom=app"
            ],
        );
        check(
            Some("Self=1-1-1; Root=1-2-2"),
            expect!["Self=1-63441c4a-b3f2af6d853b559647364cea;Root=1-2-2"],
        );
        check(
            Some("CalledFrom=app"),
            expect!["Root=1-63441c4a-b3f2af6d853b559647364cea;CalledFrom=app"],
        );
        check(Some(" ;"), expect!["Root=1-63441c4a-b3f2af6d853b559647364cea"]);
    }
}
