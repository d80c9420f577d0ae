//! Versions, and constraints such as `~> 5.0, != 5.3.1`. Source: "Version Constraints" in Terraform's
//! documentation.

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Vec<u64>);

impl Version {
    /// Of numbers with dots between: a pre-release is left out.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.trim().trim_start_matches('v');
        let numbers = text.split(['-', '+']).next()?;
        let parts: Option<Vec<u64>> = numbers.split('.').map(|part| part.parse().ok()).collect();
        parts.map(Version)
    }

    fn padded(&self) -> Vec<u64> {
        let mut parts = self.0.clone();
        parts.resize(3.max(parts.len()), 0);
        parts
    }
}

/// All of these hold.
pub struct Constraint(Vec<(String, Version)>);

impl Constraint {
    pub fn parse(text: &str) -> Option<Constraint> {
        let mut all = Vec::new();
        for part in text.split(',') {
            let part = part.trim();
            let end = part.find(|c: char| c.is_ascii_digit() || c == 'v')?;
            let operator = part[..end].trim();
            if !["", "=", "!=", ">", ">=", "<", "<=", "~>"].contains(&operator) {
                return None;
            }
            all.push((operator.to_owned(), Version::parse(&part[end..])?));
        }
        Some(Constraint(all))
    }

    pub fn allows(&self, version: &Version) -> bool {
        let have = version.padded();
        self.0.iter().all(|(operator, wanted)| {
            let other = wanted.padded();
            match operator.as_str() {
                "!=" => have != other,
                ">" => have > other,
                ">=" => have >= other,
                "<" => have < other,
                "<=" => have <= other,
                "~>" => {
                    let fixed = wanted.0.len().saturating_sub(1).max(1);
                    have >= other && have[..fixed] == other[..fixed]
                }
                _ => have == other,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_hold_as_terraform_says() {
        let allows = |constraint: &str, version: &str| {
            Constraint::parse(constraint).unwrap().allows(&Version::parse(version).unwrap())
        };
        assert!(allows(">= 1.0", "1.11.4"));
        assert!(allows("~> 1.9", "1.11.4"));
        assert!(!allows("~> 1.9.0", "1.11.4"));
        assert!(allows("~> 1", "1.11.4"));
        assert!(!allows("< 1.11, >= 1.0", "1.11.4"));
        assert!(!allows("1.11", "1.11.4"));
        assert!(Constraint::parse("=> 1").is_none());
    }
}
