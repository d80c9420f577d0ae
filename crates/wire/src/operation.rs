//! What a service and its operations are, as static data from AWS's models.

use crate::schema::Schema;
use crate::shape::Shape;

/// A typed operation: the generated marker types (`ecs::CreateCluster`) carry it.
pub trait Operation {
    type Input: Shape + Send + 'static;
    type Output: Shape + Send + 'static;
    const MODEL: &'static OperationModel;
}

/// One operation of a service.
#[derive(Debug)]
pub struct OperationModel {
    pub name: &'static str,
    pub input: &'static Schema,
    pub output: &'static Schema,
    /// The element around the output in the query protocol (`DescribeRulesResult`).
    pub result_wrapper: Option<&'static str>,
}

/// A way of speaking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `X-Amz-Target` and a JSON body.
    Json,
    /// Smithy RPC v2 with CBOR: `POST /service/S/operation/O`.
    Cbor,
    /// A form with `Action` and `Version`, answered in XML.
    Query,
    /// EC2's own kind of query.
    Ec2,
}

/// One service.
#[derive(Debug)]
pub struct ServiceModel {
    /// Our short name, and the module's: `ecs`, `elbv2`.
    pub name: &'static str,
    /// The service in signatures, ARNs aside: `elasticloadbalancing`.
    pub signing_name: &'static str,
    /// The prefix of IAM actions; mostly the signing name.
    pub iam_prefix: &'static str,
    /// Before the dot of `X-Amz-Target`, and the service of an RPC v2 path.
    pub target_prefix: &'static str,
    /// `1.0` or `1.1`.
    pub json_version: &'static str,
    pub api_version: &'static str,
    pub xml_namespace: &'static str,
    pub protocols: &'static [Protocol],
    /// Whether errors also carry the old query code in `x-amzn-query-error`.
    pub query_compatible: bool,
    /// The error code for an input that breaks the model's own constraints.
    pub validation_code: &'static str,
    /// The operations that Neargate has.
    pub operations: &'static [&'static OperationModel],
    /// Those of AWS's model that it has not, to name them in the refusal.
    pub missing: &'static [&'static str],
}

impl ServiceModel {
    /// The operation of this name, where Neargate has it.
    pub fn operation(&self, name: &str) -> Option<&'static OperationModel> {
        let index = self.operations.binary_search_by(|o| o.name.cmp(name)).ok()?;
        Some(self.operations[index])
    }
}
