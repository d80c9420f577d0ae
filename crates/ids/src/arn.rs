//! Amazon Resource Names: `arn:partition:service:region:account:resource`.
//!
//! Source of the form: "Amazon Resource Names (ARNs)" in the IAM user guide.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A parsed ARN. The resource part keeps its own separators (`/` or `:`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Arn {
    pub partition: String,
    pub service: String,
    pub region: String,
    pub account: String,
    pub resource: String,
}

/// Why a text is no ARN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an ARN: six parts separated by colons, the first of them \"arn\", are needed"
)]
pub struct ArnError(pub String);

impl Arn {
    /// An ARN of the standard partition.
    pub fn new(service: &str, region: &str, account: &str, resource: impl Into<String>) -> Self {
        Arn {
            partition: "aws".into(),
            service: service.into(),
            region: region.into(),
            account: account.into(),
            resource: resource.into(),
        }
    }

    /// What follows the last `/` of the resource: most services' name or id.
    pub fn last(&self) -> &str {
        self.resource.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().map(str::to_owned).ok_or_else(|| ArnError(text.to_owned()));
        if next()? != "arn" {
            return Err(ArnError(text.to_owned()));
        }
        Ok(Arn {
            partition: next()?,
            service: next()?,
            region: next()?,
            account: next()?,
            resource: next()?,
        })
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> String {
        arn.to_string()
    }
}

impl TryFrom<String> for Arn {
    type Error = ArnError;

    fn try_from(text: String) -> Result<Self, ArnError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let text = "arn:aws:logs:us-west-2:000000000000:log-group:/ecs/a:*";
        let arn: Arn = text.parse().unwrap();
        assert_eq!(arn.resource, "log-group:/ecs/a:*");
        assert_eq!(arn.to_string(), text);
        assert!("arn:aws:ecs".parse::<Arn>().is_err());
        assert!("urn:aws:ecs:r:a:x".parse::<Arn>().is_err());
    }
}
