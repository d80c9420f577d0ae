//! DescribeTasks.

use neargate_api::model::ecs::Task;
use neargate_api::types::ecs::{DescribeTasksRequest, DescribeTasksResponse, error};
use neargate_api::{AwsError, Ctx};

use super::shown;
use crate::{cluster, failure};

pub async fn call(
    ctx: Ctx,
    input: DescribeTasksRequest,
) -> Result<DescribeTasksResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    if input.tasks.is_empty() {
        return Err(error::invalid_parameter_exception("Tasks cannot be empty."));
    }
    if input.tasks.len() > 100 {
        return Err(error::invalid_parameter_exception(
            "Tasks cannot be more than 100: ask in several calls.",
        ));
    }
    let with_tags = input.include.iter().flatten().any(|i| i == "TAGS");
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for reference in &input.tasks {
        let id = super::id_of(&cluster, reference)?;
        match snapshot.get::<Task>(&Task::key_of(&ctx.region, &cluster.name, id)) {
            Some(task) => tasks.push(shown(&snapshot, &task, with_tags)),
            None => failures
                .push(failure::missing(ctx.arn("ecs", format!("task/{}/{id}", cluster.name)))),
        }
    }
    Ok(DescribeTasksResponse { tasks: Some(tasks), failures: Some(failures) })
}
