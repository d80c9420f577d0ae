//! A flow log: a wish to have the traffic of a VPC, subnet or interface recorded.

use neargate_api_types::ec2;
use neargate_ids::Timestamp;
use neargate_store::Record;
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use super::key;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowLog {
    pub region: String,
    /// `fl-…`
    pub flow_log_id: String,
    /// The VPC, subnet or interface.
    pub resource_id: String,
    pub created_at: Timestamp,
    /// What is shown back, without id, time and tags.
    pub settings: Stored<ec2::FlowLog>,
}

impl Record for FlowLog {
    const TABLE: &'static str = "ec2-flow-logs";

    fn key(&self) -> String {
        key(&self.region, &self.flow_log_id)
    }
}
