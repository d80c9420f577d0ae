//! `aws_elb_service_account`: the account from which a region's load balancers write
//! their access logs. Regions since August 2022 have none. Source: "Enable access logs
//! for your Application Load Balancer" of AWS's documentation.

use async_trait::async_trait;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Data, Failure};

pub struct ElbServiceAccount;

const ACCOUNTS: [(&str, &str); 27] = [
    ("af-south-1", "098369216593"),
    ("ap-east-1", "754344448648"),
    ("ap-northeast-1", "582318560864"),
    ("ap-northeast-2", "600734575887"),
    ("ap-northeast-3", "383597477331"),
    ("ap-south-1", "718504428378"),
    ("ap-southeast-1", "114774131450"),
    ("ap-southeast-2", "783225319266"),
    ("ap-southeast-3", "589379963580"),
    ("ca-central-1", "985666609251"),
    ("cn-north-1", "638102146993"),
    ("cn-northwest-1", "037604701340"),
    ("eu-central-1", "054676820928"),
    ("eu-north-1", "897822967062"),
    ("eu-south-1", "635631232127"),
    ("eu-west-1", "156460612806"),
    ("eu-west-2", "652711504416"),
    ("eu-west-3", "009996457667"),
    ("me-south-1", "076674570225"),
    ("sa-east-1", "507241528517"),
    ("us-east-1", "127311923021"),
    ("us-east-2", "033677994240"),
    ("us-gov-east-1", "190560391635"),
    ("us-gov-west-1", "048591011584"),
    ("us-west-1", "027434742980"),
    ("us-west-2", "797873946194"),
    ("us-iso-east-1", "770363063475"),
];

#[async_trait]
impl Data for ElbServiceAccount {
    async fn read(&self, cloud: &Cloud, mut config: Attributes) -> Result<Attributes, Failure> {
        let region = config.string("region").unwrap_or_else(|| cloud.region().to_owned());
        let account =
            ACCOUNTS.iter().find(|(name, _)| *name == region).map(|(_, account)| *account);
        let Some(account) = account else {
            return Err(Failure::told(format!(
                "Load balancers of {region} have no account: let the service \
                 logdelivery.elasticloadbalancing.amazonaws.com write instead"
            )));
        };
        let partition = match region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            region if region.starts_with("us-iso-") => "aws-iso",
            _ => "aws",
        };
        config.set("id", account);
        config.set("arn", format!("arn:{partition}:iam::{account}:root"));
        Ok(config)
    }
}
