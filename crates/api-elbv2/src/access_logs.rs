//! Access logs: where a load balancer's go, and whether the bucket lets them in. Asked when
//! they are switched on, and again by the loop that delivers them. Source: "Enable access
//! logs for your Application Load Balancer" in its user guide.

use neargate_api::model::elbv2::LoadBalancer;
use neargate_api::model::s3::Bucket;
use neargate_api::types::elbv2::error;
use neargate_api::{AwsError, Snapshot, Timestamp};
use neargate_api_s3::{OnBehalf, account_may, service_may};

/// The principal that load balancers write their logs as.
const SERVICE: &str = "logdelivery.elasticloadbalancing.amazonaws.com";

/// AWS's own accounts that a policy may name instead, in the regions that are that old.
const ACCOUNTS: [(&str, &str); 24] = [
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
];

/// Where the logs of a load balancer go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    pub region: String,
    pub load_balancer_arn: String,
    pub bucket: String,
    /// Of every key: `<prefix>/AWSLogs/<account>`.
    pub folder: String,
}

impl Destination {
    /// `None` where the logs are off.
    pub fn of(balancer: &LoadBalancer, account: &str) -> Option<Self> {
        if balancer.attribute("access_logs.s3.enabled") != "true" {
            return None;
        }
        let prefix = match balancer.attribute("access_logs.s3.prefix") {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Some(Destination {
            region: balancer.region.clone(),
            load_balancer_arn: balancer.arn.clone(),
            bucket: balancer.attribute("access_logs.s3.bucket").to_owned(),
            folder: format!("{prefix}AWSLogs/{account}"),
        })
    }

    /// The object by which AWS tries whether it may write.
    pub fn test_key(&self) -> String {
        format!("{}/ELBAccessLogTestFile", self.folder)
    }

    /// Whether the bucket is there, in the load balancer's region, and its policy lets the
    /// logs in at `key`.
    pub fn admits(
        &self,
        snapshot: &Snapshot,
        account: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let name = &self.bucket;
        let refused = error::invalid_configuration_request_exception;
        let Some(bucket) = snapshot.get::<Bucket>(name) else {
            return Err(refused(format!("S3Bucket: {name} does not exist")));
        };
        if bucket.region != self.region {
            return Err(refused(format!(
                "S3Bucket: {name} is in {}, and must be in the region of the load balancer, {}",
                bucket.region, self.region
            )));
        }
        let by = OnBehalf { service: SERVICE, source_arn: &self.load_balancer_arn, account, now };
        let put = "s3:PutObject";
        let old = ACCOUNTS.iter().find(|(region, _)| *region == self.region);
        let allowed = service_may(snapshot, by, name, put, Some(key)).is_ok()
            || old.is_some_and(|(_, account)| {
                account_may(snapshot, account, by, name, put, Some(key)).is_ok()
            });
        match allowed {
            true => Ok(()),
            false => Err(refused(format!(
                "Access Denied for bucket: {name}. Please check S3bucket permission"
            ))),
        }
    }
}
