//! A repository, and the preview of a lifecycle policy on it.

use neargate_api_types::ecr;
use neargate_ids::Timestamp;
use neargate_store::Record;
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// A repository.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Repository {
    pub region: String,
    pub name: String,
    pub arn: String,
    pub created_at: Timestamp,
    /// `MUTABLE`, `IMMUTABLE`, or one of both `…_WITH_EXCLUSION`.
    pub tag_mutability: String,
    pub exclusion_filters: Vec<Stored<ecr::ImageTagMutabilityExclusionFilter>>,
    pub scan_on_push: bool,
    /// `AES256`, `KMS` or `KMS_DSSE`.
    pub encryption_type: String,
    pub kms_key: Option<String>,
    /// The resource policy, as it was given.
    pub policy: Option<String>,
    /// As it was given.
    pub lifecycle_policy: Option<String>,
    pub lifecycle_evaluated_at: Option<Timestamp>,
    pub preview: Option<Preview>,
    pub tags: Tags,
}

/// What a lifecycle policy would have expired when its preview was started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Preview {
    pub policy: String,
    pub results: Vec<Previewed>,
}

/// An image that a preview would expire.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Previewed {
    pub digest: String,
    pub tags: Vec<String>,
    pub pushed_at: Timestamp,
    pub rule_priority: i32,
}

impl Record for Repository {
    const TABLE: &'static str = "ecr-repositories";

    fn key(&self) -> String {
        Repository::key_of(&self.region, &self.name)
    }
}

impl Repository {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }

    /// Whether `tag`, which names an image, may come to name another one.
    pub fn may_move(&self, tag: &str) -> bool {
        let excluded = self.exclusion_filters.iter().any(|f| wildcard(&f.filter, tag));
        match self.tag_mutability.as_str() {
            "IMMUTABLE" => false,
            "IMMUTABLE_WITH_EXCLUSION" => excluded,
            "MUTABLE_WITH_EXCLUSION" => !excluded,
            _ => true,
        }
    }
}

/// Whether `text` is `pattern`, whose `*` stand for any text.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(mutability: &str, filter: &str) -> Repository {
        let filter = ecr::ImageTagMutabilityExclusionFilter {
            filter: filter.into(),
            filter_type: "WILDCARD".into(),
        };
        Repository {
            region: "us-west-2".into(),
            name: "app".into(),
            arn: String::new(),
            created_at: Timestamp(0),
            tag_mutability: mutability.into(),
            exclusion_filters: vec![Stored(filter)],
            scan_on_push: false,
            encryption_type: "AES256".into(),
            kms_key: None,
            policy: None,
            lifecycle_policy: None,
            lifecycle_evaluated_at: None,
            preview: None,
            tags: Tags::new(),
        }
    }

    #[test]
    fn tags_move_as_mutability_and_its_exclusions_say() {
        let check = |mutability: &str, tag: &str| repository(mutability, "dev-*").may_move(tag);
        assert!(check("MUTABLE", "v1") && check("MUTABLE", "dev-1"));
        assert!(!check("IMMUTABLE", "v1") && !check("IMMUTABLE", "dev-1"));
        assert!(!check("IMMUTABLE_WITH_EXCLUSION", "v1"));
        assert!(check("IMMUTABLE_WITH_EXCLUSION", "dev-1"));
        assert!(check("MUTABLE_WITH_EXCLUSION", "v1"));
        assert!(!check("MUTABLE_WITH_EXCLUSION", "dev-1"));
    }

    #[test]
    fn wildcards() {
        for (pattern, text) in
            [("*", ""), ("a*c", "abc"), ("a*c", "ac"), ("*b*", "abc"), ("a", "a")]
        {
            assert!(wildcard(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a*c", "ab"), ("a", "ab"), ("ab*b", "ab"), ("*x*", "abc")] {
            assert!(!wildcard(pattern, text), "{pattern} {text}");
        }
    }
}
