//! A call as CloudTrail's record of it. Source: "CloudTrail record contents" in
//! the CloudTrail user guide.

use neargate_api::model::iam::Role;
use neargate_api::{Caller, Ctx, Origin, Told};
use neargate_eventlog::Entry;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::management::region;

/// What is known of a call once it was answered.
pub struct Call {
    pub ctx: Ctx,
    pub origin: Origin,
    /// `ecs.amazonaws.com`
    pub source: String,
    pub operation: String,
    pub api_version: Option<&'static str>,
    pub read_only: bool,
    pub event_id: String,
    pub request: Option<Told>,
    pub response: Option<Told>,
    /// Code and message.
    pub error: Option<(String, String)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'a str,
    user_identity: Value,
    event_time: String,
    event_source: &'a str,
    event_name: &'a str,
    aws_region: &'a str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'a str,
    user_agent: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    request_parameters: Option<Box<RawValue>>,
    response_elements: Option<Box<RawValue>>,
    #[serde(rename = "requestID")]
    request_id: &'a str,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    read_only: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<Value>,
    event_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<&'a str>,
    management_event: bool,
    recipient_account_id: &'a str,
    event_category: &'a str,
}

/// The entry of a call; `None` for one that cannot be said in JSON, which none is.
pub fn entry(call: &Call) -> Option<Entry> {
    let account = call.ctx.account();
    let resources = named(call);
    let (user_identity, username) = identity(&call.ctx, &call.origin);
    let region = region(&call.source, &call.ctx.region);
    let record = Record {
        event_version: "1.11",
        user_identity,
        event_time: call.ctx.now.iso8601_secs(),
        event_source: &call.source,
        event_name: &call.operation,
        aws_region: region,
        source_ip_address: &call.origin.address,
        user_agent: &call.origin.user_agent,
        error_code: call.error.as_ref().map(|(code, _)| code.as_str()),
        error_message: call.error.as_ref().map(|(_, message)| message.as_str()),
        request_parameters: raw(call.request.as_ref()),
        response_elements: raw(call.response.as_ref()),
        request_id: &call.ctx.request_id,
        event_id: &call.event_id,
        read_only: call.read_only,
        resources: arns(&resources, account),
        event_type: "AwsApiCall",
        api_version: call.api_version,
        management_event: true,
        recipient_account_id: account,
        event_category: "Management",
    };
    Some(Entry {
        at_ms: call.ctx.now.millis(),
        region: region.to_owned(),
        id: call.event_id.clone(),
        name: call.operation.clone(),
        source: call.source.clone(),
        read_only: call.read_only,
        username,
        access_key_id: call.origin.access_key_id.clone(),
        resources,
        record: to_raw_value(&record).ok()?,
    })
}

/// The resources of request and answer, each once.
fn named(call: &Call) -> Vec<(String, String)> {
    let told = [&call.request, &call.response];
    let mut all: Vec<(String, String)> = Vec::new();
    for (kind, name) in told.into_iter().flatten().flat_map(|told| &told.resources) {
        let one = ((*kind).to_owned(), name.clone());
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

fn arns(resources: &[(String, String)], account: &str) -> Vec<Value> {
    let arns = resources.iter().filter(|(_, name)| name.starts_with("arn:"));
    arns.map(|(kind, arn)| json!({ "accountId": account, "type": kind, "ARN": arn })).collect()
}

/// An empty input or output is `null` in an event.
fn raw(told: Option<&Told>) -> Option<Box<RawValue>> {
    let json = &told?.json;
    (!json.is_empty() && json != "{}").then(|| RawValue::from_string(json.clone()).ok()).flatten()
}

/// `userIdentity`, and the name that the call is looked up by.
fn identity(ctx: &Ctx, origin: &Origin) -> (Value, Option<String>) {
    let account = ctx.account();
    match (&ctx.caller, &origin.access_key_id) {
        (Caller::Operator, None) => {
            (json!({ "type": "AWSService", "invokedBy": origin.address }), None)
        }
        (Caller::Operator, Some(key)) => {
            let identity = json!({
                "type": "Root",
                "principalId": account,
                "arn": ctx.caller.arn(account),
                "accountId": account,
                "accessKeyId": key,
            });
            (identity, Some("root".to_owned()))
        }
        (Caller::Role { role_name, role_id, session_name, .. }, key) => {
            let role = ctx.snapshot().get::<Role>(role_name);
            let role_arn = role.map(|role| role.arn.clone());
            let mut identity = json!({
                "type": "AssumedRole",
                "principalId": format!("{role_id}:{session_name}"),
                "arn": ctx.caller.arn(account),
                "accountId": account,
                "accessKeyId": key,
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "principalId": role_id,
                        "arn": role_arn.unwrap_or_else(|| format!("arn:aws:iam::{account}:role/{role_name}")),
                        "accountId": account,
                        "userName": role_name,
                    },
                    "attributes": { "mfaAuthenticated": "false" },
                },
            });
            if key.is_none() {
                identity["invokedBy"] = origin.address.as_str().into();
            }
            (identity, Some(session_name.clone()))
        }
    }
}
