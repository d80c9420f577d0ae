//! `data.aws_lb`: the load balancer with an ARN, a name, or tags.

use async_trait::async_trait;
use neargate_api_types::elbv2;
use neargate_aws_client::pages;
use serde_json::Value as Json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Data, Failure};
use crate::resources::lb::{attributes, described, settings};
use crate::tags;

pub struct Lb;

#[async_trait]
impl Data for Lb {
    async fn read(&self, cloud: &Cloud, mut config: Attributes) -> Result<Attributes, Failure> {
        let arns = config.string("arn").map(|arn| vec![arn]);
        let names = config.string("name").filter(|_| arns.is_none()).map(|name| vec![name]);
        let all = pages(|marker| async {
            let input = elbv2::DescribeLoadBalancersInput {
                load_balancer_arns: arns.clone(),
                marker,
                names: names.clone(),
                page_size: None,
            };
            let page = cloud.call::<elbv2::DescribeLoadBalancers>(&input).await?;
            Ok((page.load_balancers.unwrap_or_default(), page.next_marker))
        })
        .await?;
        let wanted = config.map("tags");
        let mut found = Vec::new();
        for lb in all {
            let arn = lb.load_balancer_arn.clone().unwrap_or_default();
            let tags = tags::elbv2::of(cloud, &arn).await?;
            if wanted.iter().all(|(key, value)| tags.get(key) == Some(value)) {
                found.push((arn, tags, lb));
            }
        }
        let count = found.len();
        let Some((arn, tags, lb)) = found.pop().filter(|_| count == 1) else {
            return Err(Failure::told(format!(
                "{count} load balancers are like that, and it has to be one: set arn, or name, or tags that only it has"
            )));
        };
        let of_type = lb.r#type.clone();
        config.extend(described(lb));
        config.extend(settings::described(&attributes(cloud, &arn, of_type.as_deref()).await?));
        let tags: serde_json::Map<String, Json> = tags
            .into_iter()
            .filter(|(key, _)| !key.starts_with("aws:"))
            .map(|(key, value)| (key, value.into()))
            .collect();
        config.set("tags", tags);
        config.set("id", arn);
        Ok(config)
    }
}
