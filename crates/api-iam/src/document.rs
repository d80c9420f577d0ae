//! Policy documents as they come in and go out: checked, measured, URL-encoded.

use std::fmt::Write;

use neargate_api::AwsError;
use neargate_api::types::iam::error;
use neargate_authz::{Kind, Malformed, Policy};

/// Characters of a managed policy, without whitespace.
pub const MANAGED_LIMIT: usize = 6144;
/// Characters of all inline policies of a role.
pub const INLINE_LIMIT: usize = 10_240;
/// Characters of a trust policy.
pub const TRUST_LIMIT: usize = 4096;

/// Reads a document, or says as IAM does what is wrong with it.
pub fn read(text: &str, kind: Kind) -> Result<Policy, AwsError> {
    Policy::parse(text, kind).map_err(|why| malformed(&why))
}

/// The document of a managed policy.
pub fn check_managed(text: &str) -> Result<(), AwsError> {
    if !read(text, Kind::Identity)?.has_variables {
        return Err(malformed(&Malformed::OldVersion));
    }
    if size(text) > MANAGED_LIMIT {
        return Err(error::limit_exceeded_exception(format!(
            "Cannot exceed quota for PolicySize: {MANAGED_LIMIT}"
        )));
    }
    Ok(())
}

/// A role's trust policy.
pub fn check_trust(text: &str) -> Result<Policy, AwsError> {
    let policy = read(text, Kind::Trust)?;
    if size(text) > TRUST_LIMIT {
        return Err(error::limit_exceeded_exception(format!(
            "Cannot exceed quota for ACLSizePerRole: {TRUST_LIMIT}"
        )));
    }
    Ok(policy)
}

pub fn malformed(why: &Malformed) -> AwsError {
    error::malformed_policy_document_exception(why.to_string())
}

/// Whitespace does not count.
pub fn size(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// A document as IAM's answers have it: URL-encoded by RFC 3986.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn documents_are_encoded_as_rfc_3986_says() {
        assert_eq!(super::encoded("{\"a\": \"é~\"}"), "%7B%22a%22%3A%20%22%C3%A9~%22%7D");
    }
}
