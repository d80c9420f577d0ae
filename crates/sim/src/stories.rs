//! The stories of tasks, step by step as `reconcile::task` tells them: each step is an event
//! in the simulation's time, and writes with the real changes.

use std::sync::Arc;

use neargate_api::Record;
use neargate_model::ecs::{ContainerStatus, HealthStatus, StopCode, Task, TaskStatus};
use neargate_reconcile::task::changes::{Change, has_targets};
use neargate_reconcile::task::health::Counter;
use neargate_runtime::Exit;

use crate::daemon::Died;
use crate::machine::{Container, Life, STOP_TIMEOUT_MS};
use crate::reports::{Heard, Report};
use crate::scenario::Image;
use crate::tally::Seen;
use crate::world::{Event, World};

/// Where a story is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Begin,
    /// Its interface is up.
    Attached,
    /// Its image is there, or is known not to be.
    Pulled,
    /// Its container's process begins.
    Starting,
    Running,
    /// It leaves its target groups.
    Deregister,
    /// Its containers are stopped.
    Stop,
    Remove,
}

pub struct Story {
    step: Step,
    /// Counts what is waited for: an event of an earlier wait comes too late.
    ticket: u64,
    check: Option<Counter>,
    /// What the checks have come to, whether or not that was heard.
    health: Option<HealthStatus>,
}

/// A container's name: every task has one.
pub const WEB: &str = "web";

pub const CHECK_INTERVAL_MS: i64 = 5_000;

/// After a report that was lost.
const SAID_AGAIN_MS: i64 = 2_000;
const CHECK_RETRIES: i32 = 2;

impl World {
    /// A task that has no story yet gets one.
    pub fn begin_story(&mut self, key: &str) {
        if self.daemon.is_up && !self.daemon.stories.contains_key(key) {
            let story = Story { step: Step::Begin, ticket: 0, check: None, health: None };
            self.daemon.stories.insert(key.to_owned(), story);
            let soon = self.pause_ms(5);
            self.go_on(key, Step::Begin, soon);
        }
    }

    /// The story goes on with `step` after a while.
    fn go_on(&mut self, key: &str, step: Step, after_ms: i64) {
        let Some(story) = self.daemon.stories.get_mut(key) else { return };
        story.step = step;
        story.ticket += 1;
        let ticket = story.ticket;
        self.after(after_ms, Event::Story { key: key.to_owned(), ticket });
    }

    /// Something that the story may wait for has happened.
    pub fn poke_story(&mut self, key: &str) {
        let step = self.daemon.stories.get(key).map(|story| story.step);
        let waits = |step: &Step| *step < Step::Stop;
        if let Some(step) = step.filter(waits) {
            let soon = self.pause_ms(3);
            self.go_on(key, step, soon);
        }
    }

    /// A target is gone: whoever waited for that goes on.
    pub fn poke_drained(&mut self) {
        let waits = |(_, story): &(&String, &Story)| story.step == Step::Deregister;
        let keys: Vec<_> =
            self.daemon.stories.iter().filter(waits).map(|(k, _)| k.clone()).collect();
        for key in keys {
            self.poke_story(&key);
        }
    }

    /// The next step, unless it is not waited for any more.
    pub fn story(&mut self, key: &str, ticket: u64) {
        let Some(story) = self.daemon.stories.get(key).filter(|s| s.ticket == ticket) else {
            return;
        };
        let step = story.step;
        let Some(task) = self.store().snapshot().get::<Task>(key) else {
            self.daemon.stories.remove(key);
            return;
        };
        // A story that died with Neargate is begun again with its next life.
        let _: Result<(), Died> = self.take(&task, step);
    }

