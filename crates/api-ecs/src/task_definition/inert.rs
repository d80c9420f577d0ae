//! What of task definitions is accepted and does not act.

use neargate_api::model::ecs::TaskDefinition;
use neargate_api::types::ecs::ContainerDefinition;
use neargate_api::{Inert, Snapshot};

/// CPU units of one CPU, as ECS counts them.
const UNITS_OF_A_CPU: usize = 1024;

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut found = Vec::new();
    let machine = std::thread::available_parallelism().map_or(1, usize::from);
    for definition in snapshot.all::<TaskDefinition>().filter(|d| d.active) {
        if definition.wire.ephemeral_storage.is_some() {
            found.push(Inert::new(
                &definition.arn,
                "ephemeralStorage",
                "AWS would give the task a disk of this size; here it writes to the disk of --data until that is full.",
            ));
        }
        if definition.cpu_units() as usize > machine * UNITS_OF_A_CPU {
            let on_aws = format!(
                "AWS would give the task more CPUs than the {machine} of this machine, on which it runs slower."
            );
            found.push(Inert::new(&definition.arn, "cpu", on_aws));
        }
        for own in definition.containers() {
            let name = own.name.as_deref().unwrap_or_default();
            found.extend(container(own).map(|(field, on_aws)| {
                let field = format!("containerDefinitions.{name}.{field}");
                Inert::new(&definition.arn, field, on_aws)
            }));
        }
    }
    found
}

fn container(
    container: &ContainerDefinition,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let options = container.log_configuration.as_ref().and_then(|log| log.options.as_ref());
    let has = |name: &str| options.is_some_and(|options| options.contains_key(name));
    let is_blocking = options.is_some_and(|o| o.get("mode").is_some_and(|m| m == "blocking"));
    [
        (
            container.pseudo_terminal == Some(true),
            "pseudoTerminal",
            "AWS would give the container's process a terminal.",
        ),
        (
            container.interactive == Some(true),
            "interactive",
            "AWS would keep the standard input of the container's process open.",
        ),
        (
            is_blocking,
            "logConfiguration.mode",
            "AWS would let the container wait when its lines cannot be delivered; here they wait on the disk.",
        ),
        (
            has("max-buffer-size"),
            "logConfiguration.max-buffer-size",
            "AWS would hold so many lines in memory; here they wait on the disk.",
        ),
        (
            has("awslogs-endpoint"),
            "logConfiguration.awslogs-endpoint",
            "AWS would send the lines to this endpoint; here they go to Neargate's own CloudWatch Logs.",
        ),
    ]
    .into_iter()
    .filter_map(|(is_set, field, on_aws)| is_set.then_some((field, on_aws)))
}
