//! The attributes of a listener: names of headers to targets, and headers of
//! responses. Those that are about client certificates and TLS only HTTPS listeners have.

use neargate_api::model::elbv2::{Attribute, LISTENER_ATTRIBUTES, Listener};
use neargate_api::types::elbv2::{
    DescribeListenerAttributesInput, DescribeListenerAttributesOutput, ListenerAttribute,
    ModifyListenerAttributesInput, ModifyListenerAttributesOutput,
};
use neargate_api::{AwsError, Ctx};

use crate::{attributes, listener};

pub async fn describe(
    ctx: Ctx,
    input: DescribeListenerAttributesInput,
) -> Result<DescribeListenerAttributesOutput, AwsError> {
    let found = listener::find(&ctx.snapshot(), &input.listener_arn)?;
    Ok(DescribeListenerAttributesOutput { attributes: Some(shown(&found)) })
}

pub async fn modify(
    ctx: Ctx,
    input: ModifyListenerAttributesInput,
) -> Result<ModifyListenerAttributesOutput, AwsError> {
    let given: Vec<_> = input.attributes.into_iter().map(|a| (a.key, a.value)).collect();
    let arn = input.listener_arn;
    let changed = ctx
        .write(move |tx| {
            let mut changed = Listener::clone(&*listener::find(tx, &arn)?);
            let given = attributes::check("Listener", &known(&changed), given)?;
            changed.attributes.extend(given);
            tx.put(changed.clone());
            Ok(changed)
        })
        .await?;
    Ok(ModifyListenerAttributesOutput { attributes: Some(shown(&changed)) })
}

fn known(listener: &Listener) -> Vec<Attribute> {
    let all = LISTENER_ATTRIBUTES.iter().copied();
    all.filter(|(name, ..)| listener.protocol == "HTTPS" || name.contains(".response.")).collect()
}

fn shown(listener: &Listener) -> Vec<ListenerAttribute> {
    attributes::shown(&known(listener), &listener.attributes)
}
