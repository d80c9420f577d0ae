//! What a role may do: its policies' statements, matched as IAM matches them. Conditions are taken
//! to hold. Where a policy is not known, nothing is told.

use serde_json::Value as Json;

use crate::seen::{Object, Resource, Seen};

/// What AWS's own policy for execution roles allows.
const EXECUTION: [&str; 6] = [
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// All statements of a role; none if one of its policies is not known.
pub struct Rights(Vec<Json>);

impl Rights {
    pub fn of(seen: &Seen<'_>, role: &Resource<'_>) -> Option<Rights> {
        let name = role.text("name")?;
        let mut rights = Rights(Vec::new());
        for policy in seen.of("aws_iam_role_policy") {
            if policy.text("role")? == name {
                rights.add(policy.text("policy")?)?;
            }
        }
        for inline in role.blocks("inline_policy").unwrap_or_default() {
            match inline.text("policy") {
                Some(text) => rights.add(text)?,
                None if inline.is_unset("policy") => {}
                None => return None,
            }
        }
        for attachment in seen.of("aws_iam_role_policy_attachment") {
            if attachment.text("role")? == name {
                rights.add_attached(seen, attachment.text("policy_arn")?)?;
            }
        }
        if !role.is_unset("managed_policy_arns") && !role.is_unknown("managed_policy_arns") {
            for arn in role.texts("managed_policy_arns")? {
                rights.add_attached(seen, arn)?;
            }
        }
        let exclusive = ["aws_iam_policy_attachment", "aws_iam_role_policies_exclusive"];
        exclusive.iter().all(|kind| seen.of(kind).next().is_none()).then_some(rights)
    }

    fn add(&mut self, text: &str) -> Option<()> {
        let document: Json = serde_json::from_str(text).ok()?;
        self.0.extend(many(&document["Statement"]).cloned());
        Some(())
    }

    fn add_attached(&mut self, seen: &Seen<'_>, arn: &str) -> Option<()> {
        if arn.ends_with(":policy/service-role/AmazonECSTaskExecutionRolePolicy") {
            let allowed =
                serde_json::json!({"Effect": "Allow", "Action": EXECUTION, "Resource": "*"});
            self.0.push(allowed);
            return Some(());
        }
        self.add(seen.find("aws_iam_policy", "arn", arn)?.text("policy")?)
    }

    /// Whether an action is allowed on a resource. `?` and `*` in the resource match anything, for
    /// one of which not all is known. None: it takes more than this to say.
    pub fn allow(&self, action: &str, resource: &str) -> Option<bool> {
        let mut allowed = false;
        for statement in &self.0 {
            if !statement["NotAction"].is_null() || !statement["NotResource"].is_null() {
                return None;
            }
            let lower = action.to_lowercase();
            let acts = texts(&statement["Action"]).any(|it| matches(&it.to_lowercase(), &lower));
            let on = texts(&statement["Resource"])
                .any(|pattern| matches(pattern, resource) || matches(resource, pattern));
            if acts && on {
                match statement["Effect"].as_str() {
                    Some("Deny") => return None,
                    _ => allowed = true,
                }
            }
        }
        Some(allowed)
    }
}

fn many(value: &Json) -> impl Iterator<Item = &Json> {
    let one = (!value.is_array() && !value.is_null()).then_some(value);
    value.as_array().into_iter().flatten().chain(one)
}

fn texts(value: &Json) -> impl Iterator<Item = &str> {
    many(value).filter_map(Json::as_str)
}

/// `*` is any text, `?` any character.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                // The last star takes one character more.
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_iams_do() {
        assert!(matches("secretsmanager:Get*", "secretsmanager:GetSecretValue"));
        assert!(matches("arn:aws:s3:::logs-?/*", "arn:aws:s3:::logs-1/a/b"));
        assert!(matches("*", ""));
        assert!(!matches("arn:*:secret:db-??????", "arn:aws:secret:db-12345"));
        assert!(!matches("a*b", "a-c"));
    }
}
