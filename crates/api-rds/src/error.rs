//! RDS's errors that its model does not name, and those said in several places.

use neargate_api::AwsError;
use neargate_api::model::ec2::AllocateError;
use neargate_api::types::rds::error;

pub fn invalid_value(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "InvalidParameterValue", message)
}

pub fn invalid_combination(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "InvalidParameterCombination", message)
}

/// A setting that would be silently wrong here.
pub fn unsupported(field: &str, instead: &str) -> AwsError {
    invalid_combination(format!("{field} is not supported by Neargate: {instead}"))
}

/// The network's refusals in RDS's codes.
pub fn network(cause: &AllocateError) -> AwsError {
    let message = cause.to_string();
    match cause {
        AllocateError::NoSubnet(_) => error::invalid_subnet(message),
        AllocateError::NoGroup(id) => {
            invalid_value(format!("Invalid security group , groupId= {id}, groupName=."))
        }
        AllocateError::OtherVpc { .. } => error::invalid_vpc_network_state_fault(
            "The DB instance and EC2 security group are in different VPCs.",
        ),
        _ => error::insufficient_db_instance_capacity_fault(message),
    }
}
