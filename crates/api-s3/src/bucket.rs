//! Buckets: what their operations share.

pub mod create;
pub mod delete;
pub mod head;
pub mod list;
pub mod location;
pub mod policy_status;

use neargate_api::AwsError;
use neargate_authz::{Kind, Policy};

use crate::error;
use crate::service::Call;
use crate::xml::{NAMESPACE, Writer};

/// The owner's id: 64 hexadecimal digits, as canonical users have.
pub fn owner_id(call: &Call) -> String {
    let account = call.ctx.account();
    let digest = ring::digest::digest(&ring::digest::SHA256, account.as_bytes());
    hex::encode(digest)
}

/// The ACL of whoever gave none.
pub fn private_acl(call: &Call) -> String {
    acl(call, &[])
}

/// The ACL that a header names.
pub fn canned_acl(call: &Call) -> Result<String, AwsError> {
    const ALL: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
    const KNOWN: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
    const LOGS: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
    if call.parts.headers.keys().any(|name| name.as_str().starts_with("x-amz-grant-")) {
        return Err(error::not_implemented("ACLs in x-amz-grant headers"));
    }
    let grants: &[(&str, &str)] = match call.header("x-amz-acl").unwrap_or("private") {
        "private" | "bucket-owner-full-control" | "bucket-owner-read" => &[],
        "public-read" => &[(ALL, "READ")],
        "public-read-write" => &[(ALL, "READ"), (ALL, "WRITE")],
        "authenticated-read" => &[(KNOWN, "READ")],
        "log-delivery-write" => &[(LOGS, "WRITE"), (LOGS, "READ_ACP")],
        other => return Err(error::invalid_argument(format!("There is no canned ACL {other}"))),
    };
    Ok(acl(call, grants))
}

/// An ACL that grants everything to the owner and the given permissions to groups.
fn acl(call: &Call, groups: &[(&str, &str)]) -> String {
    const INSTANCE: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let owner = owner_id(call);
    let mut grants = format!(
        "<Grant><Grantee {INSTANCE} xsi:type=\"CanonicalUser\"><ID>{owner}</ID></Grantee>\
         <Permission>FULL_CONTROL</Permission></Grant>"
    );
    for (group, permission) in groups {
        grants.push_str(&format!(
            "<Grant><Grantee {INSTANCE} xsi:type=\"Group\"><URI>{group}</URI></Grantee>\
             <Permission>{permission}</Permission></Grant>"
        ));
    }
    format!(
        "<AccessControlPolicy xmlns=\"{NAMESPACE}\"><Owner><ID>{owner}</ID></Owner>\
         <AccessControlList>{grants}</AccessControlList></AccessControlPolicy>"
    )
}

/// Writes the owner into a listing.
pub fn write_owner(call: &Call, writer: &mut Writer) {
    writer.open("Owner").text("ID", owner_id(call)).close();
}

/// Refuses what is no policy of a bucket.
pub fn check_policy(document: &str) -> Result<(), AwsError> {
    match Policy::parse(document, Kind::Resource) {
        Ok(_) => Ok(()),
        Err(malformed) => Err(error::malformed_policy(malformed.to_string())),
    }
}

/// Refuses names that no bucket may have.
/// Source: "General purpose bucket naming rules" in the S3 user guide.
pub fn check_name(name: &str) -> Result<(), AwsError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let fits = (3..=63).contains(&name.len())
        && name.chars().all(allowed)
        && edge(name.chars().next())
        && edge(name.chars().next_back())
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !name.starts_with("xn--")
        && !name.ends_with("-s3alias");
    match fits {
        true => Ok(()),
        false => Err(AwsError::new(400, "InvalidBucketName", "The specified bucket is not valid.")
            .with("BucketName", name)),
    }
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn names() {
        for good in ["abc", "a.b-c", "1ab", &"a".repeat(63)] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["ab", "Abc", "a_b", "-abc", "abc-", "a..b", "10.0.0.1", &"a".repeat(64)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
