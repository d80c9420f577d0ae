//! `data.aws_partition`.

use async_trait::async_trait;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Data, Failure};

pub struct Partition;

#[async_trait]
impl Data for Partition {
    async fn read(&self, cloud: &Cloud, mut config: Attributes) -> Result<Attributes, Failure> {
        let partition = cloud.partition();
        let china = partition == "aws-cn";
        config.extend(json!({
            "dns_suffix": if china { "amazonaws.com.cn" } else { "amazonaws.com" },
            "id": partition,
            "partition": partition,
            "reverse_dns_prefix": if china { "cn.com.amazonaws" } else { "com.amazonaws" },
        }));
        Ok(config)
    }
}
