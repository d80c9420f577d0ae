//! What a task's story writes: each a change of the task's record, and of what belongs to it,
//! made whole in one transaction. The story knows when; these know what. They have no hands,
//! so that the simulation writes with them too.

use neargate_api::model::ec2::{
    InterfaceSpec, InterfaceType, allocate_interface, release_interface,
};
use neargate_api::model::ecs::{
    ContainerStatus, HealthStatus, Refused, Service, StopCode, Task, TaskStatus, TaskTarget,
};
use neargate_api::model::elbv2::{self, Target};
use neargate_api::{Rng, Snapshot, Timestamp, Tx};
use neargate_runtime::Exit;

/// A task's record in a transaction, and when that is.
pub struct Change<'a> {
    pub tx: &'a mut Tx,
    pub key: &'a str,
    pub rng: &'a Rng,
    pub now: Timestamp,
}

impl Change<'_> {
    /// Moves the task to a later state.
    pub fn advance(&mut self, to: TaskStatus) -> Result<(), Refused> {
        let (mut moved, now) = (Ok(()), self.now);
        self.tx.update::<Task>(self.key, |task| moved = task.advance(to, now));
        moved
    }

    /// Asks it to stop, as its own story found it has to.
    pub fn request_stop(&mut self, code: StopCode, reason: &str) {
        let now = self.now;
        self.tx.update::<Task>(self.key, |task| task.request_stop(code, reason, now));
    }

    /// Gives it its interface. Answers with the interface's id; `None` when the task is forgotten.
    pub fn allocate(&mut self) -> Result<Option<String>, String> {
        let Some(task) = self.tx.get::<Task>(self.key) else { return Ok(None) };
        if let Some(id) = &task.interface_id {
            return Ok(Some(id.clone()));
        }
        let spec = InterfaceSpec {
            region: task.region.clone(),
            subnet_id: task.placement.subnet_id.clone(),
            security_group_ids: task.placement.security_group_ids.clone(),
            description: task.arn.clone(),
            interface_type: InterfaceType::Interface,
            requester_id: Some("amazon-ecs".into()),
            private_ip: None,
            assign_public_ip: task.placement.assign_public_ip,
        };
        let interface = allocate_interface(self.tx, spec, self.rng, self.now).map_err(|error| {
            format!(
                "Unexpected EC2 error while attempting to Create Network Interface in subnet '{}': {error}",
                task.placement.subnet_id
            )
        })?;
        self.tx.update::<Task>(self.key, |task| {
            task.interface_id = Some(interface.interface_id.clone());
            task.private_ip = Some(interface.private_ip.to_string());
        });
        Ok(Some(interface.interface_id))
    }

    /// Notes what a container's image is in all tasks of the deployment, unless that is known;
    /// answers with what is known. A task without a service has no such thing.
    pub fn pin_image(&mut self, container: &str, digest: &str) -> Option<String> {
        let task = self.tx.get::<Task>(self.key)?;
        let deployment = task.deployment.clone()?;
        let service = Service::key_of(&task.region, &task.cluster, task.service.as_ref()?);
        let known = self.tx.get::<Service>(&service)?;
        let known = known.deployments.iter().find(|d| d.id == deployment)?.images.get(container);
        if known.is_some() {
            return known.cloned();
        }
        let mut pinned = None;
        self.tx.update::<Service>(&service, |service| {
            pinned = service.pin_image(&deployment, container, digest);
        });
        pinned
    }

    /// A container that cannot start ends its task.
    pub fn could_not_start(&mut self, container: &str, why: &str) {
        let reason = format!("CannotStartContainerError: {why}");
        let now = self.now;
        self.tx.update::<Task>(self.key, |task| {
            if let Some(container) = task.container_mut(container) {
                container.status = ContainerStatus::Stopped;
                container.reason = Some(reason.clone());
            }
            task.request_stop(StopCode::TaskFailedToStart, reason, now);
        });
    }

    /// All containers have left PENDING: it is registered with its target groups, and RUNNING.
    pub fn activate(&mut self) -> Result<(), Refused> {
        let Some(task) = self.tx.get::<Task>(self.key) else { return Ok(()) };
        let ip = task.private_ip.as_deref().unwrap_or_default();
        for target in task.targets.iter().filter(|target| !target.registered) {
            let zone = Some(task.placement.availability_zone.clone());
            let arn = &target.target_group_arn;
            let registered = elbv2::register_target(self.tx, arn, ip, target.port, zone, self.now);
            self.tell(&task, &match registered {
                Ok(_) => format!("registered 1 targets in (target-group {arn})"),
                Err(error) => {
                    format!("failed to register targets in (target-group {arn}) with (error {error})")
                }
            });
        }
        let (mut moved, now) = (Ok(()), self.now);
        self.tx.update::<Task>(self.key, |task| {
            task.targets.iter_mut().for_each(|target| target.registered = true);
            moved = task.advance(TaskStatus::Running, now);
        });
        moved
    }

    /// A container's process has begun.
    pub fn note_start(&mut self, name: &str, at: Timestamp) {
        self.tx.update::<Task>(self.key, |task| {
            if let Some(container) = task.container_mut(name)
                && container.status == ContainerStatus::Pending
            {
                container.status = ContainerStatus::Running;
                container.started_at = Some(at);
            }
        });
    }

    /// A container has ended, and its restart policy starts it again, for the `times`th time.
    pub fn note_restart(&mut self, name: &str, exit: &Exit, times: u32) {
        self.tx.update::<Task>(self.key, |task| {
            let Some(container) = task.container_mut(name) else { return };
            if container.status == ContainerStatus::Running && container.restarts < times {
                container.status = ContainerStatus::Pending;
                container.exit_code = Some(exit.code);
                container.finished_at = Some(exit.finished_at);
                container.restarts = times;
                container.health = container.health.map(|_| HealthStatus::Unknown);
            }
        });
    }

    /// A container's end, with AWS's reason where memory was the cause.
    pub fn note_exit(&mut self, name: &str, exit: &Exit) {
        let now = self.now;
        self.tx.update::<Task>(self.key, |task| {
            let Some(container) = task.container_mut(name) else { return };
            if container.status == ContainerStatus::Stopped {
                return;
            }
            container.status = ContainerStatus::Stopped;
            container.exit_code = Some(exit.code);
            container.finished_at = Some(exit.finished_at);
            if exit.oom_killed {
                container.reason =
                    Some("OutOfMemoryError: Container killed due to memory usage".into());
            } else if exit.unseen {
                container.reason =
                    Some("The container's supervisor was killed; its end was not seen.".into());
            }
            if container.essential {
                task.request_stop(
                    StopCode::EssentialContainerExited,
                    "Essential container in task exited",
                    now,
                );
            }
        });
    }

    /// A container's health check says something new; `output` is what a failing one printed. Of
    /// one that has ended it comes too late: its reason stands.
    pub fn note_health(&mut self, name: &str, health: HealthStatus, output: &str) {
        self.tx.update::<Task>(self.key, |task| {
            if let Some(container) = task.container_mut(name)
                && container.status == ContainerStatus::Running
            {
                container.health = Some(health);
                container.reason = (health == HealthStatus::Unhealthy).then(|| {
                    let shown: String = output.trim().chars().take(255).collect();
                    format!("Health check failed: {shown}")
                });
            }
        });
    }

    /// Takes it out of its target groups, which begin to drain it: by the machine's time, `wall`.
    pub fn deregister(&mut self, wall: Timestamp) {
        let Some(task) = self.tx.get::<Task>(self.key) else { return };
        let ip = task.private_ip.as_deref().unwrap_or_default();
        for target in task.targets.iter().filter(|target| target.registered) {
            let arn = &target.target_group_arn;
            elbv2::deregister_target(self.tx, arn, ip, target.port, wall);
            self.tell(&task, &format!("deregistered 1 targets in (target-group {arn})"));
            self.tell_of_set(&task, "has begun draining connections on 1 tasks.");
        }
        self.tx.update::<Task>(self.key, |task| {
            task.targets.iter_mut().for_each(|target| target.registered = false);
        });
    }

    /// DEPROVISIONING is over: its interface is free again, and it is STOPPED. Where its capacity
    /// was gone before its targets had drained, nothing is in flight to them any more.
    pub fn finish(&mut self) -> Result<(), Refused> {
        let Some(task) = self.tx.get::<Task>(self.key) else { return Ok(()) };
        for key in target_keys(&task) {
            self.tx.delete::<Target>(&key);
        }
        if let Some(interface_id) = &task.interface_id {
            release_interface(self.tx, &task.region, interface_id);
        }
        let (mut moved, now) = (Ok(()), self.now);
        self.tx.update::<Task>(self.key, |task| {
            for container in &mut task.containers {
                container.status = ContainerStatus::Stopped;
            }
            moved = task.advance(TaskStatus::Stopped, now);
        });
        moved
    }

    /// An event of its service.
    fn tell(&mut self, task: &Task, what: &str) {
        let Some(name) = &task.service else { return };
        let key = Service::key_of(&task.region, &task.cluster, name);
        let (id, now) = (self.rng.uuid(), self.now);
        self.tx.update::<Service>(&key, |service| service.tell(id, now, what));
    }

    /// The same of its deployment, which such events call a task set.
    fn tell_of_set(&mut self, task: &Task, what: &str) {
        let (Some(name), Some(set)) = (&task.service, &task.deployment) else { return };
        let key = Service::key_of(&task.region, &task.cluster, name);
        let (id, now) = (self.rng.uuid(), self.now);
        self.tx.update::<Service>(&key, |service| service.tell_of(set, id, now, what));
    }
}

/// Whether a load balancer still has something in flight to the task, or sends it more.
pub fn has_targets(snapshot: &Snapshot, task: &Task) -> bool {
    target_keys(task).any(|key| snapshot.contains::<Target>(&key))
}

/// The keys of its targets, while it has an address.
fn target_keys(task: &Task) -> impl Iterator<Item = String> {
    let of = |ip: &str, t: &TaskTarget| Target::key_of(&t.target_group_arn, ip, t.port);
    let ip = task.private_ip.as_deref();
    task.targets.iter().filter_map(move |target| Some(of(ip?, target)))
}
