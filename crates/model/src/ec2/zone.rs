//! Regions and their availability zones. Each region has three zones here,
//! `a`, `b` and `c`, whatever it has on AWS.

/// A region that AWS's standard partition has, and whether an account must opt in.
/// Source: "AWS Regions" in the account management guide.
pub const REGIONS: &[(&str, bool)] = &[
    ("af-south-1", true),
    ("ap-east-1", true),
    ("ap-east-2", true),
    ("ap-northeast-1", false),
    ("ap-northeast-2", false),
    ("ap-northeast-3", false),
    ("ap-south-1", false),
    ("ap-south-2", true),
    ("ap-southeast-1", false),
    ("ap-southeast-2", false),
    ("ap-southeast-3", true),
    ("ap-southeast-4", true),
    ("ap-southeast-5", true),
    ("ap-southeast-6", true),
    ("ap-southeast-7", true),
    ("ca-central-1", false),
    ("ca-west-1", true),
    ("eu-central-1", false),
    ("eu-central-2", true),
    ("eu-north-1", false),
    ("eu-south-1", true),
    ("eu-south-2", true),
    ("eu-west-1", false),
    ("eu-west-2", false),
    ("eu-west-3", false),
    ("il-central-1", true),
    ("me-central-1", true),
    ("me-south-1", true),
    ("mx-central-1", true),
    ("sa-east-1", false),
    ("us-east-1", false),
    ("us-east-2", false),
    ("us-west-1", false),
    ("us-west-2", false),
];

/// An availability zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// `us-west-2a`
    pub name: String,
    /// `usw2-az1`
    pub id: String,
}

/// The zones of a region.
pub fn zones(region: &str) -> Vec<Zone> {
    ['a', 'b', 'c']
        .iter()
        .zip(1..)
        .map(|(letter, number)| Zone {
            name: format!("{region}{letter}"),
            id: format!("{}-az{number}", short(region)),
        })
        .collect()
}

/// The id of a zone by its name.
pub fn zone_id(zone: &str) -> Option<String> {
    let region = zone.get(..zone.len().checked_sub(1)?)?;
    zones(region).into_iter().find(|z| z.name == zone).map(|z| z.id)
}

/// `us-west-2` as zone ids begin: `usw2`.
fn short(region: &str) -> String {
    let mut parts = region.split('-');
    let area = parts.next().unwrap_or_default();
    let rest = parts.map(|part| match part {
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        number if number.starts_with(|c: char| c.is_ascii_digit()) => number,
        word => word.get(..1).unwrap_or_default(),
    });
    std::iter::once(area).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_ids() {
        for (zone, id) in [
            ("us-west-2a", "usw2-az1"),
            ("us-east-1c", "use1-az3"),
            ("ap-southeast-2b", "apse2-az2"),
            ("eu-central-1a", "euc1-az1"),
            ("ca-central-1a", "cac1-az1"),
        ] {
            assert_eq!(zone_id(zone).as_deref(), Some(id));
        }
        assert_eq!(zone_id("us-west-2d"), None);
        assert_eq!(zone_id(""), None);
    }
}
