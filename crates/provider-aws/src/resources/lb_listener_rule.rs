//! `aws_lb_listener_rule`.

mod conditions;

use async_trait::async_trait;
use neargate_api_types::elbv2;
use neargate_aws_client::pages;
use serde_json::json;

use super::lb_actions;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::{tags, waits};

pub struct LbListenerRule;

const MISSING: [&str; 2] = ["RuleNotFound", "RuleNotFoundException"];

#[async_trait]
impl Resource for LbListenerRule {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["listener_arn"],
            defaults: lb_actions::DEFAULTS_OF_ACTION,
            emptied: &["action.forward.stickiness"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let listener_arn = planned.required("listener_arn");
        let mut input = elbv2::CreateRuleInput {
            actions: lb_actions::of(planned, "action")?,
            conditions: conditions::of(planned),
            listener_arn: listener_arn.clone(),
            priority: planned.number("priority").unwrap_or(0),
            tags: tags::elbv2::given(planned),
            ..Default::default()
        };
        let free = input.priority == 0;
        loop {
            if free {
                input.priority = next_priority(cloud, &listener_arn).await?;
            }
            let made = match cloud.call::<elbv2::CreateRule>(&input).await {
                // Another rule was quicker.
                Err(error) if free && error.is_any(&["PriorityInUse"]) => continue,
                made => made?,
            };
            let rule = made.rules.unwrap_or_default().into_iter().next().unwrap_or_default();
            return Ok(rule.rule_arn.unwrap_or_default());
        }
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let arn = known.id();
        let rule_arns = Some(vec![arn.clone()]);
        let input = elbv2::DescribeRulesInput { rule_arns, ..Default::default() };
        let described = found(cloud.call::<elbv2::DescribeRules>(&input).await, &MISSING)?;
        let Some(rule) = described.and_then(|output| output.rules?.into_iter().next()) else {
            return Ok(None);
        };
        known.extend(json!({
            "action": lb_actions::blocks(rule.actions, &known.blocks("action")),
            "arn": rule.rule_arn,
            "condition": conditions::blocks(rule.conditions),
            "listener_arn": listener_of(&arn),
            // The default rule is the last.
            "priority": rule.priority.and_then(|p| p.parse::<i32>().ok()).unwrap_or(99_999),
        }));
        tags::set(&mut known, cloud, tags::elbv2::of(cloud, &arn).await?);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let arn = planned.id();
        if prior.differs(planned, "priority") {
            let pair = elbv2::RulePriorityPair {
                priority: planned.number("priority"),
                rule_arn: Some(arn.clone()),
            };
            let input = elbv2::SetRulePrioritiesInput { rule_priorities: vec![pair] };
            let what = format!("The priority of {arn}");
            // The one that has it may be about to get another.
            waits::accepted(cloud, &what, 1, &["PriorityInUse"], || {
                cloud.call::<elbv2::SetRulePriorities>(&input)
            })
            .await?;
        }
        if prior.any_differs(planned, &["action", "condition"]) {
            let actions = lb_actions::of(planned, "action")?;
            let input = elbv2::ModifyRuleInput {
                actions: Some(actions).filter(|_| prior.differs(planned, "action")),
                conditions: Some(conditions::of(planned))
                    .filter(|_| prior.differs(planned, "condition")),
                rule_arn: arn.clone(),
                ..Default::default()
            };
            cloud.call::<elbv2::ModifyRule>(&input).await?;
        }
        tags::elbv2::update(cloud, &arn, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = elbv2::DeleteRuleInput { rule_arn: prior.id() };
        found(cloud.call::<elbv2::DeleteRule>(&input).await, &MISSING)?;
        Ok(())
    }
}

/// `…:listener-rule/app/web/1/2/3` is of `…:listener/app/web/1/2`.
fn listener_of(rule_arn: &str) -> String {
    let listener = rule_arn.rsplit_once('/').map_or(rule_arn, |(listener, _)| listener);
    listener.replacen(":listener-rule/", ":listener/", 1)
}

/// One more than the highest.
async fn next_priority(cloud: &Cloud, listener_arn: &str) -> Result<i32, Failure> {
    let rules = pages(|marker| async {
        let input = elbv2::DescribeRulesInput {
            listener_arn: Some(listener_arn.to_owned()),
            marker,
            ..Default::default()
        };
        let page = cloud.call::<elbv2::DescribeRules>(&input).await?;
        Ok((page.rules.unwrap_or_default(), page.next_marker))
    })
    .await?;
    let taken = rules.into_iter().filter_map(|rule| rule.priority?.parse::<i32>().ok());
    Ok(taken.max().unwrap_or(0) + 1)
}
