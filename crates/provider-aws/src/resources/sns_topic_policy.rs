//! `aws_sns_topic_policy`: the policy of a topic. A topic is never without: deleting
//! this gives it the one back that SNS makes topics with.

use async_trait::async_trait;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Resource};
use crate::resources::sns_topic::{attributes, set};

pub struct TopicPolicy;

#[async_trait]
impl Resource for TopicPolicy {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["arn"], json: &["policy"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let arn = planned.required("arn");
        set(cloud, &arn, "Policy", planned.string("policy")).await?;
        Ok(arn)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let arn = known.id();
        let Some(has) = attributes(cloud, &arn).await? else { return Ok(None) };
        let document = has.get("Policy").map(String::as_str).unwrap_or_default();
        let policy = policy::kept(known.text("policy"), document);
        known.extend(json!({ "arn": arn, "owner": has.get("Owner"), "policy": policy }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        set(cloud, &planned.id(), "Policy", planned.string("policy")).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let arn = prior.id();
        if attributes(cloud, &arn).await?.is_none() {
            return Ok(());
        }
        set(cloud, &arn, "Policy", Some(first_policy(&arn, &cloud.account))).await
    }
}

/// The policy of a new topic: everything to its account.
fn first_policy(arn: &str, account: &str) -> String {
    let actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    ];
    let actions = actions.map(|action| format!("SNS:{action}"));
    let document = json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": actions,
            "Resource": arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": account } },
        }],
    });
    document.to_string()
}
