//! A capacity held within its bounds, whatever any policy says.

/// Where the capacity has to go, and why, in AWS's words; `None` where it is within.
pub fn within(capacity: u32, min: i32, max: i32) -> Option<(u32, String)> {
    let (min, max) = (min.max(0) as u32, max.max(0) as u32);
    match capacity {
        low if low < min => Some((min, format!("minimum capacity was set to {min}"))),
        high if high > max => Some((max, format!("maximum capacity was set to {max}"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold() {
        assert_eq!(within(1, 2, 4), Some((2, "minimum capacity was set to 2".into())));
        assert_eq!(within(5, 2, 4), Some((4, "maximum capacity was set to 4".into())));
        assert_eq!(within(2, 2, 4), None);
        assert_eq!(within(4, 2, 4), None);
    }
}
