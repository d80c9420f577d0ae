//! Lifecycle policies of image repositories: what they say, and which images expire.
//!
//! All rules are evaluated on all images at the same time, then applied by
//! priority, lowest number first: an image expires by exactly one rule or none,
//! and what a rule of higher priority has taken, or what a rule matches and keeps,
//! stays matched for the rules after it. Images that an index still needs go
//! with the index.
//!
//! Source: "Lifecycle policy properties" and "How lifecycle policies work" in the ECR user guide.

use std::collections::{BTreeMap, BTreeSet};

use neargate_ids::Timestamp;
use neargate_model::ecr::Image;
use serde::Deserialize;

/// A policy that has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecyclePolicy {
    /// By priority.
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub priority: i32,
    pub selects: Selects,
    pub count: Count,
}

/// Which images a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selects {
    Untagged,
    /// For each of these prefixes the image has a tag that begins with it.
    Prefixes(Vec<String>),
    /// For each of these patterns the image has a tag that matches it.
    Patterns(Vec<String>),
    Any,
}

/// Which of them expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    MoreThan(usize),
    OlderThanDays(i64),
}

/// An image that expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    pub digest: String,
    pub priority: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenPolicy {
    rules: Vec<GivenRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GivenRule {
    rule_priority: i32,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    selection: GivenSelection,
    action: GivenAction,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GivenSelection {
    tag_status: String,
    #[serde(default)]
    tag_prefix_list: Vec<String>,
    #[serde(default)]
    tag_pattern_list: Vec<String>,
    count_type: String,
    #[serde(default)]
    count_unit: Option<String>,
    count_number: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenAction {
    r#type: String,
}

impl LifecyclePolicy {
    /// Reads a policy's JSON; the error says what to change.
    pub fn parse(text: &str) -> Result<Self, String> {
        let given: GivenPolicy = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if given.rules.is_empty() {
            return Err("a policy needs at least one rule".into());
        }
        let mut rules = given.rules.into_iter().map(rule).collect::<Result<Vec<_>, _>>()?;
        rules.sort_by_key(|rule| rule.priority);
        if let Some(pair) = rules.windows(2).find(|pair| pair[0].priority == pair[1].priority) {
            let priority = pair[0].priority;
            return Err(format!("rulePriority {priority} is used by more than one rule"));
        }
        let only_last = |of: Selects, name: &str| {
            let at = rules.iter().position(|rule| rule.selects == of);
            match (at, rules.iter().filter(|rule| rule.selects == of).count()) {
                (_, 2..) => Err(format!("only one rule can select {name}")),
                (at, _) => Ok(at),
            }
        };
        only_last(Selects::Untagged, "untagged")?;
        let any = only_last(Selects::Any, "any")?;
        if any.is_some_and(|at| at + 1 != rules.len()) {
            return Err("a rule that selects any must have the highest rulePriority".into());
        }
        Ok(LifecyclePolicy { rules })
    }

    /// Which of a repository's images expire at `now`, in the order of the rules.
    pub fn evaluate(&self, images: &[&Image], now: Timestamp) -> Vec<Expired> {
        let needed: BTreeSet<&str> =
            images.iter().flat_map(|image| &image.manifests).map(String::as_str).collect();
        let mut newest_first: Vec<&Image> = images.to_vec();
        newest_first.sort_by(|a, b| (b.pushed_at, &b.digest).cmp(&(a.pushed_at, &a.digest)));
        let mut taken: BTreeMap<&str, i32> = BTreeMap::new();
        let mut expired = Vec::new();
        for rule in &self.rules {
            let matched = newest_first.iter().filter(|image| rule.selects.matches(image));
            let matched: Vec<&Image> =
                matched.filter(|image| !needed.contains(image.digest.as_str())).copied().collect();
            for (rank, image) in matched.into_iter().enumerate() {
                let before = taken.insert(&image.digest, rule.priority);
                if before.is_none() && rule.count.expires(rank, image, now) {
                    let digest = image.digest.clone();
                    expired.push(Expired { digest, priority: rule.priority });
                }
            }
        }
        expired
    }
}

fn rule(given: GivenRule) -> Result<Rule, String> {
    let GivenRule { rule_priority: priority, selection, action, .. } = given;
    if priority < 1 {
        return Err("rulePriority must be at least 1".into());
    }
    if action.r#type != "expire" {
        return Err(format!(
            "rule {priority}: the action type must be expire, not {}",
            action.r#type
        ));
    }
    let count_number = selection.count_number;
    if count_number < 1 {
        return Err(format!("rule {priority}: countNumber must be at least 1"));
    }
    let count = match (selection.count_type.as_str(), selection.count_unit.as_deref()) {
        ("imageCountMoreThan", None) => {
            Count::MoreThan(usize::try_from(count_number).unwrap_or(usize::MAX))
        }
        ("imageCountMoreThan", Some(_)) => {
            return Err(format!("rule {priority}: countUnit goes with sinceImagePushed only"));
        }
        ("sinceImagePushed", Some("days")) => Count::OlderThanDays(count_number),
        ("sinceImagePushed", _) => {
            return Err(format!("rule {priority}: sinceImagePushed needs the countUnit days"));
        }
        (other, _) => {
            return Err(format!(
                "rule {priority}: countType must be imageCountMoreThan or sinceImagePushed, not {other}"
            ));
        }
    };
    Ok(Rule { priority, selects: selects(priority, selection)?, count })
}

fn selects(priority: i32, given: GivenSelection) -> Result<Selects, String> {
    let (prefixes, patterns) = (given.tag_prefix_list, given.tag_pattern_list);
    let no_lists = prefixes.is_empty() && patterns.is_empty();
    match given.tag_status.as_str() {
        "untagged" if no_lists => Ok(Selects::Untagged),
        "any" if no_lists => Ok(Selects::Any),
        "untagged" | "any" => {
            Err(format!("rule {priority}: tagPrefixList and tagPatternList go with tagged only"))
        }
        "tagged" if no_lists => {
            Err(format!("rule {priority}: tagged needs a tagPatternList or a tagPrefixList"))
        }
        "tagged" if patterns.is_empty() => Ok(Selects::Prefixes(prefixes)),
        "tagged" if prefixes.is_empty() => {
            match patterns.iter().find(|p| p.matches('*').count() > 4) {
                Some(_) => Err(format!("rule {priority}: a pattern has at most four wildcards")),
                None => Ok(Selects::Patterns(patterns)),
            }
        }
        "tagged" => {
            Err(format!("rule {priority}: tagPatternList and tagPrefixList exclude each other"))
        }
        other => {
            Err(format!("rule {priority}: tagStatus must be tagged, untagged or any, not {other}"))
        }
    }
}

impl Selects {
    fn matches(&self, image: &Image) -> bool {
        let tags = &image.tags;
        match self {
            Selects::Any => true,
            Selects::Untagged => tags.is_empty(),
            Selects::Prefixes(all) => {
                all.iter().all(|prefix| tags.iter().any(|tag| tag.starts_with(prefix.as_str())))
            }
            Selects::Patterns(all) => all
                .iter()
                .all(|pattern| tags.iter().any(|tag| neargate_model::ecr::wildcard(pattern, tag))),
        }
    }
}

impl Count {
    fn expires(self, rank: usize, image: &Image, now: Timestamp) -> bool {
        match self {
            Count::MoreThan(kept) => rank >= kept,
            Count::OlderThanDays(days) => {
                now.millis_since(image.pushed_at) > days.saturating_mul(86_400_000)
            }
        }
    }
}

#[cfg(test)]
mod tests;
