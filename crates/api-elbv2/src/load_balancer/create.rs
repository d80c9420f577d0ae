//! CreateLoadBalancer: an Application Load Balancer with its nodes, its name
//! and its loopback address. The same request twice gives the same one.

use neargate_api::model::elbv2::{LoadBalancer, Scheme, free_loopback, prefix};
use neargate_api::types::elbv2::{CreateLoadBalancerInput, CreateLoadBalancerOutput, error};
use neargate_api::{AwsError, Ctx, Rng, Tags, Timestamp, Tx};

use super::nodes::{self, NodeSpec};
use crate::account_limit::LOAD_BALANCERS;
use crate::{invalid, load_balancer, name, refused, tags};

/// What is asked for, checked as far as it can be without the store.
struct Wanted {
    region: String,
    arn: String,
    name: String,
    dns_name: String,
    scheme: Scheme,
    subnet_ids: Vec<String>,
    security_group_ids: Vec<String>,
    tags: Tags,
}

pub async fn call(
    ctx: Ctx,
    input: CreateLoadBalancerInput,
) -> Result<CreateLoadBalancerOutput, AwsError> {
    let wanted = wanted(&ctx, input)?;
    let (rng, now) = (ctx.rng().clone(), ctx.now);
    let made = ctx.write(move |tx| make(tx, wanted, &rng, now)).await?;
    Ok(CreateLoadBalancerOutput { load_balancers: Some(vec![load_balancer::shown(&made)]) })
}

fn wanted(ctx: &Ctx, input: CreateLoadBalancerInput) -> Result<Wanted, AwsError> {
    match input.r#type.as_deref() {
        None | Some("application") => {}
        Some(other) => {
            return Err(refused(format!(
                "Neargate has load balancers of type 'application' only, not '{other}'."
            )));
        }
    }
    name::check("Load balancer", &input.name)?;
    if input.name.starts_with("internal-") {
        return Err(invalid(format!(
            "Load balancer name '{}' cannot begin with 'internal-'",
            input.name
        )));
    }
    nodes::check_ip_address_type(input.ip_address_type.as_deref().unwrap_or("ipv4"))?;
    if input.customer_owned_ipv4_pool.is_some() || input.ipam_pools.is_some() {
        return Err(refused(
            "Neargate has neither Outposts nor IPAM: a load balancer cannot have an address pool.",
        ));
    }
    let scheme = match input.scheme.as_deref() {
        Some("internal") => Scheme::Internal,
        _ => Scheme::InternetFacing,
    };
    let id = format!("app/{}/{}", input.name, ctx.rng().hex(16));
    let internal = if scheme == Scheme::Internal { "internal-" } else { "" };
    let (number, region) = (ctx.rng().digits(10), &ctx.region);
    Ok(Wanted {
        region: ctx.region.clone(),
        arn: ctx.arn("elasticloadbalancing", format!("loadbalancer/{id}")),
        dns_name: format!("{internal}{}-{number}.{region}.elb.localhost", input.name)
            .to_lowercase(),
        name: input.name,
        scheme,
        subnet_ids: nodes::subnet_ids(input.subnets, input.subnet_mappings)?,
        security_group_ids: input.security_groups.unwrap_or_default(),
        tags: tags::read(input.tags)?,
    })
}

fn make(tx: &mut Tx, wanted: Wanted, rng: &Rng, now: Timestamp) -> Result<LoadBalancer, AwsError> {
    let region = wanted.region.as_str();
    let vpc_id = nodes::vpc_of(tx, region, &wanted.subnet_ids, wanted.scheme)?;
    let groups = nodes::groups(tx, region, &vpc_id, wanted.security_group_ids.clone())?;
    let all: Vec<_> = tx.scan::<LoadBalancer>(&prefix(region)).collect();
    if let Some(there) = all.iter().find(|balancer| balancer.name == wanted.name) {
        if is_as_wanted(there, &wanted, &groups) {
            return Ok(LoadBalancer::clone(there));
        }
        return Err(error::duplicate_load_balancer_name_exception(
            "A load balancer with the same name exists, but with different settings",
        ));
    }
    if all.len() >= LOAD_BALANCERS {
        return Err(error::too_many_load_balancers_exception(format!(
            "The maximum number of load balancers is '{LOAD_BALANCERS}'"
        )));
    }
    let mut made = LoadBalancer {
        address: free_loopback(tx, &wanted.arn),
        region: wanted.region,
        arn: wanted.arn,
        name: wanted.name,
        dns_name: wanted.dns_name,
        scheme: wanted.scheme,
        vpc_id,
        security_group_ids: groups.clone(),
        ip_address_type: "ipv4".into(),
        nodes: Vec::new(),
        attributes: Tags::new(),
        created_at: now,
        tags: wanted.tags,
    };
    let spec = NodeSpec {
        region: made.region.clone(),
        balancer_id: made.id().to_owned(),
        scheme: made.scheme,
        security_group_ids: groups,
    };
    for subnet_id in &wanted.subnet_ids {
        made.nodes.push(nodes::open(tx, &spec, subnet_id, rng, now)?);
    }
    tx.put(made.clone());
    Ok(made)
}

fn is_as_wanted(there: &LoadBalancer, wanted: &Wanted, groups: &[String]) -> bool {
    let mut subnets: Vec<&String> = there.nodes.iter().map(|node| &node.subnet_id).collect();
    let mut asked: Vec<&String> = wanted.subnet_ids.iter().collect();
    subnets.sort();
    asked.sort();
    subnets == asked
        && there.scheme == wanted.scheme
        && there.security_group_ids == groups
        && there.tags == wanted.tags
}
