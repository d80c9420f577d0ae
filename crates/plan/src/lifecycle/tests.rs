//! Policies as examples.

use expect_test::{Expect, expect};
use neargate_ids::Timestamp;
use serde_json::{Value, json};

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_767_323_045);

/// An image by its digest and tags, pushed so many days ago.
fn image(digest: &str, days_ago: i64, tags: &[&str]) -> Image {
    Image {
        region: "us-west-2".into(),
        repository: "app".into(),
        digest: digest.into(),
        media_type: String::new(),
        size: 1,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        pushed_at: NOW.plus_secs(-days_ago * 86_400 - 1),
        config: None,
        layers: Vec::new(),
        manifests: Vec::new(),
        subject: None,
        artifact_type: None,
        annotations: BTreeMap::new(),
    }
}

fn rule(priority: i32, selection: Value) -> Value {
    json!({ "rulePriority": priority, "selection": selection, "action": { "type": "expire" } })
}

fn check(rules: Vec<Value>, images: &[Image], expected: Expect) {
    let policy = LifecyclePolicy::parse(&json!({ "rules": rules }).to_string()).unwrap();
    let images: Vec<&Image> = images.iter().collect();
    let shown = policy.evaluate(&images, NOW);
    let shown: Vec<String> =
        shown.iter().map(|e| format!("{} by {}", e.digest, e.priority)).collect();
    expected.assert_eq(&shown.join(", "));
}

#[test]
fn the_newest_are_kept() {
    let selection =
        json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 2 });
    let images = [image("a", 3, &["v1"]), image("b", 2, &[]), image("c", 1, &["v3"])];
    check(vec![rule(1, selection)], &images, expect!["a by 1"]);
}

#[test]
fn old_untagged_images_go_and_what_a_rule_kept_stays() {
    let untagged = json!({
        "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7
    });
    let any = json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1 });
    let images =
        [image("a", 9, &[]), image("b", 3, &[]), image("c", 2, &["v1"]), image("d", 4, &["v0"])];
    check(vec![rule(1, untagged), rule(2, any)], &images, expect!["a by 1, d by 2"]);
}

#[test]
fn every_prefix_and_every_pattern_must_be_met() {
    let prefixes = json!({
        "tagStatus": "tagged", "tagPrefixList": ["alpha", "beta"],
        "countType": "imageCountMoreThan", "countNumber": 1
    });
    let patterns = json!({
        "tagStatus": "tagged", "tagPatternList": ["*prod*"],
        "countType": "imageCountMoreThan", "countNumber": 1
    });
    let images = [
        image("a", 9, &["alpha-1", "beta-1"]),
        image("b", 8, &["alpha-2", "beta-2"]),
        image("c", 7, &["alpha-3"]),
        image("d", 6, &["x-prod-1"]),
        image("e", 5, &["prod"]),
    ];
    check(vec![rule(1, prefixes), rule(2, patterns)], &images, expect!["a by 1, d by 2"]);
}

#[test]
fn an_index_keeps_its_manifests() {
    let selection =
        json!({ "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1 });
    let mut index = image("i", 1, &["v1"]);
    index.manifests = vec!["a".into()];
    let images = [image("a", 9, &[]), image("b", 8, &[]), image("c", 7, &[]), index];
    check(vec![rule(1, selection)], &images, expect!["b by 1"]);
}

#[test]
fn refusals() {
    let any = json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1 });
    let old = json!({ "tagStatus": "untagged", "countType": "sinceImagePushed", "countNumber": 1 });
    let bare =
        json!({ "tagStatus": "tagged", "countType": "imageCountMoreThan", "countNumber": 1 });
    let untagged =
        json!({ "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1 });
    let refused = |rules: Vec<Value>| {
        LifecyclePolicy::parse(&json!({ "rules": rules }).to_string()).unwrap_err()
    };
    let all = [
        refused(vec![]),
        refused(vec![rule(0, any.clone())]),
        refused(vec![rule(1, old)]),
        refused(vec![rule(1, bare)]),
        refused(vec![rule(1, any.clone()), rule(2, untagged.clone())]),
        refused(vec![rule(1, untagged), rule(1, any)]),
    ];
    expect![[r#"
        a policy needs at least one rule
        rulePriority must be at least 1
        rule 1: sinceImagePushed needs the countUnit days
        rule 1: tagged needs a tagPatternList or a tagPrefixList
        a rule that selects any must have the highest rulePriority
        rulePriority 1 is used by more than one rule"#]]
    .assert_eq(&all.join("\n"));
}
