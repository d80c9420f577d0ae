//! CreateBucket.

use std::collections::BTreeMap;

use neargate_api::AwsError;
use neargate_api::model::s3::{Bucket, Configuration, Versioning};

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::{bucket, error, xml};

pub async fn call(call: &Call, body: &[u8]) -> Result<Answer, AwsError> {
    let name = call.bucket_name()?.to_owned();
    call.authorize("s3:CreateBucket", &format!("arn:aws:s3:::{name}"), None)?;
    bucket::check_name(&name)?;
    let asked = Asked::read(body)?;
    let region = region(call, asked.location)?;
    let object_lock = call
        .header("x-amz-bucket-object-lock-enabled")
        .is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let made = Bucket {
        region,
        name: name.clone(),
        created_at: call.ctx.now,
        versioning: if object_lock { Versioning::Enabled } else { Versioning::Off },
        object_lock,
        configurations: configurations(call, object_lock, asked.tag_set)?,
        tags: asked.tags,
    };
    let location = format!("/{name}");
    call.ctx
        .write(move |tx| {
            if tx.contains::<Bucket>(&name) {
                return Err(AwsError::new(
                    409,
                    "BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already own it.",
                )
                .with("BucketName", name));
            }
            tx.put(made);
            Ok(())
        })
        .await?;
    Ok(answer::with(answer::ok(), "location", location))
}

/// What stands in the body.
#[derive(Default)]
struct Asked {
    location: Option<String>,
    tags: neargate_api::Tags,
    tag_set: Option<String>,
}

impl Asked {
    fn read(body: &[u8]) -> Result<Asked, AwsError> {
        if body.is_empty() {
            return Ok(Asked::default());
        }
        let read = xml::read(body)?;
        if read.name != "CreateBucketConfiguration" {
            return Err(error::malformed_xml());
        }
        let mut asked = Asked {
            location: read.text_of("LocationConstraint").map(str::to_owned),
            ..Asked::default()
        };
        if let Some(tags) = read.child("Tags") {
            for tag in tags.all("Tag") {
                let text = |name| tag.text_of(name).unwrap_or_default().to_owned();
                asked.tags.insert(text("Key"), text("Value"));
            }
            asked.tag_set = Some(crate::object::tagging::document(&asked.tags));
        }
        Ok(asked)
    }
}

/// Outside of us-east-1, the region of the request must be named.
fn region(call: &Call, location: Option<String>) -> Result<String, AwsError> {
    let signed = call.ctx.region.as_str();
    match location.as_deref() {
        Some(location) if location == signed && location != "us-east-1" => Ok(signed.to_owned()),
        None if signed == "us-east-1" => Ok(signed.to_owned()),
        Some(location) if signed == "us-east-1" && location != "us-east-1" => {
            Ok(location.to_owned())
        }
        Some("us-east-1") => Err(AwsError::new(
            400,
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
        )),
        other => Err(AwsError::new(
            400,
            "IllegalLocationConstraintException",
            format!(
                "The {} location constraint is incompatible for the region specific endpoint this request was sent \
                 to.",
                other.unwrap_or("unspecified")
            ),
        )),
    }
}

/// What every new bucket has, and what headers ask for.
fn configurations(
    call: &Call,
    object_lock: bool,
    tag_set: Option<String>,
) -> Result<BTreeMap<String, Configuration>, AwsError> {
    let mut all = BTreeMap::new();
    let mut keep = |name: &str, root: &str, inner: &str| {
        let document = format!("<{root} xmlns=\"{}\">{inner}</{root}>", xml::NAMESPACE);
        all.insert(name.to_owned(), Configuration { document, headers: BTreeMap::new() });
    };
    let ownership = call.header("x-amz-object-ownership").unwrap_or("BucketOwnerEnforced");
    if !["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"].contains(&ownership) {
        return Err(error::invalid_argument(format!("There is no object ownership {ownership}")));
    }
    keep(
        "ownershipControls",
        "OwnershipControls",
        &format!("<Rule><ObjectOwnership>{ownership}</ObjectOwnership></Rule>"),
    );
    let block =
        ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
            .map(|name| format!("<{name}>true</{name}>"))
            .concat();
    keep("publicAccessBlock", "PublicAccessBlockConfiguration", &block);
    if object_lock {
        keep(
            "object-lock",
            "ObjectLockConfiguration",
            "<ObjectLockEnabled>Enabled</ObjectLockEnabled>",
        );
        keep("versioning", "VersioningConfiguration", "<Status>Enabled</Status>");
    }
    let mut put = |name: &str, document: String| {
        all.insert(name.to_owned(), Configuration { document, headers: BTreeMap::new() });
    };
    if let Some(document) = tag_set {
        put("tagging", document);
    }
    if call.header("x-amz-acl").is_some() {
        put("acl", bucket::canned_acl(call)?);
    }
    Ok(all)
}
