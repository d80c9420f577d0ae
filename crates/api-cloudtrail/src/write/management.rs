//! Which calls are management events, which of them only read, and where they
//! belong. Pure; the lists are those of each service's page "Logging API calls
//! with CloudTrail".

use neargate_wire::ServiceModel;

/// Calls that move data: they are data events, and not written down.
const DATA: [(&str, &[&str]); 4] = [
    ("logs", &["PutLogEvents", "GetLogEvents", "FilterLogEvents"]),
    ("cloudwatch", &["PutMetricData", "GetMetricData", "GetMetricWidgetImage"]),
    ("events", &["PutEvents"]),
    ("sns", &["Publish", "PublishBatch"]),
];

/// What the names of calls that only read begin with.
const READS: [&str; 12] = [
    "BatchCheck",
    "BatchGet",
    "Describe",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Search",
    "Simulate",
    "Test",
    "Validate",
];

/// Cryptography changes nothing but the caller's own data.
const KMS_READS: [&str; 9] = [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateMac",
    "GenerateRandom",
    "ReEncrypt",
    "Sign",
    "Verify",
    "DeriveSharedSecret",
];

/// Whether calls of this operation are written down.
pub fn is_management(service: &str, operation: &str) -> bool {
    !DATA.iter().any(|(of, names)| *of == service && names.contains(&operation))
}

/// `readOnly` of the event.
pub fn is_read(service: &str, operation: &str) -> bool {
    let begins = |names: &[&str]| names.iter().any(|name| operation.starts_with(name));
    match service {
        "kms" => begins(&READS) || begins(&KMS_READS),
        "sts" => true,
        _ => begins(&READS),
    }
}

/// Whether the answer stands in the event: of calls that change something, and of new sessions.
pub fn shows_answer(service: &str, operation: &str) -> bool {
    !is_read(service, operation) || (service == "sts" && operation.starts_with("Assume"))
}

/// `eventSource` of a service.
pub fn source(service: &ServiceModel) -> String {
    let name = match service.name {
        "application-autoscaling" => "autoscaling",
        _ => service.signing_name,
    };
    format!("{name}.amazonaws.com")
}

/// `awsRegion` of a call: global services are in `us-east-1`.
pub fn region<'a>(source: &str, region: &'a str) -> &'a str {
    if source == "iam.amazonaws.com" { "us-east-1" } else { region }
}

/// Whether a source is one of the global services, which single-region trails may leave out.
pub fn is_global(source: &str) -> bool {
    matches!(source, "iam.amazonaws.com" | "sts.amazonaws.com" | "cloudfront.amazonaws.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_data_are_told_apart() {
        assert!(is_read("ecs", "DescribeServices") && !is_read("ecs", "UpdateService"));
        assert!(is_read("kms", "GenerateDataKeyPair") && !is_read("kms", "CreateKey"));
        assert!(is_read("sts", "AssumeRole") && shows_answer("sts", "AssumeRole"));
        assert!(!shows_answer("sts", "GetCallerIdentity"));
        assert!(!is_management("logs", "PutLogEvents") && is_management("logs", "CreateLogGroup"));
    }
}
