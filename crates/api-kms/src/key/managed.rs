//! The keys that AWS makes for its services, each when it is first asked for.

use std::sync::Arc;

use neargate_api::model::kms::{self as model, Alias, Key, Rotation, State};
use neargate_api::{AwsError, Ctx};

use crate::key;
use crate::key::material::{DAY_SECS, draw};

/// Services that have a key of their own: `alias/aws/…`, and what its description says.
pub const SERVICES: [(&str, &str); 10] = [
    ("acm", "ACM"),
    ("ebs", "EBS"),
    ("ecr", "ECR"),
    ("lambda", "Lambda"),
    ("logs", "CloudWatch Logs"),
    ("rds", "RDS"),
    ("s3", "S3"),
    ("secretsmanager", "Secrets Manager"),
    ("sns", "SNS"),
    ("ssm", "SSM"),
];

const ROTATION_DAYS: i32 = 365;

/// The key of an id, ARN or alias. One of AWS's own is made if it is not there yet.
pub async fn find_or_make(ctx: &Ctx, given: &str) -> Result<Arc<Key>, AwsError> {
    let found = key::find(ctx, given);
    let Some(at) = given.find("alias/aws/").filter(|_| found.is_err()) else { return found };
    let alias = &given[at..];
    let foreign = given.starts_with("arn:") && given != ctx.arn("kms", alias);
    let service = SERVICES.iter().find(|(name, _)| alias == format!("alias/aws/{name}"));
    match service {
        Some((name, title)) if !foreign => make(ctx, name, title).await,
        _ => found,
    }
}

async fn make(ctx: &Ctx, service: &str, title: &str) -> Result<Arc<Key>, AwsError> {
    let id = ctx.rng().uuid();
    let made = Key {
        region: ctx.region.clone(),
        arn: ctx.arn("kms", format!("key/{id}")),
        description: format!(
            "Default key that protects my {title} data when no other key is defined"
        ),
        created: ctx.now,
        state: State::Enabled,
        managed_by_aws: true,
        policy: policy(ctx, service),
        rotation: Some(Rotation {
            period_days: ROTATION_DAYS,
            next: ctx.now.plus_secs(i64::from(ROTATION_DAYS) * DAY_SECS),
        }),
        materials: vec![draw(ctx, &id)],
        tags: Default::default(),
        id,
    };
    let alias = Alias {
        region: ctx.region.clone(),
        name: format!("alias/aws/{service}"),
        arn: ctx.arn("kms", format!("alias/aws/{service}")),
        target: made.id.clone(),
        created: ctx.now,
        updated: ctx.now,
    };
    let now = ctx.now;
    ctx.write(move |tx| {
        if let Some(there) = model::find(tx.view(), &alias.region, &alias.name, now) {
            return Ok(there);
        }
        tx.put(alias);
        tx.put(made.clone());
        Ok(Arc::new(made))
    })
    .await
}

/// Everybody of the account, through the service.
fn policy(ctx: &Ctx, service: &str) -> String {
    let (account, region) = (ctx.account(), &ctx.region);
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-{service}-2",
  "Statement" : [ {{
    "Sid" : "AllowThroughTheService",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "{service}.{region}.amazonaws.com"
      }}
    }}
  }}, {{
    "Sid" : "AllowMetadata",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{account}:root"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  }} ]
}}"#
    )
}
