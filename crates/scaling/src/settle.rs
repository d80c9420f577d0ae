//! What became of a change: as many tasks run as it wanted, or somebody wanted another number.

use neargate_api::model::application_autoscaling::ScalingActivity;
use neargate_api::model::ecs::{Service, Task, TaskStatus};
use neargate_api::{Snapshot, Timestamp};
use neargate_api_application_autoscaling::activity;

use crate::look::service_of;

/// The activities that come to their end, as they are then.
pub fn settled(snapshot: &Snapshot, now: Timestamp) -> Vec<ScalingActivity> {
    let all = snapshot.all::<ScalingActivity>();
    let goes_on = all.filter(|activity| activity.shown.status_code == "InProgress");
    goes_on.filter_map(|activity| ended(snapshot, &activity, now)).collect()
}

fn ended(
    snapshot: &Snapshot,
    activity: &ScalingActivity,
    now: Timestamp,
) -> Option<ScalingActivity> {
    let change = activity.change.as_ref()?;
    let mut ended = activity.clone();
    let Some(service) = service_of(snapshot, &activity.region, &activity.shown.resource_id) else {
        activity::overridden(&mut ended, 0, now);
        return Some(ended);
    };
    match service.desired_count {
        count if count != change.to => activity::overridden(&mut ended, count, now),
        count if running(snapshot, &service) == count => activity::fulfilled(&mut ended, now),
        _ => return None,
    }
    Some(ended)
}

fn running(snapshot: &Snapshot, service: &Service) -> u32 {
    let of_service = |task: &Task| {
        task.region == service.region
            && task.cluster == service.cluster
            && task.service.as_deref() == Some(&service.name)
    };
    let runs = |task: &Task| task.status == TaskStatus::Running && task.stop.is_none();
    let count = snapshot.all::<Task>().filter(|task| of_service(task) && runs(task)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}
