//! `aws_ecs_service`. It is waited for only where `wait_for_steady_state` asks for it;
//! on its way out it is scaled to nothing first, so that its tasks drain.

mod request;
mod state;

use async_trait::async_trait;
use neargate_api_types::ecs;
use neargate_aws_client::Seen;
use neargate_hcl::Value;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::{tags, waits};

pub struct EcsService;

const MISSING: [&str; 2] = ["ClusterNotFoundException", "ServiceNotFoundException"];

#[async_trait]
impl Resource for EcsService {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "cluster",
                "deployment_controller.type",
                "iam_role",
                "launch_type",
                "name",
                "scheduling_strategy",
            ],
            replaced_when: &[("capacity_provider_strategy", is_other_strategy)],
            defaults: &[
                ("availability_zone_rebalancing", Fallback::Text("DISABLED")),
                ("deployment_controller.type", Fallback::Text("ECS")),
                ("deployment_maximum_percent", Fallback::Number(200)),
                ("deployment_minimum_healthy_percent", Fallback::Number(100)),
                ("enable_ecs_managed_tags", Fallback::Bool(false)),
                ("enable_execute_command", Fallback::Bool(false)),
                ("network_configuration.assign_public_ip", Fallback::Bool(false)),
                ("scheduling_strategy", Fallback::Text("REPLICA")),
                ("wait_for_steady_state", Fallback::Bool(false)),
            ],
            alike: &[
                ("cluster", same_cluster),
                ("desired_count", is_daemon),
                ("propagate_tags", propagates_nothing),
                ("triggers", triggers_nothing),
            ],
            filled: &["deployment_circuit_breaker"],
            emptied: &["deployment_controller"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = request::of_new(planned);
        let look = || async {
            match cloud.call::<ecs::CreateService>(&input).await {
                Ok(made) => Ok(Seen::Done(made.service.unwrap_or_default())),
                Err(error) if request::is_early(&error) => Ok(Seen::NotYet(error.to_string())),
                Err(error) => Err(Failure::from(error)),
            }
        };
        let what = format!("Service {}", planned.required("name"));
        let service = cloud.spread(2).sees(&what, look).await?;
        Ok(service.service_arn.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        settle(cloud, planned).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let cluster = known.string("cluster");
        let Some(service) = service(cloud, cluster, known.id()).await? else { return Ok(None) };
        let tags = tags::ecs::found(service.tags.clone());
        if known.id() == known.required("name") {
            // Imported: the state has the cluster by its ARN then.
            known.set("cluster", service.cluster_arn.clone());
        }
        state::describe(&mut known, service);
        tags::set(&mut known, cloud, tags);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        if let Some(input) = request::of_changed(prior, planned) {
            cloud.call::<ecs::UpdateService>(&input).await?;
        }
        tags::ecs::update(cloud, &planned.id(), prior, planned).await?;
        settle(cloud, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let (cluster, id) = (prior.string("cluster"), prior.id());
        let Some(now) = service(cloud, cluster.clone(), id.clone()).await? else { return Ok(()) };
        let daemon = now.scheduling_strategy.as_deref() == Some("DAEMON");
        let drains = now.status.as_deref() == Some("DRAINING");
        let force = prior.is("force_delete");
        if !daemon && !drains && !force && now.desired_count != Some(0) {
            let input = ecs::UpdateServiceRequest {
                cluster: cluster.clone(),
                desired_count: Some(0),
                service: id.clone(),
                ..Default::default()
            };
            let gone = [MISSING[0], MISSING[1], "ServiceNotActiveException"];
            found(cloud.call::<ecs::UpdateService>(&input).await, &gone)?;
        }
        let what = format!("Service {}", prior.required("name"));
        if !drains {
            remove(cloud, &what, cluster.clone(), id.clone(), force || daemon).await?;
        }
        waits::state(cloud, &what, &["ACTIVE", "DRAINING"], &[waits::GONE], || async {
            let now = service(cloud, cluster.clone(), id.clone()).await?;
            Ok(now.and_then(|service| service.status))
        })
        .await
    }

    /// `CLUSTER/SERVICE`.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let Some((cluster, name)) = id.split_once('/').filter(|_| !id.starts_with("arn:")) else {
            return Err(Failure::told(format!("{id} is not of the form CLUSTER/SERVICE")));
        };
        let defaults = json!({ "id": name, "name": name, "cluster": cluster });
        Ok(Attributes::from(defaults))
    }
}

/// Deletes it, once nothing of a deployment is in the way.
async fn remove(
    cloud: &Cloud,
    what: &str,
    cluster: Option<String>,
    service: String,
    force: bool,
) -> Result<(), Failure> {
    let input = ecs::DeleteServiceRequest { cluster, force: Some(force), service };
    let look = || async {
        match cloud.call::<ecs::DeleteService>(&input).await {
            Ok(_) => Ok(Seen::Done(())),
            Err(error) if error.is_any(&MISSING) => Ok(Seen::Done(())),
            Err(error) if request::is_busy(&error) => Ok(Seen::NotYet(error.to_string())),
            Err(error) => Err(Failure::from(error)),
        }
    };
    cloud.patience(20).sees(what, look).await
}

