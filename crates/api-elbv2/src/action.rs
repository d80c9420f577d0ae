//! Actions of listeners and rules: what AWS takes, and how it shows them back.

use std::collections::BTreeSet;

use neargate_api::model::elbv2::{LoadBalancer, TargetGroup, forwards_to, load_balancers_of};
use neargate_api::types::elbv2::{
    Action, FixedResponseActionConfig, ForwardActionConfig, RedirectActionConfig,
    TargetGroupStickinessConfig, TargetGroupTuple, error,
};
use neargate_api::{AwsError, Snapshot, Stored};

use crate::account_limit::TARGET_GROUPS_PER_ACTION;
use crate::{invalid, refused, target_group};

/// `given` as it is kept and shown: checked, and with what AWS fills in.
pub fn read(given: Vec<Action>) -> Result<Vec<Stored<Action>>, AwsError> {
    if given.is_empty() {
        return Err(invalid("At least one action must be specified"));
    }
    for action in &given {
        if let "authenticate-oidc" | "authenticate-cognito" | "jwt-validation" =
            action.r#type.as_str()
        {
            return Err(refused(format!(
                "Neargate's load balancers do not authenticate users: an action of type '{}' cannot be made.",
                action.r#type
            )));
        }
    }
    if given.len() > 1 {
        return Err(error::too_many_actions_exception(
            "A rule must have exactly one action of type forward, fixed-response or redirect",
        ));
    }
    given.into_iter().map(complete).map(|action| action.map(Stored)).collect()
}

fn complete(mut action: Action) -> Result<Action, AwsError> {
    match action.r#type.as_str() {
        "forward" => forward(&mut action)?,
        "redirect" => {
            let config = action.redirect_config.as_mut().ok_or_else(|| missing("redirect"))?;
            redirect(config)?;
        }
        "fixed-response" => {
            let config = action.fixed_response_config.as_ref();
            fixed_response(config.ok_or_else(|| missing("fixed-response"))?)?;
        }
        other => return Err(invalid(format!("Action type '{other}' is not valid"))),
    }
    Ok(action)
}

fn missing(kind: &str) -> AwsError {
    error::invalid_load_balancer_action_exception(format!(
        "The configuration of the action of type '{kind}' must be specified"
    ))
}

/// One group may be named in two places; AWS shows it in both.
fn forward(action: &mut Action) -> Result<(), AwsError> {
    let config = action.forward_config.take().unwrap_or_default();
    let mut groups = config.target_groups.unwrap_or_default();
    if groups.is_empty() {
        let arn = action.target_group_arn.clone().ok_or_else(|| {
            invalid("A target group ARN must be specified for an action of type 'forward'")
        })?;
        groups.push(TargetGroupTuple { target_group_arn: Some(arn), weight: None });
    }
    if groups.len() > TARGET_GROUPS_PER_ACTION {
        return Err(error::too_many_unique_target_groups_per_load_balancer_exception(format!(
            "An action can forward to at most '{TARGET_GROUPS_PER_ACTION}' target groups"
        )));
    }
    let mut seen = BTreeSet::new();
    for group in &mut groups {
        let arn = group.target_group_arn.clone().unwrap_or_default();
        if !seen.insert(arn.clone()) {
            return Err(error::invalid_load_balancer_action_exception(format!(
                "Target group '{arn}' is specified twice in an action"
            )));
        }
        let weight = *group.weight.get_or_insert(1);
        if !(0..=999).contains(&weight) {
            return Err(invalid(format!(
                "Target group weight '{weight}' must be between '0-999' inclusive"
            )));
        }
    }
    if let Some(named) = &action.target_group_arn
        && (seen.len() != 1 || !seen.contains(named))
    {
        return Err(error::invalid_load_balancer_action_exception(
            "If both TargetGroupArn and ForwardConfig are specified, they must name the same single target group",
        ));
    }
    action.target_group_arn = if seen.len() == 1 { seen.pop_first() } else { None };
    action.forward_config = Some(ForwardActionConfig {
        target_groups: Some(groups),
        target_group_stickiness_config: Some(stickiness(config.target_group_stickiness_config)?),
    });
    Ok(())
}

