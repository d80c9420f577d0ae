//! `aws_s3_bucket`: the bucket and its tags. All other parts of its configuration have
//! resources of their own; the attributes that the bucket once had for them show what
//! S3 has, and cannot be set here.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_aws_client::s3::Part;
use neargate_wire::read::Element;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource};
use crate::resources::s3::{self, tag, text};
use crate::resources::security_group::prefix_of;
use crate::tags;

pub struct Bucket;

#[async_trait]
impl Resource for Bucket {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["bucket", "bucket_prefix", "object_lock_enabled"],
            defaults: &[("force_destroy", Fallback::Bool(false))],
            filled: &[
                "cors_rule",
                "grant",
                "lifecycle_rule",
                "logging",
                "object_lock_configuration",
                "replication_configuration",
                "server_side_encryption_configuration",
                "versioning",
                "website",
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        supported(planned)?;
        let name = name(cloud, planned);
        s3::bucket(cloud, &name).create(planned.is("object_lock_enabled")).await?;
        Ok(name)
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        let tags = planned.map("tags_all");
        if !tags.is_empty() {
            put_tags(cloud, &planned.id(), &tags).await?;
        }
        put_settings(cloud, &Attributes::default(), planned).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let name = known.id();
        if !s3::bucket(cloud, &name).exists().await? {
            return Ok(None);
        }
        let setting = |document: Option<Element>, name: &str| {
            document.and_then(|document| document.text_of(name).map(str::to_owned))
        };
        let acceleration = setting(s3::element(cloud, &name, Part::Accelerate).await?, "Status");
        let payer = setting(s3::element(cloud, &name, Part::RequestPayment).await?, "Payer");
        let lock = s3::element(cloud, &name, Part::ObjectLock).await?;
        let is_locked = setting(lock, "ObjectLockEnabled").as_deref() == Some("Enabled");
        let region = cloud.region();
        let domain =
            if cloud.partition() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        known.extend(json!({
            "acceleration_status": acceleration.unwrap_or_default(),
            "arn": format!("arn:{}:s3:::{name}", cloud.partition()),
            "bucket": name,
            "bucket_domain_name": format!("{name}.s3.amazonaws.com"),
            "bucket_prefix": prefix_of(&name, &with_prefix(&known)),
            "bucket_regional_domain_name": format!("{name}.s3.{region}.{domain}"),
            "grant": grants(s3::element(cloud, &name, Part::Acl).await?),
            "hosted_zone_id": hosted_zone(region),
            "object_lock_enabled": is_locked,
            "policy": s3::get(cloud, &name, Part::Policy).await?.unwrap_or_default(),
            "region": region,
            "request_payer": payer.unwrap_or_else(|| "BucketOwner".to_owned()),
            "server_side_encryption_configuration":
                encryption(s3::element(cloud, &name, Part::Encryption).await?),
            "versioning": versioning(s3::element(cloud, &name, Part::Versioning).await?),
        }));
        tags::set(&mut known, cloud, read_tags(s3::element(cloud, &name, Part::Tagging).await?));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        supported(planned)?;
        put_settings(cloud, prior, planned).await?;
        if tags::changes(prior, planned).is_none() {
            return Ok(());
        }
        let wanted = planned.map("tags_all");
        if wanted.is_empty() {
            return s3::remove(cloud, &planned.id(), Part::Tagging).await;
        }
        put_tags(cloud, &planned.id(), &wanted).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let name = prior.id();
        let bucket = s3::bucket(cloud, &name);
        loop {
            match bucket.delete().await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_any(&s3::MISSING) => return Ok(()),
                // What is written meanwhile is deleted in the next round.
                Err(error) if prior.is("force_destroy") && error.is_any(&["BucketNotEmpty"]) => {
                    bucket.empty().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// What has a resource of its own.
const ELSEWHERE: [(&str, &str); 6] = [
    ("cors_rule", "aws_s3_bucket_cors_configuration"),
    ("lifecycle_rule", "aws_s3_bucket_lifecycle_configuration"),
    ("logging", "aws_s3_bucket_logging"),
    ("object_lock_configuration", "aws_s3_bucket_object_lock_configuration"),
    ("replication_configuration", "aws_s3_bucket_replication_configuration"),
    ("website", "aws_s3_bucket_website_configuration"),
];

fn supported(planned: &Attributes) -> Result<(), Failure> {
    if let Some((name, other)) = ELSEWHERE.iter().find(|(name, _)| planned.block(name).is_some()) {
        return Err(Failure::told(format!(
            "aws_s3_bucket does not support {name}: it belongs into {other}"
        )));
    }
    if planned.text("acl").is_some() {
        return Err(Failure::told("aws_s3_bucket does not support acl: leave it out"));
    }
    Ok(())
}

/// What is not given, or as before, stays.
async fn put_settings(
    cloud: &Cloud,
    prior: &Attributes,
    planned: &Attributes,
) -> Result<(), Failure> {
    let settings = [
        ("acceleration_status", Part::Accelerate, "AccelerateConfiguration", "Status"),
        ("request_payer", Part::RequestPayment, "RequestPaymentConfiguration", "Payer"),
    ];
    for (ours, part, root, theirs) in settings {
        if let Some(value) = planned.text(ours).filter(|_| prior.differs(planned, ours)) {
            let document = s3::document(root, &text(theirs, Some(value)));
            s3::put(cloud, &planned.id(), part, document).await?;
        }
    }
    Ok(())
}

/// What is known of the prefix, under the name that other resources have it by.
fn with_prefix(known: &Attributes) -> Attributes {
    let mut named = Attributes::default();
    named.set("name_prefix", known.get("bucket_prefix").clone());
    named
}

async fn put_tags(
    cloud: &Cloud,
    name: &str,
    tags: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let one = |(key, value): (&String, &String)| {
        tag("Tag", &format!("{}{}", text("Key", Some(key)), text("Value", Some(value))))
    };
    let set: String = tags.iter().map(one).collect();
    s3::put(cloud, name, Part::Tagging, s3::document("Tagging", &tag("TagSet", &set))).await
}

fn read_tags(tagging: Option<Element>) -> BTreeMap<String, String> {
    let set = tagging.as_ref().and_then(|tagging| tagging.child("TagSet"));
    let pair = |tag: &Element| {
        let text = |name| tag.text_of(name).unwrap_or_default().to_owned();
        (text("Key"), text("Value"))
    };
    set.into_iter().flat_map(|set| set.all("Tag")).map(pair).collect()
}

/// Who may what: all permissions of a grantee together.
fn grants(acl: Option<Element>) -> Vec<Json> {
    let list = acl.as_ref().and_then(|acl| acl.child("AccessControlList"));
    let mut grants: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    for grant in list.into_iter().flat_map(|list| list.all("Grant")) {
        let Some(grantee) = grant.child("Grantee") else { continue };
        let text = |name| grantee.text_of(name).unwrap_or_default().to_owned();
        let (id, uri) = (text("ID"), text("URI"));
        let kind = if uri.is_empty() { "CanonicalUser" } else { "Group" };
        let permission = grant.text_of("Permission").unwrap_or_default().to_owned();
        grants.entry((id, kind.to_owned(), uri)).or_default().push(permission);
    }
    let one = |((id, kind, uri), permissions)| json!({ "id": id, "permissions": permissions, "type": kind, "uri": uri });
    grants.into_iter().map(one).collect()
}

fn encryption(configuration: Option<Element>) -> Vec<Json> {
    let rule = |rule: &Element| {
        let default = rule.child("ApplyServerSideEncryptionByDefault");
        let default = default.map(|default| {
            json!({
                "kms_master_key_id": default.text_of("KMSMasterKeyID").unwrap_or_default(),
                "sse_algorithm": default.text_of("SSEAlgorithm").unwrap_or_default(),
            })
        });
        json!({
            "apply_server_side_encryption_by_default": default.into_iter().collect::<Vec<_>>(),
            "bucket_key_enabled": rule.text_of("BucketKeyEnabled") == Some("true"),
        })
    };
    let rules = configuration.map(|all| all.all("Rule").map(rule).collect::<Vec<_>>());
    rules.into_iter().map(|rules| json!({ "rule": rules })).collect()
}

fn versioning(configuration: Option<Element>) -> Vec<Json> {
    let is = |name, wanted| {
        configuration.as_ref().and_then(|all| all.text_of(name)).is_some_and(|is| is == wanted)
    };
    vec![json!({ "enabled": is("Status", "Enabled"), "mfa_delete": is("MfaDelete", "Enabled") })]
}

/// The zone of a region's S3 for alias records. Source: "Amazon S3 endpoints and quotas" of AWS's
/// General Reference.
fn hosted_zone(region: &str) -> Option<&'static str> {
    Some(match region {
        "af-south-1" => "Z83WF9RJE8B12",
        "ap-east-1" => "ZNB98KWMFR0R6",
        "ap-northeast-1" => "Z2M4EHUR26P7ZW",
        "ap-northeast-2" => "Z3W03O7B5YMIYP",
        "ap-northeast-3" => "Z2YQB5RD63NC85",
        "ap-south-1" => "Z11RGJOFQNVJUP",
        "ap-southeast-1" => "Z3O0J2DXBE1FTB",
        "ap-southeast-2" => "Z1WCIGYICN2BYD",
        "ap-southeast-3" => "Z01846753K324LI26A3VV",
        "ca-central-1" => "Z1QDHH18159H29",
        "eu-central-1" => "Z21DNDUVLTQW6Q",
        "eu-north-1" => "Z3BAZG2TWCNX0D",
        "eu-south-1" => "Z30OZKI7KPW7MI",
        "eu-west-1" => "Z1BKCTXD74EZPE",
        "eu-west-2" => "Z3GKZC51ZF0DB4",
        "eu-west-3" => "Z3R1K369G5AVDG",
        "me-south-1" => "Z1MPMWCPA7YB62",
        "sa-east-1" => "Z7KQH4QJS55SO",
        "us-east-1" => "Z3AQBSTGFYJSTF",
        "us-east-2" => "Z2O1EMRO9K5GLX",
        "us-gov-east-1" => "Z2NIFVYYW2VKV1",
        "us-gov-west-1" => "Z31GFT0UA1I2HV",
        "us-west-1" => "Z2F56UZL2M1ACD",
        "us-west-2" => "Z3BJ6K6RIION7M",
        _ => return None,
    })
}

/// What a new bucket is called.
pub fn name(cloud: &Cloud, planned: &Attributes) -> String {
    let given = planned.string("bucket");
    given.unwrap_or_else(|| cloud.unique_name(planned.text("bucket_prefix")))
}