/// The service, unless it is deleted.
async fn service(
    cloud: &Cloud,
    cluster: Option<String>,
    id: String,
) -> Result<Option<ecs::Service>, Failure> {
    let include = Some(vec!["TAGS".to_owned()]);
    let input = ecs::DescribeServicesRequest { cluster, include, services: vec![id] };
    let described = found(cloud.call::<ecs::DescribeServices>(&input).await, &MISSING)?;
    let service = described.and_then(|output| output.services?.into_iter().next());
    Ok(service.filter(|service| service.status.as_deref() != Some("INACTIVE")))
}

/// Waits until it is active, and, where that is asked for, until one deployment is left with all its
/// tasks.
async fn settle(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let steady = planned.is("wait_for_steady_state");
    let (cluster, id) = (planned.string("cluster"), planned.id());
    let what = format!("Service {}", planned.required("name"));
    let look = || async {
        let Some(service) = service(cloud, cluster.clone(), id.clone()).await? else {
            return Ok(Seen::NotYet(waits::GONE.to_owned()));
        };
        if service.status.as_deref() != Some("ACTIVE") {
            return Ok(Seen::NotYet(service.status.unwrap_or_default()));
        }
        if !steady || is_steady(&service) {
            return Ok(Seen::Done(()));
        }
        match failed(&service) {
            Some(why) => Err(Failure::told(format!("The deployment of {what} failed: {why}"))),
            None => Ok(Seen::NotYet(how(&service))),
        }
    };
    cloud.patience(20).sees(&what, look).await
}

fn is_steady(service: &ecs::Service) -> bool {
    let deployments = service.deployments.as_ref().map_or(0, Vec::len);
    deployments == 1 && service.running_count == service.desired_count
}

/// Why the deployment under way has failed.
fn failed(service: &ecs::Service) -> Option<String> {
    let primary =
        service.deployments.iter().flatten().find(|d| d.status.as_deref() == Some("PRIMARY"))?;
    let is = primary.rollout_state.as_deref() == Some("FAILED");
    is.then(|| primary.rollout_state_reason.clone().unwrap_or_default())
}

/// How it stands: with the newest event, which says why.
fn how(service: &ecs::Service) -> String {
    let running = service.running_count.unwrap_or(0);
    let desired = service.desired_count.unwrap_or(0);
    let event = service.events.iter().flatten().next().and_then(|event| event.message.clone());
    let event = event.map(|event| format!(" ({event})")).unwrap_or_default();
    format!("at {running} of {desired} tasks{event}")
}

/// A cluster's ARN and its name are the same cluster.
fn same_cluster(before: &Value, planned: &Value) -> bool {
    let name = |object: &Value| {
        let cluster = object.get("cluster")?.as_str()?;
        Some(cluster.rsplit_once('/').map_or(cluster, |(_, name)| name).to_owned())
    };
    let is_arn = |object: &Value| {
        object.get("cluster").and_then(Value::as_str).is_some_and(|c| c.contains('/'))
    };
    is_arn(before) != is_arn(planned) && name(before).is_some() && name(before) == name(planned)
}

/// Another strategy comes in place only with a new deployment, and never from or to none.
fn is_other_strategy(before: &Value, planned: &Value) -> bool {
    let is_none = |value: &Value| {
        let strategy = value.get("capacity_provider_strategy").and_then(Value::elements);
        strategy.is_none_or(<[Value]>::is_empty)
    };
    let deploys = planned.get("force_new_deployment").and_then(Value::as_bool) == Some(true);
    !deploys || is_none(before) != is_none(planned)
}

/// A daemon has as many tasks as there are instances.
fn is_daemon(_before: &Value, planned: &Value) -> bool {
    planned.get("scheduling_strategy").and_then(Value::as_str) == Some("DAEMON")
}

/// What triggers a deployment does so with `force_new_deployment` only, and not by going.
fn triggers_nothing(before: &Value, planned: &Value) -> bool {
    let some = |object: &Value| {
        object.get("triggers").and_then(Value::entries).is_some_and(|entries| !entries.is_empty())
    };
    let forces = planned.get("force_new_deployment").and_then(Value::as_bool) == Some(true);
    let known = planned.get("triggers").is_some_and(Value::is_known);
    !forces || (known && some(before) && !some(planned))
}

fn propagates_nothing(before: &Value, planned: &Value) -> bool {
    let of =
        |object: &Value| object.get("propagate_tags").and_then(Value::as_str).map(str::to_owned);
    of(before).as_deref() == Some("NONE") && of(planned).is_none()
}
