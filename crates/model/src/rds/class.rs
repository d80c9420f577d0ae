//! Instance classes, by the rule behind their names: `db.t3.micro` is a family
//! with so much memory for a CPU, and a size.
//! Source: "Hardware specifications for DB instance classes" in the RDS guide.

/// Memory of a class in MiB; `None` for a name that is no class for PostgreSQL.
pub fn memory_mib(class: &str) -> Option<u32> {
    let (family, size) = family_and_size(class)?;
    if let Some(mib) = burstable(family, size) {
        return mib;
    }
    let gib_per_vcpu = match family.chars().next()? {
        'm' => 4,
        'c' => 2,
        'r' => 8,
        'x' => 16,
        _ => return None,
    };
    Some(vcpus(class)? * gib_per_vcpu * 1024)
}

/// Virtual CPUs of a class.
pub fn vcpus(class: &str) -> Option<u32> {
    let (_, size) = family_and_size(class)?;
    match size {
        "micro" | "small" | "medium" | "large" => Some(2),
        "xlarge" => Some(4),
        _ => Some(4 * size.strip_suffix("xlarge")?.parse::<u32>().ok()?),
    }
}

/// Of t classes the memory follows the size alone; `Some(None)` for a size that they lack.
fn burstable(family: &str, size: &str) -> Option<Option<u32>> {
    if !family.starts_with('t') {
        return None;
    }
    let gib = match size {
        "micro" => 1,
        "small" => 2,
        "medium" => 4,
        "large" => 8,
        "xlarge" => 16,
        "2xlarge" => 32,
        _ => return Some(None),
    };
    Some(Some(gib * 1024))
}

/// Families that run PostgreSQL, each with the sizes that it has at least.
const FAMILIES: [&str; 24] = [
    "c6gd", "m5", "m5d", "m6g", "m6gd", "m6i", "m6id", "m7g", "m7i", "m8g", "r5", "r5b", "r5d",
    "r6g", "r6gd", "r6i", "r6id", "r7g", "r7i", "r8g", "t3", "t4g", "x2g", "x2idn",
];

fn family_and_size(class: &str) -> Option<(&str, &str)> {
    let (family, size) = class.strip_prefix("db.")?.split_once('.')?;
    let multiple = size.strip_suffix("xlarge").map(|n| if n.is_empty() { "1" } else { n });
    let known = match multiple {
        Some(n) => ["1", "2", "4", "8", "12", "16", "24", "32", "48"].contains(&n),
        None if family.starts_with('t') => ["micro", "small", "medium", "large"].contains(&size),
        None => size == "large",
    };
    (FAMILIES.contains(&family) && known).then_some((family, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_by_name() {
        let table = [
            ("db.t3.micro", Some(1024)),
            ("db.t4g.medium", Some(4096)),
            ("db.m6g.large", Some(8192)),
            ("db.r6g.2xlarge", Some(65536)),
            ("db.t3.4xlarge", None),
            ("db.m6g.micro", None),
            ("db.t3.7xlarge", None),
            ("t3.micro", None),
            ("db.z9.large", None),
        ];
        for (class, memory) in table {
            assert_eq!(memory_mib(class), memory, "{class}");
        }
    }
}