    fn take(&mut self, task: &Arc<Task>, step: Step) -> Result<(), Died> {
        let key = task.key();
        let starts = matches!(step, Step::Attached | Step::Pulled | Step::Starting);
        if starts && task.stop.is_some() {
            return self.wind_down(&key);
        }
        match step {
            Step::Begin => self.begin(task),
            Step::Attached => {
                self.change(&key, |change| change.advance(TaskStatus::Pending).expect("forward"))?;
                self.change(&key, |change| note_pull(change, false))?;
                let slow = self.is_slow(Seen::SlowPull);
                let pull_ms = self.pause_ms(if slow { 60_000 } else { 50 });
                self.go_on(&key, Step::Pulled, pull_ms);
                Ok(())
            }
            Step::Pulled => self.launch(task),
            Step::Starting => self.started(task),
            Step::Running => self.watch(task),
            Step::Deregister => self.deregister(task),
            Step::Stop => self.stop(task),
            Step::Remove => self.remove(task),
        }
    }

    fn begin(&mut self, task: &Task) -> Result<(), Died> {
        let key = task.key();
        if task.stop.is_some() || task.status >= TaskStatus::Deactivating {
            return self.wind_down(&key);
        }
        if self.machine.containers.contains_key(&task.id) {
            // Adopted: what has happened to it is told from the beginning.
            self.tally.note(Seen::Adoption);
            return self.started(task);
        }
        if task.status >= TaskStatus::Activating {
            let lost = "Task was lost: its containers are gone from this machine.";
            self.change(&key, |change| change.request_stop(StopCode::TerminationNotice, lost))?;
            return self.wind_down(&key);
        }
        if let Err(why) = self.change(&key, |change| change.allocate())? {
            return self.fail(&key, &why);
        }
        let attach_ms = self.pause_ms(10);
        self.go_on(&key, Step::Attached, attach_ms);
        Ok(())
    }

    fn fail(&mut self, key: &str, why: &str) -> Result<(), Died> {
        self.change(key, |change| change.request_stop(StopCode::TaskFailedToStart, why))?;
        self.wind_down(key)
    }

    fn launch(&mut self, task: &Task) -> Result<(), Died> {
        let key = task.key();
        let image = self.image_of(task);
        if image == Image::Missing || self.goes_wrong(|faults| faults.pull) {
            self.tally.note(Seen::PullFailure);
            if self.report(Report::CannotPull { key: key.clone() })? == Heard::Lost {
                self.go_on(&key, Step::Pulled, SAID_AGAIN_MS);
                return Ok(());
            }
            return self.wind_down(&key);
        }
        self.change(&key, |change| note_pull(change, true))?;
        let life = Life::of(image, self.faults, &self.rng);
        let slow = self.is_slow(Seen::SlowStart);
        let start_ms = self.pause_ms(if slow { 30_000 } else { 20 });
        let started_ms = self.at_ms + start_ms;
        if let Some(ends_ms) = life.ends_ms {
            self.after(start_ms + ends_ms, Event::Ends { task: task.id.clone() });
        }
        let ip = self.ip_of(&key);
        let started_at = self.wall().plus_millis(start_ms);
        let container = Container { ip, started_ms, started_at, life, asked_ms: None, exit: None };
        self.machine.containers.insert(task.id.clone(), container);
        self.go_on(&key, Step::Starting, start_ms);
        Ok(())
    }

    fn ip_of(&self, key: &str) -> String {
        let task = self.store().snapshot().get::<Task>(key);
        task.and_then(|task| task.private_ip.clone()).unwrap_or_default()
    }

    /// The container's process has begun: its report, its activation, and its health checks.
    fn started(&mut self, task: &Task) -> Result<(), Died> {
        let key = task.key();
        let Some(container) = self.machine.containers.get(&task.id) else { return Ok(()) };
        let at = self.ctx.cloud.clock.cloud_at(container.started_at);
        let left_ms = container.started_ms - self.at_ms;
        if left_ms > 0 {
            self.go_on(&key, Step::Starting, left_ms);
            return Ok(());
        }
        let report = match container.life.never_starts {
            true => Report::CannotStart { key: key.clone() },
            false => Report::Start { key: key.clone(), at },
        };
        let never_starts = container.life.never_starts;
        if never_starts {
            self.tally.note(Seen::StartFailure);
        }
        if self.report(report)? == Heard::Lost {
            self.go_on(&key, Step::Starting, SAID_AGAIN_MS);
            return Ok(());
        }
        if never_starts {
            return self.wind_down(&key);
        }
        let wanted = self.store().snapshot().get::<Task>(&key).filter(|t| t.stop.is_none());
        if wanted.is_some_and(|task| task.status < TaskStatus::Running) {
            self.change(&key, |c| c.advance(TaskStatus::Activating).expect("forward"))?;
            self.change(&key, |change| change.activate().expect("forward"))?;
        }
        let checked = task.containers.iter().any(|container| container.health.is_some());
        if let Some(story) = self.daemon.stories.get_mut(&key).filter(|_| checked) {
            story.check = Some(Counter::new(CHECK_RETRIES));
            self.after(1_000, Event::Check { key: key.clone() });
        }
        self.go_on(&key, Step::Running, 1);
        Ok(())
    }

