//! Why a text is no policy, in the words of IAM's MalformedPolicyDocument.

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("This policy contains invalid Json")]
    NotJson,
    #[error("Syntax errors in policy.")]
    Syntax,
    #[error("The policy must contain a valid version string.")]
    Version,
    #[error("Policy document must be version 2012-10-17 or greater.")]
    OldVersion,
    #[error("Statement IDs (SID) in a single policy must be unique.")]
    RepeatedSid,
    #[error(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
    )]
    Sid,
    #[error("Policy statement must contain actions.")]
    NoActions,
    #[error("Policy statement must contain resources.")]
    NoResources,
    #[error("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")]
    NoVendor,
    #[error("Actions/Condition can contain only one colon.")]
    Colons,
    #[error("Vendor {0} is not valid")]
    Vendor(String),
    #[error("Resource {0} must be in ARN format or \"*\".")]
    Resource(String),
    #[error("Partition \"{partition}\" is not valid for resource \"{resource}\".")]
    Partition { partition: String, resource: String },
    #[error("Policy document should not specify a principal.")]
    UnwantedPrincipal,
    #[error("Missing required field Principal")]
    NoPrincipal,
    #[error("Invalid principal in policy: {0}")]
    Principal(String),
    #[error("Has prohibited field Resource")]
    UnwantedResource,
    #[error("AssumeRole policy may only specify STS AssumeRole actions.")]
    NotAssumeRole,
    #[error("Invalid Condition type : {0}")]
    ConditionType(String),
}
