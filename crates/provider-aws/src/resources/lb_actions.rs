//! Actions of listeners and of their rules: they are the same.

use neargate_api_types::elbv2;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::resource::{Failure, Fallback};

/// What stands for what an action does not say.
macro_rules! defaults_of {
    ($block:literal) => {
        &[
            (concat!($block, ".forward.stickiness.enabled"), Fallback::Bool(false)),
            (concat!($block, ".forward.target_group.weight"), Fallback::Number(1)),
            (concat!($block, ".redirect.host"), Fallback::Text("#{host}")),
            (concat!($block, ".redirect.path"), Fallback::Text("/#{path}")),
            (concat!($block, ".redirect.port"), Fallback::Text("#{port}")),
            (concat!($block, ".redirect.protocol"), Fallback::Text("#{protocol}")),
            (concat!($block, ".redirect.query"), Fallback::Text("#{query}")),
        ]
    };
}

pub const DEFAULTS_OF_ACTION: &[(&str, Fallback)] = defaults_of!("action");
pub const DEFAULTS_OF_DEFAULT_ACTION: &[(&str, Fallback)] = defaults_of!("default_action");

/// The actions that the blocks of a name describe, in their order.
///
/// # Errors
/// A block is of a type that it has no settings for.
pub fn of(planned: &Attributes, name: &str) -> Result<Vec<elbv2::Action>, Failure> {
    let blocks = planned.blocks(name);
    blocks.iter().enumerate().map(|(index, block)| action(index, block)).collect()
}

fn action(index: usize, block: &Attributes) -> Result<elbv2::Action, Failure> {
    let of_type = block.required("type");
    let place = i32::try_from(index + 1).unwrap_or(i32::MAX);
    let order = block.number("order").filter(|order| *order > 0).unwrap_or(place);
    let mut action =
        elbv2::Action { order: Some(order), r#type: of_type.clone(), ..Default::default() };
    let needed = |name: &str| {
        block.block(name).ok_or_else(|| {
            Failure::told(format!("An action of type {of_type} needs a block `{name}`"))
        })
    };
    match of_type.as_str() {
        "forward" => match block.block("forward") {
            Some(forward) => action.forward_config = Some(forwarding(&forward)),
            None => action.target_group_arn = block.string("target_group_arn"),
        },
        "redirect" => action.redirect_config = Some(redirect(&needed("redirect")?)),
        "fixed-response" => action.fixed_response_config = Some(fixed(&needed("fixed_response")?)),
        "authenticate-cognito" => {
            action.authenticate_cognito_config = Some(cognito(&needed("authenticate_cognito")?));
        }
        "authenticate-oidc" => {
            action.authenticate_oidc_config = Some(oidc(&needed("authenticate_oidc")?));
        }
        other => return Err(Failure::told(format!("There is no type of action {other:?}"))),
    }
    Ok(action)
}

fn forwarding(block: &Attributes) -> elbv2::ForwardActionConfig {
    let group = |block: Attributes| elbv2::TargetGroupTuple {
        target_group_arn: block.string("arn"),
        weight: block.number("weight"),
    };
    let stickiness = block.block("stickiness");
    elbv2::ForwardActionConfig {
        target_group_stickiness_config: stickiness.map(|block| {
            elbv2::TargetGroupStickinessConfig {
                duration_seconds: block.number("duration"),
                enabled: Some(block.is("enabled")),
            }
        }),
        target_groups: Some(block.blocks("target_group").into_iter().map(group).collect()),
    }
}

fn redirect(block: &Attributes) -> elbv2::RedirectActionConfig {
    elbv2::RedirectActionConfig {
        host: block.string("host"),
        path: block.string("path"),
        port: block.string("port"),
        protocol: block.string("protocol"),
        query: block.get("query").as_str().map(str::to_owned),
        status_code: block.required("status_code"),
    }
}

fn fixed(block: &Attributes) -> elbv2::FixedResponseActionConfig {
    elbv2::FixedResponseActionConfig {
        content_type: block.string("content_type"),
        message_body: block.string("message_body"),
        status_code: block.string("status_code").unwrap_or_else(|| "200".to_owned()),
    }
}

fn cognito(block: &Attributes) -> elbv2::AuthenticateCognitoActionConfig {
    elbv2::AuthenticateCognitoActionConfig {
        authentication_request_extra_params: extra(block),
        on_unauthenticated_request: block.string("on_unauthenticated_request"),
        scope: block.string("scope"),
        session_cookie_name: block.string("session_cookie_name"),
        session_timeout: block.number("session_timeout").map(i64::from),
        user_pool_arn: block.required("user_pool_arn"),
        user_pool_client_id: block.required("user_pool_client_id"),
        user_pool_domain: block.required("user_pool_domain"),
    }
}

fn oidc(block: &Attributes) -> elbv2::AuthenticateOidcActionConfig {
    elbv2::AuthenticateOidcActionConfig {
        authentication_request_extra_params: extra(block),
        authorization_endpoint: block.required("authorization_endpoint"),
        client_id: block.required("client_id"),
        client_secret: block.string("client_secret"),
        issuer: block.required("issuer"),
        on_unauthenticated_request: block.string("on_unauthenticated_request"),
        scope: block.string("scope"),
        session_cookie_name: block.string("session_cookie_name"),
        session_timeout: block.number("session_timeout").map(i64::from),
        token_endpoint: block.required("token_endpoint"),
        use_existing_client_secret: None,
        user_info_endpoint: block.required("user_info_endpoint"),
    }
}

fn extra(block: &Attributes) -> Option<std::collections::BTreeMap<String, String>> {
    Some(block.map("authentication_request_extra_params")).filter(|params| !params.is_empty())
}

/// Actions as blocks. AWS says of one target group both ways: as is known, it is kept; and a secret
/// it does not say at all.
pub fn blocks(actions: Option<Vec<elbv2::Action>>, known: &[Attributes]) -> Vec<Json> {
    let mut actions = actions.unwrap_or_default();
    actions.sort_by_key(|action| action.order);
    let unknown = Attributes::default();
    let known = |index: usize| known.get(index).unwrap_or(&unknown);
    actions.into_iter().enumerate().map(|(index, action)| block(action, known(index))).collect()
}

fn block(action: elbv2::Action, known: &Attributes) -> Json {
    let mut target_group = String::new();
    let mut forward = Vec::new();
    if action.r#type == "forward" {
        let config = action.forward_config.unwrap_or_default();
        let groups = config.target_groups.clone().unwrap_or_default();
        let only = match groups.as_slice() {
            [one] => one.target_group_arn.clone(),
            [] => action.target_group_arn,
            _ => None,
        };
        match only {
            Some(arn) if known.block("forward").is_none() => target_group = arn,
            _ => forward.push(forward_block(config)),
        }
    }
    let redirect = action.redirect_config.into_iter().map(|to| {
        json!({
            "host": to.host,
            "path": to.path,
            "port": to.port,
            "protocol": to.protocol,
            "query": to.query,
            "status_code": to.status_code,
        })
    });
    let fixed = action.fixed_response_config.into_iter().map(|fixed| {
        json!({
            "content_type": fixed.content_type,
            "message_body": fixed.message_body.unwrap_or_default(),
            "status_code": fixed.status_code,
        })
    });
    let secret = known.block("authenticate_oidc").map(|oidc| oidc.required("client_secret"));
    let secret = secret.unwrap_or_default();
    let oidc = action.authenticate_oidc_config.into_iter().map(|oidc| oidc_block(oidc, &secret));
    let cognito = action.authenticate_cognito_config.into_iter().map(cognito_block);
    json!({
        "authenticate_cognito": cognito.collect::<Vec<Json>>(),
        "authenticate_oidc": oidc.collect::<Vec<Json>>(),
        "fixed_response": fixed.collect::<Vec<Json>>(),
        "forward": forward,
        "order": action.order,
        "redirect": redirect.collect::<Vec<Json>>(),
        "target_group_arn": target_group,
        "type": action.r#type,
    })
}

