//! What is kept and does not act yet: policies and scheduled actions.

use neargate_api::model::application_autoscaling::{ScalingPolicy, ScheduledAction};
use neargate_api::{Inert, Snapshot};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut all = Vec::new();
    for policy in snapshot.all::<ScalingPolicy>() {
        let shown = &policy.shown;
        let on_aws = format!(
            "The desired count of {} would be changed by this policy. Here only the target's bounds act.",
            shown.resource_id
        );
        all.push(Inert::new(&shown.policy_arn, "ScalingPolicy", on_aws));
    }
    for action in snapshot.all::<ScheduledAction>() {
        let shown = &action.shown;
        let on_aws =
            format!("The bounds of {} would be changed at {}.", shown.resource_id, shown.schedule);
        all.push(Inert::new(&shown.scheduled_action_arn, "Schedule", on_aws));
    }
    all
}
