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
    /// The mark of what is being made: a name that has to be unique is made of it, so that it is
    /// the same when what became of it is asked for.
    pub(crate) mark: Option<String>,
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
            mark: None,
        })
    }

    /// The same, for something that has a limit of its own.
    pub fn bounded(&self, limit: Option<Duration>) -> Cloud {
        Cloud { limit, ..self.clone() }
    }

    /// The same, for something that is made with a mark.
    pub fn making(&self, mark: &str) -> Cloud {
        Cloud { mark: Some(mark.to_owned()), ..self.clone() }
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

    /// A name that begins with a prefix, or with Terraform's where none is given, and goes on with
    /// 26 digits as Terraform's do: those of the mark, or else the time and a number.
    pub fn unique_name(&self, prefix: Option<&str>) -> String {
        let prefix = prefix.unwrap_or("terraform-");
        if let Some(mark) = &self.mark {
            return format!("{prefix}{}", mark.chars().cycle().take(26).collect::<String>());
        }
        let now = self.clock.wall();
        let tick = format!("{}{}", now.format("%Y%m%d%H%M%S%3f"), self.rng.below(10));
        format!("{prefix}{tick}{:08x}", self.rng.below(1 << 32))
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
