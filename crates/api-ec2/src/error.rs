//! EC2's errors. Its model names none, so that codes and messages are those of
//! "Error codes for the Amazon EC2 API" and of what the service itself says.

use neargate_api::AwsError;
use neargate_api::model::ec2::AllocateError;

fn error(code: &str, message: impl Into<String>) -> AwsError {
    AwsError::new(400, code, message)
}

/// An error of any of EC2's codes.
pub fn of(code: &str, message: impl Into<String>) -> AwsError {
    error(code, message)
}

/// The answer to a dry run that would have gone on.
pub fn dry_run(asked: Option<bool>) -> Result<(), AwsError> {
    match asked {
        Some(true) => Err(AwsError::new(
            412,
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        )),
        _ => Ok(()),
    }
}

pub fn missing(parameter: &str) -> AwsError {
    error("MissingParameter", format!("The request must contain the parameter {parameter}"))
}

pub fn invalid(message: impl Into<String>) -> AwsError {
    error("InvalidParameterValue", message)
}

/// `Value (x) for parameter y is invalid. why`
pub fn invalid_value(value: &str, parameter: &str, why: &str) -> AwsError {
    invalid(format!("Value ({value}) for parameter {parameter} is invalid. {why}"))
}

pub fn combination(message: impl Into<String>) -> AwsError {
    error("InvalidParameterCombination", message)
}

/// What AWS has and Neargate has not: refused rather than ignored.
pub fn unsupported(parameter: &str, why: &str) -> AwsError {
    error("UnsupportedOperation", format!("Neargate does not have this yet ({parameter}): {why}"))
}

pub fn dependency(message: impl Into<String>) -> AwsError {
    error("DependencyViolation", message)
}

pub fn has_dependencies(kind: &str, id: &str) -> AwsError {
    dependency(format!("The {kind} '{id}' has dependencies and cannot be deleted."))
}

/// Why an interface could not be had, with the code that EC2 itself gives.
pub fn allocation(failed: &AllocateError) -> AwsError {
    let code = match failed {
        AllocateError::NoSubnet(_) => "InvalidSubnetID.NotFound",
        AllocateError::NoGroup(_) => "InvalidGroup.NotFound",
        AllocateError::OtherVpc { .. } => "InvalidParameterValue",
        AllocateError::NoFreeAddress(_) => "InsufficientFreeAddressesInSubnet",
        AllocateError::AddressOutside { .. } | AllocateError::AddressReserved(_) => {
            "InvalidParameterValue"
        }
        AllocateError::AddressInUse(_) => "InvalidIPAddress.InUse",
        AllocateError::NoPublicAddress => "AddressLimitExceeded",
    };
    error(code, failed.to_string())
}
