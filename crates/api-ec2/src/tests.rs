//! The operations against a cloud in memory, as the edge would call them.

mod addresses;
mod endpoints;
mod groups;
mod network;
mod tags;
mod the_rest;

use neargate_api::{AwsError, Ctx, Service};
use serde_json::{Value as Json, json};

use crate::service;

/// A cloud and this service.
struct Cloud {
    ctx: Ctx,
    service: Service,
}

impl Cloud {
    fn new() -> Self {
        Cloud { ctx: neargate_testkit::ctx(), service: service() }
    }

    async fn try_call(&self, operation: &str, input: Json) -> Result<String, AwsError> {
        neargate_testkit::call(&self.ctx, &self.service, operation, input).await
    }

    /// The whole answer of a call that must succeed.
    async fn call(&self, operation: &str, input: Json) -> String {
        let answer = self.try_call(operation, input).await;
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// One text of the answer of a call that must succeed.
    async fn get(&self, operation: &str, input: Json, name: &str) -> String {
        neargate_testkit::text(&self.call(operation, input).await, name)
    }

    /// `code: message` of a call that must fail.
    async fn refused(&self, operation: &str, input: Json) -> String {
        match self.try_call(operation, input).await {
            Ok(answer) => panic!("{operation} succeeded:\n{answer}"),
            Err(error) => error.to_string(),
        }
    }

    async fn vpc(&self) -> String {
        self.get("CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }), "vpcId").await
    }

    async fn subnet(&self, vpc: &str, cidr: &str, zone: &str) -> String {
        let input = json!({ "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone });
        self.get("CreateSubnet", input, "subnetId").await
    }
}

#[test]
fn every_operation_has_its_function() {
    assert_eq!(service().unregistered(), Vec::<&str>::new());
}

/// `prefix-` and 17 hexadecimal digits, as one word that snapshots can hold.
fn ids_hidden(answer: &str) -> String {
    let mut out = String::new();
    for (index, part) in answer.split('-').enumerate() {
        let digits = part.len() >= 17
            && part.is_char_boundary(17)
            && part[..17].bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if index > 0 {
            out.push('-');
        }
        if digits {
            out.push('…');
            out.push_str(&part[17..]);
        } else {
            out.push_str(part);
        }
    }
    out
}
