//! What was decided, done: `ecs:UpdateService` is called as the service-linked role, so that the
//! service's events and the log of API calls tell of it as AWS's do.

use std::sync::Arc;

use neargate_api::model::application_autoscaling::ScalingActivity;
use neargate_api::types::ecs::{self, UpdateServiceRequest};
use neargate_api::{
    AwsError, Ctx, Opener, Origin, Record, Snapshot, StoreError, Timestamp, Tx, Wanted,
};
use neargate_api_application_autoscaling::{SCALER, activity};

use crate::Scaling;

/// The name of the role's session, as CloudTrail shows it.
const SESSION: &str = "AutoScaling-UpdateDesiredCapacity";
const SESSION_S: i64 = 900;

/// The activities that are decided and not carried out yet.
pub fn pending(snapshot: &Snapshot) -> Vec<Arc<ScalingActivity>> {
    let is_pending = |activity: &Arc<ScalingActivity>| activity.shown.status_code == "Pending";
    snapshot.all::<ScalingActivity>().filter(is_pending).collect()
}

/// What is asked of ECS.
pub fn request(activity: &ScalingActivity) -> Option<UpdateServiceRequest> {
    let (cluster, service) =
        activity.shown.resource_id.strip_prefix("service/")?.split_once('/')?;
    Some(UpdateServiceRequest {
        cluster: Some(cluster.to_owned()),
        service: service.to_owned(),
        desired_count: Some(i32::try_from(activity.change.as_ref()?.to).ok()?),
        ..Default::default()
    })
}

/// Notes what ECS has answered.
pub fn carried(tx: &mut Tx, key: &str, refusal: Option<&AwsError>, now: Timestamp) {
    tx.update::<ScalingActivity>(key, |activity| match refusal {
        None => activity::set(activity),
        Some(error) => activity::failed(activity, &error.message, now),
    });
}

impl Scaling {
    /// Carries out what is pending. What fails for no fault of the request is tried again.
    pub(crate) async fn carry(&self, now: Timestamp) -> Result<(), StoreError> {
        for pending in pending(&self.cloud.store.snapshot()) {
            let refusal = match self.update(&pending, now).await {
                Ok(()) => None,
                Err(error) if error.is_sender_fault() => Some(error),
                Err(error) => {
                    tracing::warn!(%error, "a service could not be scaled; it is tried again");
                    continue;
                }
            };
            let key = pending.key();
            let write = self.cloud.store.write(move |tx| {
                carried(tx, &key, refusal.as_ref(), now);
                Ok::<(), StoreError>(())
            });
            write.await?;
        }
        Ok(())
    }

    async fn update(&self, activity: &ScalingActivity, now: Timestamp) -> Result<(), AwsError> {
        let Some(request) = request(activity) else { return Ok(()) };
        let ctx = self.ctx(activity, now)?;
        let origin = Origin::service(SCALER);
        let call =
            self.services.invoke_from::<ecs::UpdateService>(&origin, &ecs::SERVICE, ctx, request);
        call.await.map(|_| ())
    }

    /// As the service-linked role.
    fn ctx(&self, activity: &ScalingActivity, now: Timestamp) -> Result<Ctx, AwsError> {
        let cloud = &self.cloud;
        let role = format!(
            "arn:aws:iam::{}:role/aws-service-role/{SCALER}/AWSServiceRoleForApplicationAutoScaling_ECSService",
            cloud.account
        );
        let wanted = Wanted {
            opener: Opener::Service { name: SCALER, source_arn: &activity.shown.activity_id },
            role_arn: &role,
            session_name: SESSION,
            now,
            expires_at: now.plus_secs(SESSION_S),
            session_policies: Vec::new(),
            external_id: None,
        };
        let session = cloud.identity.open_session(&cloud.store.snapshot(), &wanted);
        let session = session
            .map_err(|denied| AwsError::new(400, "AccessDeniedException", denied.message))?;
        Ok(Ctx {
            cloud: cloud.clone(),
            caller: session.caller,
            region: activity.region.clone(),
            request_id: cloud.rng.uuid(),
            now,
        })
    }
}
