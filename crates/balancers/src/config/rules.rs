//! Rules in the balancer's words.

use neargate_api::Stored;
use neargate_api::model::elbv2::Rule;
use neargate_api::types::elbv2;
use neargate_lb::config::{
    Action, Cidr, Condition, FixedResponse, Forward, QueryPair, Redirect, WeightedGroup,
};

pub fn rule(rule: &Rule) -> neargate_lb::config::Rule {
    neargate_lb::config::Rule {
        priority: rule.priority,
        conditions: rule.conditions.iter().filter_map(|c| condition(c)).collect(),
        action: action(&rule.actions),
    }
}

/// The one routing action; what is stored always has one.
pub fn action(actions: &[Stored<elbv2::Action>]) -> Action {
    let found = actions.iter().find_map(|action| {
        let redirect = action.redirect_config.as_ref().map(redirect);
        let fixed = action.fixed_response_config.as_ref().map(fixed_response);
        let forward = action.forward_config.as_ref().map(forward);
        redirect.or(fixed).or(forward)
    });
    found.unwrap_or(Action::FixedResponse(FixedResponse {
        status: 503,
        content_type: None,
        body: None,
    }))
}

fn forward(config: &elbv2::ForwardActionConfig) -> Action {
    let group = |group: &elbv2::TargetGroupTuple| {
        let weight = group.weight.and_then(|weight| u32::try_from(weight).ok()).unwrap_or(1);
        group.target_group_arn.as_deref().map(|arn| WeightedGroup { arn: arn.into(), weight })
    };
    let sticky = config.target_group_stickiness_config.as_ref();
    let sticky = sticky.filter(|sticky| sticky.enabled == Some(true));
    Action::Forward(Forward {
        target_groups: config.target_groups.iter().flatten().filter_map(group).collect(),
        stickiness_secs: sticky
            .and_then(|sticky| sticky.duration_seconds)
            .and_then(|secs| u32::try_from(secs).ok()),
    })
}

fn redirect(config: &elbv2::RedirectActionConfig) -> Action {
    let part = |given: &Option<String>, same: &str| given.clone().unwrap_or_else(|| same.into());
    Action::Redirect(Redirect {
        protocol: part(&config.protocol, "#{protocol}"),
        host: part(&config.host, "#{host}"),
        port: part(&config.port, "#{port}"),
        path: part(&config.path, "/#{path}"),
        query: part(&config.query, "#{query}"),
        permanent: config.status_code == "HTTP_301",
    })
}

fn fixed_response(config: &elbv2::FixedResponseActionConfig) -> Action {
    Action::FixedResponse(FixedResponse {
        status: config.status_code.parse().unwrap_or(503),
        content_type: config.content_type.clone(),
        body: config.message_body.clone(),
    })
}

fn condition(condition: &elbv2::RuleCondition) -> Option<Condition> {
    let list = |values: &Option<Vec<String>>| values.clone().unwrap_or_default();
    Some(match condition.field.as_deref()? {
        "path-pattern" => {
            Condition::PathPattern(list(&condition.path_pattern_config.as_ref()?.values))
        }
        "host-header" => {
            Condition::HostHeader(list(&condition.host_header_config.as_ref()?.values))
        }
        "http-header" => {
            let config = condition.http_header_config.as_ref()?;
            Condition::HttpHeader {
                name: config.http_header_name.clone()?,
                values: list(&config.values),
            }
        }
        "http-request-method" => {
            let config = condition.http_request_method_config.as_ref()?;
            Condition::HttpRequestMethod(list(&config.values))
        }
        "query-string" => {
            let values = condition.query_string_config.as_ref()?.values.iter().flatten();
            let pair = |pair: &elbv2::QueryStringKeyValuePair| QueryPair {
                key: pair.key.clone(),
                value: pair.value.clone().unwrap_or_default(),
            };
            Condition::QueryString(values.map(pair).collect())
        }
        "source-ip" => {
            let values = condition.source_ip_config.as_ref()?.values.iter().flatten();
            Condition::SourceIp(values.filter_map(|v| v.parse::<Cidr>().ok()).collect())
        }
        _ => return None,
    })
}
