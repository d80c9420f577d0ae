//! What is kept and does not act yet: policies of predictive scaling.

use neargate_api::model::application_autoscaling::ScalingPolicy;
use neargate_api::{Inert, Snapshot};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut all = Vec::new();
    for policy in snapshot.all::<ScalingPolicy>() {
        let shown = &policy.shown;
        if shown.predictive_scaling_policy_configuration.is_some() {
            let on_aws = format!("The load of {} would be forecast.", shown.resource_id);
            all.push(Inert::new(&shown.policy_arn, "PredictiveScalingPolicyConfiguration", on_aws));
        }
    }
    all
}