fn forward_block(config: elbv2::ForwardActionConfig) -> Json {
    let groups = config.target_groups.unwrap_or_default().into_iter();
    let groups = groups
        .map(|group| json!({ "arn": group.target_group_arn, "weight": group.weight.unwrap_or(0) }));
    let sticky = config.target_group_stickiness_config.filter(|s| s.duration_seconds.is_some());
    let sticky = sticky.into_iter().map(|sticky| {
        json!({
            "duration": sticky.duration_seconds.unwrap_or(0),
            "enabled": sticky.enabled.unwrap_or(false),
        })
    });
    json!({
        "stickiness": sticky.collect::<Vec<Json>>(),
        "target_group": groups.collect::<Vec<Json>>(),
    })
}

fn cognito_block(cognito: elbv2::AuthenticateCognitoActionConfig) -> Json {
    json!({
        "authentication_request_extra_params": cognito.authentication_request_extra_params,
        "on_unauthenticated_request": cognito.on_unauthenticated_request,
        "scope": cognito.scope,
        "session_cookie_name": cognito.session_cookie_name,
        "session_timeout": cognito.session_timeout,
        "user_pool_arn": cognito.user_pool_arn,
        "user_pool_client_id": cognito.user_pool_client_id,
        "user_pool_domain": cognito.user_pool_domain,
    })
}

fn oidc_block(oidc: elbv2::AuthenticateOidcActionConfig, secret: &str) -> Json {
    json!({
        "authentication_request_extra_params": oidc.authentication_request_extra_params,
        "authorization_endpoint": oidc.authorization_endpoint,
        "client_id": oidc.client_id,
        "client_secret": secret,
        "issuer": oidc.issuer,
        "on_unauthenticated_request": oidc.on_unauthenticated_request,
        "scope": oidc.scope,
        "session_cookie_name": oidc.session_cookie_name,
        "session_timeout": oidc.session_timeout,
        "token_endpoint": oidc.token_endpoint,
        "user_info_endpoint": oidc.user_info_endpoint,
    })
}
