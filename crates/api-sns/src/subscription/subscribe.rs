//! Subscribe: pending until its endpoint confirms, which it is asked to. An endpoint that is
//! subscribed already keeps the subscription that it has; one that did not confirm is asked again.

use neargate_api::model::sns::{Subscription, Topic};
use neargate_api::types::sns::{SubscribeInput, SubscribeResponse};
use neargate_api::{AwsError, Ctx};

use crate::attributes::{check_raw, check_subscription};
use crate::subscription::ask;
use crate::{invalid, topic};

pub async fn call(ctx: Ctx, input: SubscribeInput) -> Result<SubscribeResponse, AwsError> {
    let endpoint = input.endpoint.unwrap_or_default();
    check_endpoint(&input.protocol, &endpoint)?;
    let mut attributes = input.attributes.unwrap_or_default();
    for (name, value) in &attributes {
        check_subscription(name, value)?;
        check_raw(&input.protocol, name, value)?;
    }
    attributes.retain(|_, value| !value.is_empty());
    // A phone is asked nothing: its number is the consent.
    let pending = (input.protocol != "sms").then(|| ctx.rng().hex(160));
    let made = Subscription {
        arn: format!("{}:{}", input.topic_arn, ctx.rng().uuid()),
        topic_arn: input.topic_arn,
        protocol: input.protocol,
        endpoint,
        pending,
        subscriber_arn: ctx.caller.arn(ctx.account()),
        attributes,
        confirmed_by: None,
        signed_unsubscribe: false,
        asked: String::new(),
    };
    let now = ctx.now;
    let kept = ctx
        .write(move |tx| {
            let topic = tx.get::<Topic>(&made.topic_arn).ok_or_else(topic::not_found)?;
            if topic.attributes.get("FifoTopic").is_some_and(|fifo| fifo == "true") {
                return Err(invalid(format!(
                    "Invalid parameter: Invalid protocol type: {}",
                    made.protocol
                )));
            }
            let same =
                |old: &Subscription| old.protocol == made.protocol && old.endpoint == made.endpoint;
            let old = tx.scan::<Subscription>(&topic.subscriptions()).find(|old| same(old));
            match old {
                Some(old) if !made.attributes.is_empty() && old.attributes != made.attributes => {
                    Err(invalid(
                        "Attributes Reason: Subscription already exists with different attributes",
                    ))
                }
                Some(old) => {
                    if old.pending.is_some() {
                        ask(tx, &old, now);
                    }
                    Ok(Subscription::clone(&old))
                }
                None => {
                    if made.pending.is_some() {
                        ask(tx, &made, now);
                    }
                    tx.put(made.clone());
                    Ok(made)
                }
            }
        })
        .await?;
    let told = kept.pending.is_none() || input.return_subscription_arn == Some(true);
    let arn = if told { kept.arn } else { "pending confirmation".to_owned() };
    Ok(SubscribeResponse { subscription_arn: Some(arn) })
}

fn check_endpoint(protocol: &str, endpoint: &str) -> Result<(), AwsError> {
    let sound = match protocol {
        "http" => endpoint.starts_with("http://"),
        "https" => endpoint.starts_with("https://"),
        "email" | "email-json" => endpoint.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@')
        }),
        "sms" => {
            let digits = endpoint.strip_prefix('+').unwrap_or(endpoint);
            digits.len() >= 5 && digits.bytes().all(|b| b.is_ascii_digit())
        }
        "sqs" | "lambda" | "firehose" | "application" => {
            return Err(invalid(format!(
                "Neargate has no {protocol} to deliver to. Use http, https, email or sms."
            )));
        }
        _ => return Err(invalid(format!("Does not support this protocol string: {protocol}"))),
    };
    match (sound, protocol) {
        (true, _) => Ok(()),
        (false, "email" | "email-json") => Err(invalid("Email address")),
        (false, "sms") => Err(invalid(format!("Invalid SMS endpoint: {endpoint}"))),
        (false, _) => Err(invalid("Endpoint must match the specified protocol")),
    }
}
