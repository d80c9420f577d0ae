//! What CodeDeploy does it does as the deployment group's service role: what the role
//! may not do fails the deployment, with the sentence that AWS has for it.

use neargate_api::model::codedeploy::{Deployment, Failure};
use neargate_api::model::ecs::TaskDefinition;
use neargate_api::model::elbv2::{forwards_to, rules_of};
use neargate_api::{Arn, Caller, Cloud, Opener, Question, Snapshot, Timestamp, Wanted};
use neargate_plan::blue_green::{Action, failure};

/// The role's session, and what is asked on its behalf.
pub struct Role<'a> {
    cloud: &'a Cloud,
    snapshot: &'a Snapshot,
    deployment: &'a Deployment,
    caller: Caller,
    now: Timestamp,
}

impl<'a> Role<'a> {
    /// CodeDeploy takes on the role.
    pub fn assume(
        cloud: &'a Cloud,
        snapshot: &'a Snapshot,
        deployment: &'a Deployment,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let group = format!("deploymentgroup:{}/{}", deployment.application, deployment.group);
        let group_arn =
            Arn::new("codedeploy", &deployment.region, &cloud.account, group).to_string();
        let wanted = Wanted {
            opener: Opener::Service { name: "codedeploy.amazonaws.com", source_arn: &group_arn },
            role_arn: &deployment.role_arn,
            session_name: &deployment.id,
            now,
            expires_at: now.plus_secs(3600),
            session_policies: Vec::new(),
            external_id: None,
        };
        match cloud.identity.open_session(snapshot, &wanted) {
            Ok(session) => Ok(Role { cloud, snapshot, deployment, caller: session.caller, now }),
            Err(denied) => Err(failure(
                "IAM_ROLE_MISSING",
                format!(
                    "AWS CodeDeploy does not have the permissions required to assume the role {}. ({})",
                    deployment.role_arn, denied.message
                ),
            )),
        }
    }

    /// Refuses unless the role may take this step.
    pub fn check(&self, action: &Action) -> Result<(), Failure> {
        let (cluster, service) = (&self.deployment.cluster, &self.deployment.service);
        let service_arn = self.arn(format!("service/{cluster}/{service}"));
        let task_set = |id: &str| self.arn(format!("task-set/{cluster}/{service}/{id}"));
        match action {
            Action::CreateTaskSet { .. } => {
                self.ecs("ecs:DescribeServices", &service_arn)?;
                self.balancing("elasticloadbalancing:DescribeTargetGroups", "*")?;
                self.see_alarms()?;
                self.ecs("ecs:CreateTaskSet", &service_arn)?;
                self.pass_roles()
            }
            Action::MakePrimary { .. } => self.ecs("ecs:UpdateServicePrimaryTaskSet", &service_arn),
            Action::DeleteTaskSet { task_set: id } => self.ecs("ecs:DeleteTaskSet", &task_set(id)),
            Action::Route { listener, from, to, .. } => self.route(listener, from, to),
            Action::RollBack => Ok(()),
        }
    }

    fn route(&self, listener: &str, from: &str, to: &str) -> Result<(), Failure> {
        self.balancing("elasticloadbalancing:DescribeListeners", "*")?;
        self.balancing("elasticloadbalancing:DescribeRules", "*")?;
        self.balancing("elasticloadbalancing:ModifyListener", listener)?;
        for rule in rules_of(self.snapshot, listener) {
            let groups = forwards_to(&rule.actions);
            if groups.contains(from) || groups.contains(to) {
                self.balancing("elasticloadbalancing:ModifyRule", &rule.arn)?;
            }
        }
        Ok(())
    }

    fn see_alarms(&self) -> Result<(), Failure> {
        if self.deployment.alarms.is_empty() || self.deployment.ignore_missing_alarms {
            return Ok(());
        }
        let region = &self.deployment.region;
        let question = Question::new("cloudwatch:DescribeAlarms", "*", region, self.now);
        self.ask("AmazonCloudWatch", &question)
    }

    /// The roles of the new tasks are handed over by this one.
    fn pass_roles(&self) -> Result<(), Failure> {
        let deployment = self.deployment;
        let key = TaskDefinition::key_in(&deployment.region, &deployment.spec.task_definition_arn);
        let definition = key.and_then(|key| self.snapshot.get::<TaskDefinition>(&key));
        let Some(definition) = definition else { return Ok(()) };
        let roles = [&definition.wire.execution_role_arn, &definition.wire.task_role_arn];
        for role in roles.into_iter().flatten() {
            let to = [("iam:PassedToService", "ecs-tasks.amazonaws.com".to_owned())];
            let question = Question::new("iam:PassRole", role, &deployment.region, self.now);
            self.ask("AmazonECS", &Question { context: &to, ..question })?;
        }
        Ok(())
    }

    fn arn(&self, resource: String) -> String {
        Arn::new("ecs", &self.deployment.region, &self.cloud.account, resource).to_string()
    }

    fn ecs(&self, action: &str, resource: &str) -> Result<(), Failure> {
        self.ask("AmazonECS", &Question::new(action, resource, &self.deployment.region, self.now))
    }

    fn balancing(&self, action: &str, resource: &str) -> Result<(), Failure> {
        let question = Question::new(action, resource, &self.deployment.region, self.now);
        self.ask("AmazonElasticLoadBalancing", &question)
    }

    fn ask(&self, service: &str, question: &Question<'_>) -> Result<(), Failure> {
        let allowed = self.cloud.identity.authorize(self.snapshot, &self.caller, question);
        allowed.map_err(|denied| {
            failure(
                "IAM_ROLE_PERMISSIONS",
                format!(
                    "The IAM role {} does not give you permission to perform operations in the following AWS service: \
                     {service}. Contact your AWS administrator if you need help. If you are an AWS administrator, you \
                     can grant permissions to your users or groups by creating IAM policies. ({})",
                    self.deployment.role_arn, denied.message
                ),
            )
        })
    }
}
