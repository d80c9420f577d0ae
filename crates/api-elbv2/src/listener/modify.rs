//! ModifyListener: what is given replaces what was; the rest stays.

use neargate_api::model::elbv2::Listener;
use neargate_api::types::elbv2::{ModifyListenerInput, ModifyListenerOutput};
use neargate_api::{AwsError, Ctx, Stored, Timestamp, Tx};

use super::Security;
use crate::{action, invalid, listener, load_balancer};

pub async fn call(
    ctx: Ctx,
    mut input: ModifyListenerInput,
) -> Result<ModifyListenerOutput, AwsError> {
    if input.alpn_policy.as_ref().is_some_and(|policies| !policies.is_empty()) {
        return Err(invalid("ALPN policies are supported for TLS listeners only"));
    }
    let actions = match input.default_actions.take().filter(|actions| !actions.is_empty()) {
        Some(actions) => Some(action::read(actions)?),
        None => None,
    };
    let certificate = listener::certificate(input.certificates.take())?;
    let now = ctx.now;
    let changed = ctx
        .write(move |tx| {
            let mut changed = Listener::clone(&*listener::find(tx, &input.listener_arn)?);
            if let Some(actions) = actions {
                changed.actions = actions;
            }
            secure(&mut changed, &input, certificate)?;
            if let Some(port) = input.port {
                changed.port = listener::port(Some(port))?;
            }
            put(tx, changed, now)
        })
        .await?;
    Ok(ModifyListenerOutput { listeners: Some(vec![listener::shown(&changed)]) })
}

/// A listener that becomes HTTP loses what it was secured with.
fn secure(
    changed: &mut Listener,
    input: &ModifyListenerInput,
    certificate: Option<String>,
) -> Result<(), AwsError> {
    let protocol = input.protocol.clone().unwrap_or_else(|| changed.protocol.clone());
    let stays = protocol == "HTTPS";
    let security = Security {
        ssl_policy: input.ssl_policy.clone().or(changed.ssl_policy.take().filter(|_| stays)),
        certificate_arn: certificate.or(changed.certificate_arn.take().filter(|_| stays)),
        mutual_authentication: input
            .mutual_authentication
            .clone()
            .map(Stored)
            .or(changed.mutual_authentication.take().filter(|_| stays)),
        protocol,
    };
    let security = security.checked()?;
    changed.protocol = security.protocol;
    changed.ssl_policy = security.ssl_policy;
    changed.certificate_arn = security.certificate_arn;
    changed.mutual_authentication = security.mutual_authentication;
    if !stays {
        changed.extra_certificate_arns.clear();
    }
    Ok(())
}

fn put(tx: &mut Tx, changed: Listener, now: Timestamp) -> Result<Listener, AwsError> {
    let balancer = load_balancer::find(tx, &changed.load_balancer_arn)?;
    listener::check_port_free(tx, &balancer.arn, changed.port, Some(&changed.arn))?;
    action::check(tx, &balancer, &changed.protocol, &changed.actions)?;
    listener::certificates::check(tx, changed.certificate_arn.as_slice(), now)?;
    tx.put(changed.clone());
    Ok(changed)
}
