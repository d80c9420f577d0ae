//! What is kept and does not act yet: the notifications of deployment groups.

use neargate_api::model::codedeploy::DeploymentGroup;
use neargate_api::{Inert, Snapshot};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut all = Vec::new();
    for group in snapshot.all::<DeploymentGroup>() {
        let resource = format!("{}/{}", group.application, group.name);
        for trigger in group.shown.trigger_configurations.iter().flatten() {
            let on_aws = format!(
                "AWS would publish the events of deployments to {}.",
                trigger.trigger_target_arn.as_deref().unwrap_or("the trigger's topic")
            );
            all.push(Inert::new(&resource, "triggerConfigurations", on_aws));
        }
    }
    all
}
