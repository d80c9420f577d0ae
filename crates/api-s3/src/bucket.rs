//! Buckets: what their operations share.

pub mod create;
pub mod delete;
pub mod head;
pub mod list;
pub mod location;
pub mod policy_status;

use neargate_api::AwsError;
use neargate_api::model::s3::Bucket;
use neargate_authz::{Kind, Policy, Scope, arn_matches};

use crate::error;
use crate::service::Call;
use crate::xml::{self, NAMESPACE, Writer};

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

/// Refuses what is no policy of this bucket.
pub fn check_policy(bucket: &Bucket, document: &str) -> Result<(), AwsError> {
    let policy = Policy::parse(document, Kind::Resource)
        .map_err(|malformed| error::malformed_policy(malformed.to_string()))?;
    let arn = format!("arn:aws:s3:::{}", bucket.name);
    let is_of_bucket = |pattern: &String| {
        pattern == "*" || arn_matches(pattern, &arn) || pattern.starts_with(&format!("{arn}/"))
    };
    let is_of_s3 = |action: &String| action == "*" || action.to_lowercase().starts_with("s3:");
    for statement in &policy.statements {
        let (Scope::These(actions) | Scope::AllBut(actions)) = &statement.actions;
        if !actions.iter().all(is_of_s3) {
            return Err(error::malformed_policy("Policy has invalid action"));
        }
        let Some(Scope::These(resources) | Scope::AllBut(resources)) = &statement.resources else {
            return Err(error::malformed_policy("Missing required field Resource"));
        };
        if !resources.iter().all(is_of_bucket) {
            return Err(error::malformed_policy("Policy has invalid resource"));
        }
    }
    if blocks_public_policies(bucket) && policy_status::is_public(document) {
        return Err(error::access_denied(format!(
            "User is not authorized to perform: s3:PutBucketPolicy on resource: \"{arn}\" because \
             public policies are blocked by the BlockPublicPolicy block public access setting."
        )));
    }
    Ok(())
}

/// Whether the bucket's block of public access keeps public policies away.
fn blocks_public_policies(bucket: &Bucket) -> bool {
    let block = bucket.configurations.get("publicAccessBlock");
    let read = block.and_then(|kept| xml::read(kept.document.as_bytes()).ok());
    read.is_some_and(|block| block.text_of("BlockPublicPolicy") == Some("true"))
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
    use std::collections::BTreeMap;

    use expect_test::expect;
    use neargate_api::Timestamp;
    use neargate_api::model::s3::{Bucket, Configuration, Versioning};

    use super::{check_name, check_policy};

    /// A bucket `b`, with its block of public access where there is one.
    fn bucket(block: Option<&str>) -> Bucket {
        let configuration = |document: &str| Configuration {
            document: document.to_owned(),
            headers: BTreeMap::new(),
        };
        Bucket {
            region: "us-west-2".into(),
            name: "b".into(),
            created_at: Timestamp(0),
            versioning: Versioning::Off,
            object_lock: false,
            tags: BTreeMap::new(),
            configurations: block
                .map(|document| ("publicAccessBlock".into(), configuration(document)))
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn policies_are_of_their_bucket() {
        let check = |block, action: &str, resource: &str| {
            let policy = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"{action}","Resource":"{resource}"}}]}}"#
            );
            check_policy(&bucket(block), &policy).map_err(|error| error.to_string())
        };
        for good in ["arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/a/*", "*"] {
            assert_eq!(check(None, "s3:GetObject", good), Ok(()), "{good}");
        }
        let block = "<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy>\
                     </PublicAccessBlockConfiguration>";
        let refused = [
            check(None, "s3:GetObject", "arn:aws:s3:::bb/*"),
            check(None, "ec2:RunInstances", "arn:aws:s3:::b"),
            check(Some(block), "s3:GetObject", "arn:aws:s3:::b/*"),
        ];
        let refused: Vec<String> = refused.into_iter().filter_map(Result::err).collect();
        expect![[r#"
            MalformedPolicy: Policy has invalid resource
            MalformedPolicy: Policy has invalid action
            AccessDenied: User is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::b" because public policies are blocked by the BlockPublicPolicy block public access setting."#]]
        .assert_eq(&refused.join("\n"));
    }

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
