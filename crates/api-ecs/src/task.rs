//! Tasks: what their operations share.

pub mod describe;
pub mod execute_command;
pub mod list;
mod overrides;
pub mod protection;
pub mod run;
mod shown;
pub mod start;
pub mod stop;

use neargate_api::AwsError;
use neargate_api::model::ecs::{Cluster, Task};
use neargate_api::types::ecs::error;

pub use shown::shown;

/// The id in a reference to a task of this cluster: an id, or an ARN that names the cluster.
fn id_of<'a>(cluster: &Cluster, reference: &'a str) -> Result<&'a str, AwsError> {
    let id = Task::id_in(reference);
    match reference.split(":task/").nth(1).and_then(|path| path.split_once('/')) {
        Some((other, _)) if other != cluster.name => {
            Err(error::invalid_parameter_exception(format!(
                "Invalid identifier: Identifier is for cluster {other}. Your cluster is {}",
                cluster.name
            )))
        }
        _ => Ok(id),
    }
}
