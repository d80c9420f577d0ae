//! Who hears of the calls that are answered. The kernel knows no service, so
//! that CloudTrail listens through this trait; `api-cloudtrail` writes down what
//! it hears.

use neargate_wire::{AwsError, OperationModel, ServiceModel, Value};

use crate::cloud::Ctx;
use crate::service::Answer;

/// Where a call came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The peer's address, or the name of the service that calls on somebody's behalf.
    pub address: String,
    pub user_agent: String,
    /// The key that signed; none for calls from inside.
    pub access_key_id: Option<String>,
}

impl Origin {
    /// A call that a service of AWS makes (`ecs-tasks.amazonaws.com`).
    pub fn service(name: &str) -> Self {
        Origin { address: name.to_owned(), user_agent: name.to_owned(), access_key_id: None }
    }
}

/// What was asked for, as it is written down: secrets are left out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// A JSON object.
    pub json: String,
    /// The resources that it names: type (`AWS::ECS::Cluster`) and name.
    pub resources: Vec<(&'static str, String)>,
}

/// A call that was answered.
pub struct Heard<'a> {
    pub service: &'static ServiceModel,
    pub operation: &'static OperationModel,
    pub ctx: &'a Ctx,
    pub origin: &'a Origin,
    /// Nothing where the input could not be read.
    pub request: Option<Told>,
    pub outcome: Result<&'a Answer, &'a AwsError>,
}

/// Whoever writes calls down. It is asked on the way of every request: it must not wait.
pub trait Audit: Send + Sync {
    /// Whether calls of this operation are written down.
    fn listens(&self, service: &'static ServiceModel, operation: &'static OperationModel) -> bool;

    /// What was asked for, before the operation has it.
    fn tell(
        &self,
        service: &'static ServiceModel,
        operation: &'static OperationModel,
        input: &Value,
    ) -> Told;

    fn hear(&self, call: Heard<'_>);
}
