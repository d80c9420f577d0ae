//! The account and region that a configured provider speaks to.

use std::collections::BTreeMap;
use std::time::Duration;

use neargate_api_types::sts;
use neargate_aws_client::{CallError, Client, Until};
use neargate_ids::{Clock, Rng};
use neargate_wire::Operation;

/// What every resource works with.
#[derive(Clone)]
pub struct Cloud {
    pub client: Client,
    pub account: String,
    pub caller_arn: String,
    pub user_id: String,
    pub default_tags: BTreeMap<String, String>,
    pub rng: Rng,
    pub clock: Clock,
    /// What the resource's `timeouts` say of what is being done.
    pub(crate) limit: Option<Duration>,
}

impl Cloud {
    /// Asks who the caller is.
    ///
    /// # Errors
    /// STS's.
    pub async fn meet(
        client: Client,
        default_tags: BTreeMap<String, String>,
        rng: Rng,
        clock: Clock,
    ) -> Result<Cloud, CallError> {
        let caller = client.call::<sts::GetCallerIdentity>(&Default::default()).await?;
        Ok(Cloud {
            client,
            account: caller.account.unwrap_or_default(),
            caller_arn: caller.arn.unwrap_or_default(),
            user_id: caller.user_id.unwrap_or_default(),
            default_tags,
            rng,
            clock,
            limit: None,
        })
    }

    /// The same, for something that has a limit of its own.
    pub fn bounded(&self, limit: Option<Duration>) -> Cloud {
        Cloud { limit, ..self.clone() }
    }

    /// Calls an operation.
    ///
    /// # Errors
    /// The service's.
    pub async fn call<O: Operation>(&self, input: &O::Input) -> Result<O::Output, CallError> {
        self.client.call::<O>(input).await
    }

    pub fn region(&self) -> &str {
        self.client.region()
    }

    /// The region's partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &'static str {
        match self.region() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// The ARN of something of this account and region.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let (partition, region, account) = (self.partition(), self.region(), &self.account);
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// A name that begins with a prefix, or with Terraform's where none is given: the time and a
    /// number, so that later ones sort later.
    pub fn unique_name(&self, prefix: Option<&str>) -> String {
        let now = self.clock.wall();
        let tick = format!("{}{}", now.format("%Y%m%d%H%M%S%3f"), self.rng.below(10));
        format!("{}{tick}{:08x}", prefix.unwrap_or("terraform-"), self.rng.below(1 << 32))
    }

    /// The name that is given, or one that begins with the prefix that is.
    pub fn name_of(&self, attributes: &crate::attributes::Attributes) -> String {
        match attributes.string("name") {
            Some(name) => name,
            None => self.unique_name(attributes.text("name_prefix")),
        }
    }

    /// How long is waited for what AWS does by itself, where `timeouts` do not say.
    pub fn patience(&self, minutes: u64) -> Until {
        Until::within(self.limit.unwrap_or(Duration::from_secs(minutes * 60)))
    }

    /// How long is waited until what was done is known everywhere, whatever `timeouts` say.
    pub fn spread(&self, minutes: u64) -> Until {
        Until::within(Duration::from_secs(minutes * 60))
    }
}
