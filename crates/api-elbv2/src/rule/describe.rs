//! DescribeRules: those of a listener, its default one last, or of some ARNs.

use neargate_api::model::elbv2::rules_of;
use neargate_api::types::elbv2::{self, DescribeRulesInput, DescribeRulesOutput};
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::{invalid, listener, pages, rule};

pub async fn call(ctx: Ctx, input: DescribeRulesInput) -> Result<DescribeRulesOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let arns = input.rule_arns.unwrap_or_default();
    let wanted = match &input.listener_arn {
        Some(arn) if arns.is_empty() => of_listener(&snapshot, arn)?,
        None if !arns.is_empty() => {
            let found: Result<Vec<_>, _> = arns.iter().map(|arn| one(&snapshot, arn)).collect();
            found?
        }
        _ => {
            return Err(invalid("You must specify either listener rule ARNs or a listener ARN"));
        }
    };
    // In the order of the answer, which the priorities make.
    let numbered = wanted.into_iter().enumerate();
    let page = pages::cut(numbered, |(at, _)| format!("{at:06}"), input.marker, input.page_size)?;
    Ok(DescribeRulesOutput {
        rules: Some(page.items.into_iter().map(|(_, rule)| rule).collect()),
        next_marker: page.next_token,
    })
}

fn of_listener(snapshot: &Snapshot, arn: &str) -> Result<Vec<elbv2::Rule>, AwsError> {
    let listener = listener::find(snapshot, arn)?;
    let rules = rules_of(snapshot, arn);
    let default = rule::default_shown(&listener);
    Ok(rules.iter().map(|found| rule::shown(found)).chain([default]).collect())
}

fn one(snapshot: &Snapshot, arn: &str) -> Result<elbv2::Rule, AwsError> {
    match rule::default_of(snapshot, arn) {
        Some(listener) => Ok(rule::default_shown(&listener)),
        None => Ok(rule::shown(&*rule::find(snapshot, arn)?)),
    }
}
