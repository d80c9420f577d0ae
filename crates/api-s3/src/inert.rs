//! What of S3 is kept and does not act.

use neargate_api::model::s3::Bucket;
use neargate_api::{Inert, Snapshot};

use crate::bucket::policy_status::is_public;

/// The documents that nothing acts on, with what AWS would do.
const INERT: [(&str, &str, &str); 9] = [
    (
        "lifecycle",
        "LifecycleConfiguration",
        "Objects would expire or move to other storage classes by its rules.",
    ),
    ("logging", "BucketLogging", "Requests to the bucket would be logged into its target bucket."),
    ("cors", "CORSConfiguration", "Browsers would be answered by its rules."),
    ("website", "WebsiteConfiguration", "The bucket would be served as a web site."),
    ("replication", "ReplicationConfiguration", "New objects would be copied to its destinations."),
    ("accelerate", "AccelerateConfiguration", "Transfers would go through edge locations."),
    (
        "notification",
        "NotificationConfiguration",
        "Changes of objects would be sent to its targets.",
    ),
    (
        "object-lock",
        "ObjectLockConfiguration",
        "Versions would be kept from deletion for its retention.",
    ),
    (
        "acl",
        "AccessControlPolicy",
        "Requests would be let in by its grants; here only policies decide.",
    ),
];

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut all = Vec::new();
    for bucket in snapshot.all::<Bucket>() {
        let arn = format!("arn:aws:s3:::{}", bucket.name);
        for (name, field, on_aws) in INERT {
            // A load balancer's logs are private to the owner: that much every bucket is.
            let kept = bucket.configurations.get(name);
            let acts = kept.is_some_and(|kept| name != "acl" || kept.document.contains("Group"));
            let empty = kept.is_some_and(|kept| {
                matches!(name, "logging" | "notification") && !kept.document.contains("</")
            });
            if acts && !empty {
                all.push(Inert::new(&arn, field, on_aws));
            }
        }
        let policy = bucket.configurations.get("policy");
        if policy.is_some_and(|kept| is_public(&kept.document)) {
            let on_aws =
                "Requests without a signature would be let in by what it allows to everybody.";
            all.push(Inert::new(&arn, "Policy", on_aws));
        }
        let encryption = bucket.configurations.get("encryption");
        if encryption.is_some_and(|kept| kept.document.contains("aws:kms")) {
            let on_aws = "Objects would be encrypted with its key of KMS. Here they are as safe as the data directory.";
            all.push(Inert::new(&arn, "ServerSideEncryptionConfiguration", on_aws));
        }
    }
    all
}
