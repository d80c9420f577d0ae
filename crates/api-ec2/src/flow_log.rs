//! Flow logs: wishes to have traffic recorded. Nothing is recorded yet, which
//! is told under `inert`.

pub mod create;
pub mod delete;
pub mod describe;

use neargate_api::Snapshot;
use neargate_api::model::ec2::FlowLog;
use neargate_api::types::ec2;

use crate::tag;

/// A flow log as the wire has it.
pub fn shape(snapshot: &Snapshot, log: &FlowLog) -> ec2::FlowLog {
    ec2::FlowLog {
        flow_log_id: Some(log.flow_log_id.clone()),
        resource_id: Some(log.resource_id.clone()),
        creation_time: Some(log.created_at),
        tags: tag::shown(snapshot, &log.region, &log.flow_log_id),
        ..log.settings.0.clone()
    }
}
