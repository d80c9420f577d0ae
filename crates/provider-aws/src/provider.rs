//! The provider before it is configured, and how a `provider "aws"` block becomes a
//! client: what it does not say, the environment and AWS's files do.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use neargate_aws_client::{
    Client, Config, Credentials, Endpoints, Identity, RetryPolicy, Surroundings,
};
use neargate_hcl::{Diagnostic, Value};
use neargate_ids::{Clock, Rng};
use neargate_stack::address::Mode;
use neargate_stack::provider::{Configured, Problems, Provider};
use neargate_stack::schema::{Schema, aws};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::configured::{Session, to_attributes};
use crate::{data, resources, unsent};

/// The provider's address.
pub const SOURCE: &str = "registry.terraform.io/hashicorp/aws";

/// As often as Terraform's provider tries: what is throttled is waited for.
const ATTEMPTS: u32 = 25;

/// Requests at once.
const AT_ONCE: usize = 16;

/// The provider.
pub struct Aws {
    surroundings: Surroundings,
    /// Where all calls go, whatever a `provider` block says: a Neargate. None: AWS.
    endpoint: Option<String>,
    rng: Rng,
    clock: Clock,
}

impl Aws {
    pub fn new(
        surroundings: Surroundings,
        endpoint: Option<String>,
        rng: Rng,
        clock: Clock,
    ) -> Self {
        Aws { surroundings, endpoint, rng, clock }
    }

    fn client(&self, config: &Attributes) -> Result<Client, String> {
        let surroundings = match config.text("profile") {
            Some(profile) => self.surroundings.clone().with_profile(profile),
            None => self.surroundings.clone(),
        };
        let region = config.text("region").or_else(|| surroundings.region());
        let region =
            region.ok_or("No region: set `region` in the provider block, or AWS_REGION")?;
        let credentials = match (config.string("access_key"), config.string("secret_key")) {
            (Some(id), Some(secret)) => {
                let session_token = config.string("token");
                Credentials::fixed(Identity { session_token, ..Identity::lasting(id, secret) })
            }
            (None, None) => Credentials::from(&surroundings)
                .map_err(|error| format!("No credentials: {error}"))?,
            _ => return Err("Set both access_key and secret_key, or neither".to_owned()),
        };
        let endpoints = match &self.endpoint {
            Some(url) => Endpoints::at(url),
            None => Endpoints::from(&surroundings),
        };
        let attempts = config.number("max_retries").and_then(|n| u32::try_from(n).ok());
        let retry =
            RetryPolicy { attempts: attempts.unwrap_or(ATTEMPTS).max(1), ..RetryPolicy::default() };
        let client = Client::new(Config {
            region: region.to_owned(),
            endpoints,
            credentials,
            retry,
            at_once: AT_ONCE,
            clock: self.clock.clone(),
            rng: self.rng.clone(),
        });
        client.map_err(|error| format!("TLS cannot be set up: {error}"))
    }
}

/// Settings of the block that would change what is done, and are not there yet.
const UNSUPPORTED: [&str; 5] = [
    "assume_role",
    "assume_role_with_web_identity",
    "ignore_tags",
    "custom_ca_bundle",
    "http_proxy",
];

#[async_trait]
impl Provider for Aws {
    /// Of more types than can be made: a module may declare what a stack does not use. What it
    /// does use and cannot be made is refused by the plan.
    fn schema(&self, mode: Mode, of_type: &str) -> Option<Arc<Schema>> {
        aws().get(mode, of_type)
    }

    fn types(&self, mode: Mode) -> Vec<String> {
        match mode {
            Mode::Managed => resources::types(),
            Mode::Data => data::types(),
        }
    }

    fn config_schema(&self) -> Arc<Schema> {
        aws().provider()
    }

    fn validate(&self, mode: Mode, of_type: &str, config: &Value) -> Problems {
        unsent::problems(mode, of_type, &to_attributes(config.clone()))
    }

    async fn configure(&self, config: Value) -> Result<Arc<dyn Configured>, Problems> {
        let failed = |summary: &str, detail: String| vec![Diagnostic::error(summary, detail)];
        let config = to_attributes(config);
        for name in UNSUPPORTED {
            let given = config.text(name).is_some() || config.block(name).is_some();
            if given {
                let detail = format!(
                    "`{name}` of the provider is not supported. Take it out; a role can be assumed by a profile \
                     of ~/.aws/config (AWS_PROFILE)."
                );
                return Err(failed("Unsupported provider setting", detail));
            }
        }
        if self.endpoint.is_none() && config.block("endpoints").is_some() {
            let detail = "`endpoints` of the provider is not supported. Take it out; AWS_ENDPOINT_URL \
                          and AWS_ENDPOINT_URL_<SERVICE> say where calls go.";
            return Err(failed("Unsupported provider setting", detail.to_owned()));
        }
        let client = self
            .client(&config)
            .map_err(|why| failed("The AWS provider cannot be configured", why))?;
        let default_tags: BTreeMap<String, String> =
            config.block("default_tags").map(|block| block.map("tags")).unwrap_or_default();
        let cloud = Cloud::meet(client, default_tags, self.rng.clone(), self.clock.clone()).await;
        let cloud = cloud.map_err(|error| {
            failed("The caller of AWS's APIs cannot be found out", error.to_string())
        })?;
        if let Err(why) = allowed(&config, &cloud.account) {
            return Err(failed("AWS account not allowed", why));
        }
        Ok(Arc::new(Session::new(cloud)))
    }
}

fn allowed(config: &Attributes, account: &str) -> Result<(), String> {
    let allowed = config.texts("allowed_account_ids");
    let is_allowed = allowed.is_empty() || allowed.iter().any(|id| id == account);
    if is_allowed && !config.texts("forbidden_account_ids").iter().any(|id| id == account) {
        return Ok(());
    }
    Err(format!(
        "The credentials are those of account {account}, which the provider block does not allow."
    ))
}
