//! The targets, each through the operation that a client would call: as the
//! target's role where it has one, else by the resource's own policy.

mod cluster;
mod log_group;
mod topic;

use neargate_api::model::events::{Delivery, Rule};
use neargate_api::types::events::Target;
use neargate_api::{Arn, Caller, Ctx, Opener, Wanted};
use neargate_api_events::{Kind, PRINCIPAL};

use crate::Bridge;
use crate::deliver::Refusal;
use crate::permission::{OnBehalf, granted};

/// How long a session of a target's role lasts.
const SESSION_SECS: i64 = 900;

/// Where a delivery goes.
pub struct Destination<'a> {
    pub bridge: &'a Bridge,
    pub rule: &'a Rule,
    pub target: &'a Target,
    pub delivery: &'a Delivery,
}

impl Destination<'_> {
    /// Gives it the text.
    pub async fn take(&self, text: String) -> Result<(), Refusal> {
        let arn: Option<Arn> = self.target.arn.parse().ok();
        match arn.as_ref().and_then(Kind::of) {
            Some(Kind::Topic) => self.publish(text).await,
            Some(Kind::LogGroup { name }) => self.put_line(&name, &text).await,
            Some(Kind::Cluster { name }) => self.run_tasks(&name, &text).await,
            None => Err(Refusal::for_good("there is nothing here that the target could be")),
        }
    }

    /// The context of a call: as the target's role, or as nobody but EventBridge.
    fn ctx(&self) -> Result<Ctx, Refusal> {
        let cloud = &self.bridge.cloud;
        let caller = match &self.target.role_arn {
            Some(role_arn) => self.assume(role_arn)?,
            // The resource's policy was asked before.
            None => Caller::Operator,
        };
        Ok(Ctx {
            cloud: cloud.clone(),
            caller,
            region: self.rule.region.clone(),
            request_id: cloud.rng.uuid(),
            now: cloud.clock.now(),
        })
    }

    fn assume(&self, role_arn: &str) -> Result<Caller, Refusal> {
        let (cloud, now) = (&self.bridge.cloud, self.bridge.cloud.clock.now());
        let wanted = Wanted {
            opener: Opener::Service { name: PRINCIPAL, source_arn: &self.rule.arn },
            role_arn,
            session_name: &self.delivery.event_id,
            now,
            expires_at: now.plus_secs(SESSION_SECS),
            session_policies: Vec::new(),
            external_id: None,
        };
        let session = cloud.identity.open_session(&cloud.store.snapshot(), &wanted);
        session.map(|session| session.caller).map_err(|denied| Refusal::for_good(denied.message))
    }

    /// Refuses, where the target has no role, unless one of the policies lets EventBridge
    /// have the action on the resource.
    fn permitted<'a>(
        &self,
        documents: impl IntoIterator<Item = &'a str>,
        action: &str,
        resource: &str,
    ) -> Result<(), Refusal> {
        let cloud = &self.bridge.cloud;
        let by = OnBehalf {
            service: PRINCIPAL,
            source_arn: &self.rule.arn,
            account: &cloud.account,
            now: cloud.clock.now(),
        };
        if self.target.role_arn.is_some() || granted(documents, by, action, resource) {
            return Ok(());
        }
        Err(Refusal::for_good(format!(
            "no resource policy allows {PRINCIPAL} {action} on {resource}"
        )))
    }
}