    /// RUNNING, until it is asked to stop or its container ends.
    fn watch(&mut self, task: &Task) -> Result<(), Died> {
        let key = task.key();
        let exit = self.machine.containers.get(&task.id).and_then(|c| c.exit.clone());
        let noted = task.containers.iter().all(|c| c.status == ContainerStatus::Stopped);
        if let Some(exit) = exit.filter(|_| !noted) {
            let heard = self.report(Report::Exit { key: key.clone(), exit })?;
            let again_ms = if heard == Heard::Lost { SAID_AGAIN_MS } else { 0 };
            self.go_on(&key, Step::Running, again_ms);
            return Ok(());
        }
        if task.stop.is_some() { self.wind_down(&key) } else { Ok(()) }
    }

    /// A container health check.
    pub fn check(&mut self, key: &str) {
        let Some(task) = self.store().snapshot().get::<Task>(key) else { return };
        let Some(container) = self.machine.containers.get(&task.id).filter(|c| c.runs()) else {
            return;
        };
        let (passes, turns_ms) = (container.is_well(self.at_ms), container.turns_ms(self.at_ms));
        if !passes {
            self.tally.note(Seen::FailedContainerCheck);
        }
        let at_ms = self.at_ms;
        let running = |story: &&mut Story| story.step == Step::Running;
        let Some(story) = self.daemon.stories.get_mut(key).filter(running) else { return };
        let Some(counter) = &mut story.check else { return };
        story.health = counter.observe(passes, false).or(story.health);
        let known = story.health.filter(|known| Some(*known) != task.containers[0].health);
        let report = known.map(|health| Report::ContainerHealth { key: key.to_owned(), health });
        let heard = match report.map(|report| self.report(report)) {
            Some(Err(Died)) => return,
            Some(Ok(heard)) => heard,
            None => Heard::Yes,
        };
        let told = if passes { HealthStatus::Healthy } else { HealthStatus::Unhealthy };
        let known = self.daemon.stories.get(key).and_then(|story| story.health);
        let settled = known == Some(told) && heard == Heard::Yes;
        let next_ms = match (settled, turns_ms) {
            (false, _) => CHECK_INTERVAL_MS,
            (true, Some(turns_ms)) => (turns_ms - at_ms).max(CHECK_INTERVAL_MS),
            (true, None) => return,
        };
        self.after(next_ms, Event::Check { key: key.to_owned() });
    }

    fn is_slow(&mut self, what: Seen) -> bool {
        let slow = self.goes_wrong(|faults| faults.slow);
        if slow {
            self.tally.note(what);
        }
        slow
    }

    fn wind_down(&mut self, key: &str) -> Result<(), Died> {
        self.go_on(key, Step::Deregister, 0);
        Ok(())
    }

