//! What is accepted and shown back but does not act: told, never silent.

/// One setting that AWS would act on and we do not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inert {
    /// The resource's ARN or id.
    pub resource: String,
    /// The field, as the API names it.
    pub field: String,
    /// What AWS would have done: a sentence.
    pub on_aws: String,
}

impl Inert {
    pub fn new(
        resource: impl Into<String>,
        field: impl Into<String>,
        on_aws: impl Into<String>,
    ) -> Self {
        Inert { resource: resource.into(), field: field.into(), on_aws: on_aws.into() }
    }
}

/// Whether a resource's policy lets in nobody but these services: those that ask it here, so
/// that it acts.
pub fn grants_only_to(document: &str, services: &[&str]) -> bool {
    let policy: serde_json::Value = serde_json::from_str(document).unwrap_or_default();
    let one_or_many = |value: &serde_json::Value| match value {
        serde_json::Value::Array(many) => many.clone(),
        serde_json::Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let statements = one_or_many(&policy["Statement"]);
    let is_known = |name: &serde_json::Value| name.as_str().is_some_and(|n| services.contains(&n));
    let known = |statement: &serde_json::Value| {
        let principal = &statement["Principal"];
        let only_services = principal.as_object().is_some_and(|kinds| kinds.len() == 1);
        only_services
            && one_or_many(&principal["Service"]).iter().all(is_known)
            && !principal["Service"].is_null()
    };
    !statements.is_empty() && statements.iter().all(known)
}

#[cfg(test)]
mod tests {
    use super::grants_only_to;

    #[test]
    fn only_the_services_that_ask() {
        let policy =
            |principal: &str| format!(r#"{{"Statement": [{{"Principal": {principal}}}]}}"#);
        let check = |principal: &str| grants_only_to(&policy(principal), &["events.amazonaws.com"]);
        assert!(check(r#"{"Service": "events.amazonaws.com"}"#));
        assert!(check(r#"{"Service": ["events.amazonaws.com"]}"#));
        assert!(!check(r#"{"Service": ["events.amazonaws.com", "es.amazonaws.com"]}"#));
        assert!(!check(r#"{"Service": "events.amazonaws.com", "AWS": "111122223333"}"#));
        assert!(!check(r#"{"AWS": "111122223333"}"#));
        assert!(!check(r#""*""#));
        assert!(!grants_only_to("{", &[]));
    }
}
