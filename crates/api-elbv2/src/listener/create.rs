//! CreateListener: a port of a load balancer, with the default rule. The same
//! request twice gives the same listener.

use neargate_api::model::elbv2::{Listener, listeners_of};
use neargate_api::types::elbv2::{CreateListenerInput, CreateListenerOutput, error};
use neargate_api::{AwsError, Ctx, Stored, Tags, Timestamp, Tx};

use super::Security;
use crate::account_limit::LISTENERS_PER_LOAD_BALANCER;
use crate::{action, invalid, listener, load_balancer, tags};

pub async fn call(ctx: Ctx, input: CreateListenerInput) -> Result<CreateListenerOutput, AwsError> {
    if input.alpn_policy.is_some_and(|policies| !policies.is_empty()) {
        return Err(invalid("ALPN policies are supported for TLS listeners only"));
    }
    let protocol =
        input.protocol.ok_or_else(|| invalid("A listener protocol must be specified"))?;
    let security = Security {
        protocol,
        ssl_policy: input.ssl_policy,
        certificate_arn: listener::certificate(input.certificates)?,
        mutual_authentication: input.mutual_authentication.map(Stored),
    };
    let security = security.checked()?;
    let arn = input.load_balancer_arn.replacen(":loadbalancer/", ":listener/", 1);
    let arn = format!("{arn}/{}", ctx.rng().hex(16));
    let wanted = Listener {
        default_rule_arn: format!("{}{}", Listener::rule_prefix(&arn), ctx.rng().hex(16)),
        default_rule_tags: Tags::new(),
        arn,
        load_balancer_arn: input.load_balancer_arn,
        port: listener::port(input.port)?,
        protocol: security.protocol,
        ssl_policy: security.ssl_policy,
        certificate_arn: security.certificate_arn,
        extra_certificate_arns: Vec::new(),
        mutual_authentication: security.mutual_authentication,
        actions: action::read(input.default_actions)?,
        attributes: Tags::new(),
        tags: tags::read(input.tags)?,
    };
    let now = ctx.now;
    let made = ctx.write(move |tx| make(tx, wanted, now)).await?;
    Ok(CreateListenerOutput { listeners: Some(vec![listener::shown(&made)]) })
}

fn make(tx: &mut Tx, wanted: Listener, now: Timestamp) -> Result<Listener, AwsError> {
    let balancer = load_balancer::find(tx, &wanted.load_balancer_arn)?;
    let all: Vec<_> = listeners_of(tx, &balancer.arn).collect();
    if let Some(there) = all.iter().find(|there| is_same(there, &wanted)) {
        return Ok(Listener::clone(there));
    }
    listener::check_port_free(tx, &balancer.arn, wanted.port, None)?;
    if all.len() >= LISTENERS_PER_LOAD_BALANCER {
        return Err(error::too_many_listeners_exception(format!(
            "The maximum number of listeners of a load balancer is '{LISTENERS_PER_LOAD_BALANCER}'"
        )));
    }
    action::check(tx, &balancer, &wanted.protocol, &wanted.actions)?;
    listener::certificates::check(tx, wanted.certificate_arn.as_slice(), now)?;
    tx.put(wanted.clone());
    Ok(wanted)
}

fn is_same(there: &Listener, wanted: &Listener) -> bool {
    there.port == wanted.port
        && there.protocol == wanted.protocol
        && there.ssl_policy == wanted.ssl_policy
        && there.certificate_arn == wanted.certificate_arn
        && there.actions == wanted.actions
        && there.tags == wanted.tags
}