    fn deregister(&mut self, task: &Task) -> Result<(), Died> {
        let key = task.key();
        if task.targets.iter().any(|target| target.registered) {
            if task.status < TaskStatus::Deactivating {
                self.change(&key, |c| c.advance(TaskStatus::Deactivating).expect("forward"))?;
            }
            let wall = self.wall();
            self.change(&key, |change| change.deregister(wall))?;
        }
        let left_ms = self.capacity_left_ms(task);
        if has_targets(&self.store().snapshot(), task) {
            // What is in flight has until the containers must be told.
            let waits_ms = left_ms.map(|left_ms| left_ms - STOP_TIMEOUT_MS);
            let Some(waits_ms) = waits_ms else { return Ok(()) };
            if waits_ms > 0 {
                self.go_on(&key, Step::Deregister, waits_ms);
                return Ok(());
            }
        }
        if task.status < TaskStatus::Stopping {
            self.change(&key, |c| c.advance(TaskStatus::Stopping).expect("forward"))?;
        }
        let timeout_ms = left_ms.map_or(STOP_TIMEOUT_MS, |left_ms| left_ms.min(STOP_TIMEOUT_MS));
        let at_ms = self.at_ms;
        let container = self.machine.containers.get_mut(&task.id).filter(|c| c.runs());
        let ends_ms = container.map_or(0, |container| {
            let asked_ms = *container.asked_ms.get_or_insert(at_ms);
            (asked_ms + container.life.obeys_ms - at_ms).min(timeout_ms)
        });
        self.go_on(&key, Step::Stop, ends_ms);
        Ok(())
    }

    /// What is left of the capacity of a task that Fargate Spot interrupts, by the machine's time.
    fn capacity_left_ms(&self, task: &Task) -> Option<i64> {
        let interruption = task.interruption.as_ref()?;
        let noticed_at = self.ctx.cloud.clock.wall_at(interruption.noticed_at);
        let ends = noticed_at.plus_millis(interruption.left_ms);
        Some(ends.millis_since(self.wall()).max(0))
    }

    /// The containers have ended, by themselves or killed.
    fn stop(&mut self, task: &Task) -> Result<(), Died> {
        let key = task.key();
        let (wall, at_ms) = (self.wall(), self.at_ms);
        if let Some(container) = self.machine.containers.get_mut(&task.id) {
            let code = if container.has_obeyed(at_ms) { 143 } else { 137 };
            let exit = container.exit.get_or_insert(exit(code, wall)).clone();
            let exit = self.in_cloud_time(&exit);
            self.change(&key, |change| change.note_exit(WEB, &exit))?;
        }
        if task.status < TaskStatus::Deprovisioning {
            self.change(&key, |c| c.advance(TaskStatus::Deprovisioning).expect("forward"))?;
        }
        self.machine.containers.remove(&task.id);
        let remove_ms = self.pause_ms(60);
        self.go_on(&key, Step::Remove, remove_ms);
        Ok(())
    }

    fn remove(&mut self, task: &Task) -> Result<(), Died> {
        let key = task.key();
        self.change(&key, |change| change.finish().expect("forward"))?;
        self.daemon.stories.remove(&key);
        Ok(())
    }

    /// A container's process ends by itself.
    pub fn ends(&mut self, task_id: &str) {
        let wall = self.wall();
        let Some(container) = self.machine.containers.get_mut(task_id) else { return };
        if container.exit.is_some() || container.life.ends_ms.is_none() {
            return;
        }
        let by_oom = container.life.by_oom;
        container.exit =
            Some(Exit { oom_killed: by_oom, ..exit(if by_oom { 137 } else { 1 }, wall) });
        let ip = container.ip.clone();
        self.tally.note(if by_oom { Seen::OutOfMemory } else { Seen::Exit });
        if by_oom {
            self.properties.note_kill(task_id);
        }
        let what = if by_oom { "is killed for memory" } else { "exits with 1" };
        self.tell("machine", &format!("(task {task_id}) {what}"));
        self.probe_soon(&ip);
        let key = Task::key_of(crate::base::REGION, crate::base::CLUSTER, task_id);
        self.poke_story(&key);
    }
}

impl PartialOrd for Step {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (*self as u8).partial_cmp(&(*other as u8))
    }
}

fn exit(code: i32, at: neargate_api::Timestamp) -> Exit {
    Exit { code, signal: None, oom_killed: false, finished_at: at, unseen: false }
}

fn note_pull(change: &mut Change<'_>, ended: bool) {
    let now = change.now;
    change.tx.update::<Task>(change.key, |task| match ended {
        true => task.pull_stopped_at = Some(now),
        false => task.pull_started_at = Some(now),
    });
}
