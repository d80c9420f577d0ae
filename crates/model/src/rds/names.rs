//! The names of databases: `<identifier>.<12 letters>.<region>.rds.amazonaws.com`.

use std::net::Ipv4Addr;

use neargate_store::Snapshot;

use super::DbInstance;

/// The endpoint's name. Its middle is the same for all instances of an account
/// in a region, as on RDS.
pub fn endpoint(identifier: &str, account: &str, region: &str) -> String {
    format!("{identifier}.{}.{region}.rds.amazonaws.com", middle(account, region))
}

/// The addresses of a database's name as seen in a VPC; `None` for a name of no database.
pub fn addresses(snapshot: &Snapshot, vpc_id: &str, name: &str) -> Option<Vec<Ipv4Addr>> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let rest = name.strip_suffix(".rds.amazonaws.com")?;
    let instance = snapshot.all::<DbInstance>().find(|instance| {
        let account = instance.arn.split(':').nth(4).unwrap_or_default();
        let labels = format!(
            "{}.{}.{}",
            instance.identifier,
            middle(account, &instance.region),
            instance.region
        );
        labels == rest
    });
    // Another VPC's address would lead nowhere, as on AWS without peering.
    let found = instance.filter(|instance| instance.vpc_id == vpc_id);
    Some(found.map(|instance| instance.private_ip).into_iter().collect())
}

/// Twelve letters and digits from account and region.
fn middle(account: &str, region: &str) -> String {
    let text = format!("{account}/{region}");
    let mut hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut name = String::from("c");
    while name.len() < 12 {
        name.push(char::from(letters[(hash % 36) as usize]));
        hash /= 36;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_steady() {
        let name = endpoint("db", "000000000000", "us-west-2");
        assert_eq!(name, endpoint("db", "000000000000", "us-west-2"));
        assert_ne!(name, endpoint("db", "000000000000", "us-east-1"));
        assert_eq!(name.split('.').nth(1).map(str::len), Some(12));
    }
}
