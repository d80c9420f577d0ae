//! Parameter groups: their shape, and how a change reaches the instances.

pub mod create;
pub mod delete;
pub mod describe;
pub mod describe_parameters;
pub mod modify;
pub mod reset;

use neargate_api::model::rds::{DbInstance, ParameterGroup, parameter};
use neargate_api::types::rds::{DBParameterGroup, error as fault};
use neargate_api::{AwsError, Ctx, Snapshot, Tx};

use crate::error;

/// The group of a name: one that was made, or a family's own.
pub fn find(ctx: &Ctx, snapshot: &Snapshot, name: &str) -> Result<ParameterGroup, AwsError> {
    let lower = name.to_ascii_lowercase();
    ParameterGroup::find(snapshot, &ctx.region, ctx.account(), &lower).ok_or_else(|| {
        fault::db_parameter_group_not_found_fault(format!("DBParameterGroup not found: {name}"))
    })
}

/// Refuses to change what every family has.
fn refuse_default(name: &str) -> Result<(), AwsError> {
    match name.to_ascii_lowercase().starts_with("default.") {
        true => {
            Err(error::invalid_value(format!("Cannot modify a default parameter group: {name}")))
        }
        false => Ok(()),
    }
}

/// Lets the instances of a changed group know: what acts at once is in force,
/// what acts at a start makes them wait for a reboot.
fn tell_users(tx: &mut Tx, group: &ParameterGroup, changed: &[String]) {
    let at_start = group.at_start();
    for user in group.users(tx) {
        tx.update::<DbInstance>(&user, |instance| {
            for name in changed {
                let waits = group.parameters.get(name).map_or_else(
                    || parameter(name).is_some_and(|p| p.is_static),
                    |set| set.apply_method == "pending-reboot",
                );
                if waits {
                    instance.parameter_apply_status = "pending-reboot".into();
                    continue;
                }
                match at_start.get(name) {
                    Some(value) => instance.parameters.insert(name.clone(), value.clone()),
                    None => instance.parameters.remove(name),
                };
            }
        });
    }
}

/// As the API shows it.
fn shape(group: &ParameterGroup) -> DBParameterGroup {
    DBParameterGroup {
        db_parameter_group_arn: Some(group.arn.clone()),
        db_parameter_group_family: Some(group.family.clone()),
        db_parameter_group_name: Some(group.name.clone()),
        description: Some(group.description.clone()),
    }
}
