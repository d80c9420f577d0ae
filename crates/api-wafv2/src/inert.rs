//! What of a web ACL does not act: rules that nothing here can judge are passed
//! over whole, so that half of one never blocks or lets in what the whole would not.

use neargate_api::model::wafv2::WebAcl;
use neargate_api::types::wafv2::{FieldToMatch, Rule, Statement, TextTransformation};
use neargate_api::{Inert, Snapshot};

use crate::association;
use crate::rule::inner;

/// Transformations that are made here.
const TRANSFORMATIONS: [&str; 4] = ["NONE", "LOWERCASE", "URL_DECODE", "COMPRESS_WHITE_SPACE"];

/// Why a rule does not act, as the end of "…: nothing here can"; `None` for one that does.
pub fn why_inert(rule: &Rule) -> Option<&'static str> {
    let asks = rule.action.as_ref().is_some_and(|action| {
        action.captcha.is_some() || action.challenge.is_some() || action.monetize.is_some()
    });
    if asks {
        return Some("answer with a CAPTCHA, a challenge or a price");
    }
    why_not(&rule.statement)
}

fn why_not(of: &Statement) -> Option<&'static str> {
    if let Some(bytes) = &of.byte_match_statement {
        return why_not_field(&bytes.field_to_match, &bytes.text_transformations);
    }
    if let Some(regex) = &of.regex_match_statement {
        return why_not_field(&regex.field_to_match, &regex.text_transformations);
    }
    if let Some(size) = &of.size_constraint_statement {
        return why_not_field(&size.field_to_match, &size.text_transformations);
    }
    if let Some(set) = &of.ip_set_reference_statement {
        let forwarded = set.ip_set_forwarded_ip_config.is_some();
        return forwarded.then_some("take the address from a header");
    }
    let logical =
        of.and_statement.is_some() || of.or_statement.is_some() || of.not_statement.is_some();
    if logical {
        return inner(of).into_iter().find_map(why_not);
    }
    Some(if of.managed_rule_group_statement.is_some() {
        "know the rules of a managed rule group"
    } else if of.rate_based_statement.is_some() {
        "count requests for a rate-based rule"
    } else if of.geo_match_statement.is_some() || of.asn_match_statement.is_some() {
        "tell where an address is"
    } else if of.label_match_statement.is_some() {
        "match labels, which managed rule groups set"
    } else {
        "judge by this kind of statement"
    })
}

fn why_not_field(
    field: &FieldToMatch,
    transformations: &[TextTransformation],
) -> Option<&'static str> {
    let known = field.method.is_some()
        || field.uri_path.is_some()
        || field.query_string.is_some()
        || field.single_header.is_some()
        || field.single_query_argument.is_some()
        || field.all_query_arguments.is_some();
    if !known {
        return Some("look into this part of a request (bodies are streamed)");
    }
    let all_known =
        transformations.iter().all(|one| TRANSFORMATIONS.contains(&one.r#type.as_str()));
    (!all_known).then_some("make this text transformation")
}

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut all = Vec::new();
    for web_acl in snapshot.all::<WebAcl>() {
        let mut tell =
            |field: String, on_aws: String| all.push(Inert::new(&web_acl.arn, field, on_aws));
        for rule in web_acl.acl.rules.iter().flatten() {
            let field = format!("Rules[{}]", rule.name);
            if let Some(why) = why_inert(rule) {
                tell(
                    field,
                    format!(
                        "AWS would act by the rule. It is passed over: nothing here can {why}."
                    ),
                );
            } else if inserts(rule) {
                tell(
                    field,
                    "AWS would insert its custom headers into the requests that match.".into(),
                );
            }
        }
        let guards = !association::resources(snapshot, &web_acl.arn).is_empty();
        if guards && web_acl.acl.visibility_config.cloud_watch_metrics_enabled {
            let on_aws = "AWS would publish metrics of its rules in AWS/WAFV2.";
            tell("VisibilityConfig".into(), on_aws.into());
        }
    }
    all
}

/// Whether a rule has custom headers for requests that go on.
fn inserts(rule: &Rule) -> bool {
    let Some(action) = &rule.action else { return false };
    let allow = action.allow.as_ref().and_then(|allow| allow.custom_request_handling.as_ref());
    let count = action.count.as_ref().and_then(|count| count.custom_request_handling.as_ref());
    allow.or(count).is_some()
}