fn stickiness(
    given: Option<TargetGroupStickinessConfig>,
) -> Result<TargetGroupStickinessConfig, AwsError> {
    let given = given.unwrap_or_default();
    let enabled = given.enabled.unwrap_or(false);
    match given.duration_seconds {
        None if enabled => {
            Err(invalid("A duration must be specified when target group stickiness is enabled"))
        }
        Some(duration) if !(1..=604_800).contains(&duration) => Err(invalid(format!(
            "Target group stickiness duration '{duration}' must be between '1-604800' inclusive"
        ))),
        duration_seconds => {
            Ok(TargetGroupStickinessConfig { enabled: Some(enabled), duration_seconds })
        }
    }
}

/// Fills in the parts that stay as they were, and refuses a loop.
fn redirect(config: &mut RedirectActionConfig) -> Result<(), AwsError> {
    let protocol = config.protocol.get_or_insert_with(|| "#{protocol}".into()).clone();
    let port = config.port.get_or_insert_with(|| "#{port}".into()).clone();
    let host = config.host.get_or_insert_with(|| "#{host}".into()).clone();
    let path = config.path.get_or_insert_with(|| "/#{path}".into()).clone();
    config.query.get_or_insert_with(|| "#{query}".into());
    if !matches!(protocol.as_str(), "HTTP" | "HTTPS" | "#{protocol}") {
        return Err(error::invalid_load_balancer_action_exception(format!(
            "The protocol '{protocol}' of a redirect must be one of HTTP, HTTPS and #{{protocol}}"
        )));
    }
    if port != "#{port}" && !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Err(error::invalid_load_balancer_action_exception(format!(
            "The port '{port}' of a redirect must be 1-65535 or #{{port}}"
        )));
    }
    if !path.starts_with('/') {
        return Err(error::invalid_load_balancer_action_exception(
            "The path of a redirect must begin with '/'",
        ));
    }
    if (protocol.as_str(), port.as_str(), host.as_str(), path.as_str())
        == ("#{protocol}", "#{port}", "#{host}", "/#{path}")
    {
        return Err(error::invalid_load_balancer_action_exception(
            "The redirect would loop: at least one of protocol, host, port and path must be changed",
        ));
    }
    Ok(())
}

fn fixed_response(config: &FixedResponseActionConfig) -> Result<(), AwsError> {
    const TYPES: [&str; 5] =
        ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
    if let Some(content_type) = config.content_type.as_deref()
        && !TYPES.contains(&content_type)
    {
        return Err(error::invalid_load_balancer_action_exception(format!(
            "The ContentType must be one of: {}",
            TYPES.map(|t| format!("'{t}'")).join(", ")
        )));
    }
    Ok(())
}

/// What only the store knows: the target groups are there, fit the listener,
/// and are used by no other load balancer.
pub fn check(
    snapshot: &Snapshot,
    balancer: &LoadBalancer,
    protocol: &str,
    actions: &[Stored<Action>],
) -> Result<(), AwsError> {
    for arn in forwards_to(actions) {
        let group = snapshot.get::<TargetGroup>(arn).ok_or_else(|| target_group::not_found(arn))?;
        if group.vpc_id != balancer.vpc_id {
            return Err(error::invalid_configuration_request_exception(format!(
                "The following target groups are not in the VPC '{}' of the load balancer: {arn}",
                balancer.vpc_id
            )));
        }
        if group.protocol_version == "GRPC" && protocol != "HTTPS" {
            return Err(error::invalid_configuration_request_exception(format!(
                "Listener protocol '{protocol}' is not supported with a target group with the protocol-version 'GRPC'"
            )));
        }
        if load_balancers_of(snapshot, arn).iter().any(|other| *other != balancer.arn) {
            return Err(error::target_group_association_limit_exception(format!(
                "The following target groups cannot be associated with more than one load balancer: {arn}"
            )));
        }
    }
    let to_http = actions.iter().filter_map(|action| action.redirect_config.as_ref());
    if protocol == "HTTPS" && to_http.into_iter().any(|r| r.protocol.as_deref() == Some("HTTP")) {
        return Err(error::invalid_load_balancer_action_exception(
            "A redirect from HTTPS to HTTP is not allowed",
        ));
    }
    Ok(())
}
