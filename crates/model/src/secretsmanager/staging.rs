//! How stages move between the versions of a secret. A stage is on at most one
//! version; what loses AWSCURRENT becomes AWSPREVIOUS.

use super::{Secret, Version};

pub const CURRENT: &str = "AWSCURRENT";
pub const PREVIOUS: &str = "AWSPREVIOUS";
pub const PENDING: &str = "AWSPENDING";

/// Versions that a secret keeps: beyond them, those without a stage go, the oldest first.
const VERSIONS_KEPT: usize = 100;

impl Secret {
    /// The version with this id.
    pub fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    /// The version that has a stage.
    pub fn staged(&self, stage: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.stages.contains(stage))
    }

    /// Adds a version with its stages, which leave the versions that had them. The first
    /// version of a secret is current whatever is asked.
    pub fn add(&mut self, mut version: Version) {
        let stages = std::mem::take(&mut version.stages);
        let id = version.id.clone();
        let first = self.versions.is_empty();
        self.versions.push(version);
        for stage in &stages {
            self.move_stage(stage, Some(&id));
        }
        if first && !stages.contains(CURRENT) {
            self.move_stage(CURRENT, Some(&id));
        }
        self.forget_deprecated();
    }

    /// Puts a stage on a version, or on none.
    pub fn move_stage(&mut self, stage: &str, to: Option<&str>) {
        let from = self.staged(stage).map(|version| version.id.clone());
        if from.as_deref() == to {
            return;
        }
        self.set_stage(stage, to);
        if stage == CURRENT && from.is_some() {
            self.set_stage(PREVIOUS, from.as_deref());
        }
    }

    fn set_stage(&mut self, stage: &str, on: Option<&str>) {
        for version in &mut self.versions {
            if Some(version.id.as_str()) == on {
                version.stages.insert(stage.to_owned());
            } else {
                version.stages.remove(stage);
            }
        }
    }

    fn forget_deprecated(&mut self) {
        let mut surplus = self.versions.len().saturating_sub(VERSIONS_KEPT);
        self.versions.retain(|version| {
            let keep = surplus == 0 || !version.stages.is_empty();
            surplus -= usize::from(!keep);
            keep
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secretsmanager::Value;
    use neargate_ids::{Sealed, Timestamp};

    fn version(id: &str, stages: &[&str]) -> Version {
        Version {
            id: id.into(),
            created: Timestamp(0),
            accessed: None,
            stages: stages.iter().map(|s| (*s).to_owned()).collect(),
            value: Value::Text(Sealed(String::new())),
        }
    }

    fn secret() -> Secret {
        Secret {
            region: "us-west-2".into(),
            name: "db".into(),
            arn: "arn:aws:secretsmanager:us-west-2:000000000000:secret:db-AbCdEf".into(),
            description: None,
            kms_key_id: None,
            created: Timestamp(0),
            changed: Timestamp(0),
            accessed: None,
            policy: None,
            owning_service: None,
            deletion: None,
            versions: Vec::new(),
            tags: crate::Tags::new(),
        }
    }

    fn stages(secret: &Secret) -> Vec<String> {
        let shown = |v: &Version| format!("{}={:?}", v.id, v.stages);
        secret.versions.iter().map(shown).collect()
    }

    #[test]
    fn current_becomes_previous_and_previous_nothing() {
        let mut secret = secret();
        secret.add(version("a", &["mine"]));
        assert_eq!(stages(&secret), [r#"a={"AWSCURRENT", "mine"}"#]);
        secret.add(version("b", &[CURRENT]));
        secret.add(version("c", &[CURRENT]));
        assert_eq!(
            stages(&secret),
            [r#"a={"mine"}"#, r#"b={"AWSPREVIOUS"}"#, r#"c={"AWSCURRENT"}"#]
        );
    }

    #[test]
    fn a_rotation_passes_from_pending_to_current_and_back() {
        let mut secret = secret();
        secret.add(version("a", &[CURRENT]));
        secret.add(version("b", &[PENDING]));
        secret.move_stage(CURRENT, Some("b"));
        assert_eq!(stages(&secret), [r#"a={"AWSPREVIOUS"}"#, r#"b={"AWSCURRENT", "AWSPENDING"}"#]);
        secret.move_stage(PENDING, None);
        secret.move_stage(CURRENT, Some("a"));
        assert_eq!(stages(&secret), [r#"a={"AWSCURRENT"}"#, r#"b={"AWSPREVIOUS"}"#]);
    }

    #[test]
    fn the_oldest_deprecated_versions_are_forgotten() {
        let mut secret = secret();
        for number in 0..150 {
            secret.add(version(&number.to_string(), &[CURRENT]));
        }
        assert_eq!(secret.versions.len(), VERSIONS_KEPT);
        assert!(secret.version("149").is_some() && secret.version("0").is_none());
    }
}
