//! PutPermission and RemovePermission: a bus's policy, whole or by statement.
//! It is kept, shown and told as inert: there is one account here.

use neargate_api::model::events::EventBus;
use neargate_api::types::events::{
    PutPermissionOutput, PutPermissionRequest, RemovePermissionOutput, RemovePermissionRequest,
    error,
};
use neargate_api::{AwsError, Ctx};
use serde_json::{Value, json};

use super::{find, name_in};
use crate::invalid;

/// Bytes of a policy.
const LIMIT: usize = 10_240;

pub async fn put(ctx: Ctx, input: PutPermissionRequest) -> Result<PutPermissionOutput, AwsError> {
    let name = name_in(&input.event_bus_name).to_owned();
    change(ctx, name, move |bus| {
        bus.policy = Some(changed(bus, input)?);
        Ok(())
    })
    .await?;
    Ok(PutPermissionOutput {})
}

pub async fn remove(
    ctx: Ctx,
    input: RemovePermissionRequest,
) -> Result<RemovePermissionOutput, AwsError> {
    let name = name_in(&input.event_bus_name).to_owned();
    change(ctx, name, move |bus| {
        if input.remove_all_permissions == Some(true) {
            bus.policy = None;
            return Ok(());
        }
        let Some(id) = input.statement_id else {
            return Err(invalid(
                "Parameter StatementId or RemoveAllPermissions must be specified.",
            ));
        };
        let Some(policy) = &bus.policy else {
            return Err(error::resource_not_found_exception("EventBus does not have a policy."));
        };
        let mut policy: Value = serde_json::from_str(policy).unwrap_or_default();
        let statements = statements(&mut policy);
        let before = statements.len();
        statements.retain(|statement| statement["Sid"] != id.as_str());
        if statements.len() == before {
            let message = "Statement with the provided id does not exist.";
            return Err(error::resource_not_found_exception(message));
        }
        bus.policy = (before > 1).then(|| policy.to_string());
        Ok(())
    })
    .await?;
    Ok(RemovePermissionOutput {})
}

async fn change(
    ctx: Ctx,
    name: String,
    change: impl FnOnce(&mut EventBus) -> Result<(), AwsError> + Send + 'static,
) -> Result<(), AwsError> {
    let of_tx = ctx.clone();
    ctx.write(move |tx| {
        let mut bus = find(&of_tx, tx.view(), &name)?;
        change(&mut bus)?;
        bus.modified_at = of_tx.now;
        tx.put(bus);
        Ok(())
    })
    .await
}

/// The bus's policy with what was given: a whole policy, or one more statement.
fn changed(bus: &EventBus, input: PutPermissionRequest) -> Result<String, AwsError> {
    let policy = match input.policy {
        Some(text) => whole(text)?,
        None => {
            let mut policy = match &bus.policy {
                Some(text) => serde_json::from_str(text).unwrap_or_default(),
                None => json!({ "Version": "2012-10-17", "Statement": [] }),
            };
            let added = statement(&bus.arn, input)?;
            let statements = statements(&mut policy);
            statements.retain(|statement| statement["Sid"] != added["Sid"]);
            statements.push(added);
            policy.to_string()
        }
    };
    match policy.len() > LIMIT {
        true => Err(error::policy_length_exceeded_exception(
            "The policy exceeds the maximum allowed length.",
        )),
        false => Ok(policy),
    }
}

fn whole(text: String) -> Result<String, AwsError> {
    let parsed: Option<Value> = serde_json::from_str(&text).ok();
    match parsed.is_some_and(|policy| policy["Statement"].is_array()) {
        true => Ok(text),
        false => Err(invalid("Parameter Policy is not valid. Reason: it is no JSON policy.")),
    }
}

fn statement(bus_arn: &str, input: PutPermissionRequest) -> Result<Value, AwsError> {
    let required = |value: Option<String>, name: &str| {
        value.ok_or_else(|| invalid(format!("Parameter {name} must be specified.")))
    };
    let id = required(input.statement_id, "StatementId")?;
    let action = required(input.action, "Action")?;
    let principal = match required(input.principal, "Principal")?.as_str() {
        "*" => json!("*"),
        account => json!({ "AWS": format!("arn:aws:iam::{account}:root") }),
    };
    if action != "events:PutEvents" {
        return Err(invalid("Provided value in parameter 'action' is not supported."));
    }
    let mut statement = json!({
        "Sid": id,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": bus_arn,
    });
    if let Some(condition) = input.condition {
        statement["Condition"] = json!({ condition.r#type: { condition.key: condition.value } });
    }
    Ok(statement)
}

fn statements(policy: &mut Value) -> &mut Vec<Value> {
    let list = &mut policy["Statement"];
    if !list.is_array() {
        *list = json!([]);
    }
    list.as_array_mut().expect("it was just made one")
}
