//! The world of a scenario: its time, its queue of events, and the one way to write to the
//! store, at which Neargate may die.

use std::collections::BTreeMap;

use neargate_api::{Ctx, Rng, Store, StoreError, Timestamp, Tx};
use neargate_model::ecs::{Task, TaskDefinition, TaskStatus};
use neargate_model::elbv2::Target;
use neargate_reconcile::services;
use neargate_testkit as testkit;

use crate::base;
use crate::chronicle::Chronicle;
use crate::daemon::{Daemon, Died};
use crate::machine::{Machine, happens};
use crate::properties::Properties;
use crate::reports::Report;
use crate::scenario::{Action, Faults, Image, Scenario};
use crate::tally::{Seen, Tally};

/// Something that happens at its time.
#[derive(Clone, Debug)]
pub enum Event {
    /// The service scheduler looks.
    Look,
    /// A task's story goes on.
    Story {
        key: String,
        ticket: u64,
    },
    /// A container health check.
    Check {
        key: String,
    },
    /// A target health check.
    Probe {
        key: String,
    },
    /// Nothing is in flight to a target any more.
    Drained {
        key: String,
    },
    /// A report comes once more.
    Again(Report),
    /// A container's process ends by itself.
    Ends {
        task: String,
    },
    User(Action),
    /// The service is made, if it is not there.
    Create,
    /// The clock is set.
    Clock {
        by_ms: i64,
    },
    /// Neargate is started again.
    Restart,
}

impl Event {
    /// Whether it dies with Neargate.
    fn is_of_daemon(&self) -> bool {
        use Event::{Again, Check, Drained, Look, Probe, Story};
        matches!(
            self,
            Look | Story { .. } | Check { .. } | Probe { .. } | Drained { .. } | Again(_)
        )
    }
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    User,
    Scheduler,
    Story,
    Balancer,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Well,
    /// Neargate dies before the write is made.
    Lost,
    /// It dies after.
    Unheard,
}

pub struct World {
    pub scenario: Scenario,
    pub faults: Faults,
    pub ctx: Ctx,
    /// The simulation's own chance; that of the ids is the cloud's.
    pub rng: Rng,
    /// Milliseconds since the beginning, whatever the clock says.
    pub at_ms: i64,
    queue: BTreeMap<(i64, u64), (u64, Event)>,
    queued: u64,
    pub daemon: Daemon,
    pub machine: Machine,
    pub chronicle: Chronicle,
    pub properties: Properties,
    pub broken: Option<String>,
    pub tally: Tally,
    /// Whether all images are good now.
    pub is_mended: bool,
    pub writes: u64,
    pub crashes: u64,
    /// When Neargate died last.
    died_ms: i64,
}

impl World {
    pub fn new(seed: u64) -> World {
        let rng = Rng::seeded(seed);
        let scenario = Scenario::of(&rng);
        World::of(scenario, rng, seed)
    }

    pub fn of(scenario: Scenario, rng: Rng, seed: u64) -> World {
        let store = Store::simulated(base::snapshot());
        let clock = neargate_api::Clock::fixed(base::START);
        let ids = Rng::seeded(seed ^ 0x1d5);
        let mut world = World {
            faults: scenario.faults,
            ctx: testkit::ctx_of(store, clock, ids),
            rng,
            at_ms: 0,
            queue: BTreeMap::new(),
            queued: 0,
            daemon: Daemon::default(),
            machine: Machine::default(),
            chronicle: Chronicle::default(),
            properties: Properties::default(),
            broken: None,
            tally: Tally::default(),
            is_mended: false,
            writes: 0,
            crashes: 0,
            died_ms: 0,
            scenario,
        };
        world.after(0, Event::Restart);
        world.after(5, Event::Create);
        for (at_ms, action) in world.scenario.actions.clone() {
            world.after(at_ms, Event::User(action));
        }
        for (at_ms, by_ms) in world.scenario.clock_moves.clone() {
            world.after(at_ms, Event::Clock { by_ms });
        }
        world
    }

    pub fn store(&self) -> &Store {
        &self.ctx.cloud.store
    }

    /// What the clock says.
    pub fn now(&self) -> Timestamp {
        self.ctx.cloud.clock.now()
    }

    /// What the machine's clock says: timers of the data plane go by it.
    pub fn wall(&self) -> Timestamp {
        self.ctx.cloud.clock.wall()
    }

    /// Forward the operator moves the cloud's time, and the machine's stays what it is; back goes
    /// only the machine's, and the cloud's with it.
    fn set_clock(&mut self, by_ms: i64) {
        let clock = &self.ctx.cloud.clock;
        if by_ms >= 0 {
            let Ok(()) = clock.change(by_ms, None, |_| Ok::<(), std::convert::Infallible>(()));
        } else {
            clock.advance_millis(by_ms);
            self.properties.note_set_back(-by_ms);
        }
    }

    /// A pause of at least a millisecond, and less than this.
    pub fn pause_ms(&self, below_ms: i64) -> i64 {
        1 + self.rng.below(below_ms as u64) as i64
    }

    pub fn after(&mut self, ms: i64, event: Event) {
        self.queued += 1;
        self.queue.insert((self.at_ms + ms.max(0), self.queued), (self.daemon.life, event));
    }

    /// Forgets what the user and the clock were going to do.
    pub fn forget_plans(&mut self) {
        let planned =
            |event: &Event| matches!(event, Event::User(_) | Event::Create | Event::Clock { .. });
        self.queue.retain(|_, (_, event)| !planned(event));
    }

    pub fn tell(&mut self, who: &'static str, what: &str) {
        self.chronicle.tell(self.at_ms, who, what);
    }

    /// Lets the next thing happen, if it does before `until_ms`; else the time comes.
    pub fn step(&mut self, until_ms: i64) -> bool {
        let next = self.queue.first_key_value().map(|((at, _), _)| *at);
        let at_ms = next.filter(|at| *at <= until_ms).unwrap_or(until_ms).max(self.at_ms);
        if at_ms > self.at_ms {
            self.ctx.cloud.clock.advance_millis(at_ms - self.at_ms);
        }
        self.at_ms = at_ms;
        if next.is_none_or(|at| at > until_ms) {
            return false;
        }
        if let Some((_, (life, event))) = self.queue.pop_first()
            && (!event.is_of_daemon() || (self.daemon.is_up && life == self.daemon.life))
        {
            self.happen(event);
        }
        true
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Look => self.look(),
            Event::Story { key, ticket } => self.story(&key, ticket),
            Event::Check { key } => self.check(&key),
            Event::Probe { key } => self.probe(&key),
            Event::Drained { key } => self.drained(&key),
            Event::Again(report) => self.again(report),
            Event::Ends { task } => self.ends(&task),
            Event::User(action) => self.act(action),
            Event::Create => self.create(),
            Event::Clock { by_ms } => {
                self.tell("clock", &format!("is set by {by_ms} ms"));
                self.tally.note(if by_ms < 0 { Seen::ClockBack } else { Seen::ClockForward });
                self.set_clock(by_ms);
                self.look_soon();
            }
            Event::Restart => self.restart(),
        }
    }

    /// A transaction, unless Neargate dies at it.
    pub fn write<T>(
        &mut self,
        who: Who,
        change: impl FnOnce(&mut Tx, &Rng) -> T,
    ) -> Result<T, Died> {
        let rng = self.ctx.cloud.rng.clone();
        self.at_risk(who, |world| {
            let written = world.store().write_now(|tx| Ok::<_, StoreError>(change(tx, &rng)));
            written.expect("a store in memory takes what it is given")
        })
    }

    /// Does what may write, with the risk of a crash before or after it.
    pub fn at_risk<T>(&mut self, who: Who, act: impl FnOnce(&mut World) -> T) -> Result<T, Died> {
        let fate = match (happens(&self.rng, self.faults.crash), self.rng.below(2)) {
            (false, _) => Fate::Well,
            (true, 0) => Fate::Lost,
            (true, _) => Fate::Unheard,
        };
        if fate == Fate::Lost {
            self.tally.note(Seen::CrashBeforeAWrite);
            self.crash(&format!("before a write of the {who:?}"));
            return Err(Died);
        }
        let before = self.store().snapshot();
        let output = act(self);
        self.writes += 1;
        self.observe(who, &before);
        if fate == Fate::Unheard {
            self.tally.note(Seen::CrashAfterAWrite);
            self.crash(&format!("after a write of the {who:?}"));
            return Err(Died);
        }
        Ok(output)
    }

    pub fn crash(&mut self, when: &str) {
        self.tell("CRASH", when);
        self.died_ms = self.at_ms;
        self.crashes += 1;
        self.daemon.die();
        if self.goes_wrong(|faults| faults.reboot) {
            self.reboot();
        }
        let down_ms = self.pause_ms(if self.rng.below(4) == 0 { 20_000 } else { 500 });
        self.after(down_ms, Event::Restart);
    }

    /// The machine is started anew: no container outlives that, and nobody has seen their ends.
    pub fn reboot(&mut self) {
        self.tally.note(Seen::Reboot);
        self.tell("machine", "is started anew");
        self.machine.containers.clear();
        self.properties.note_reboot();
    }

    pub fn restart(&mut self) {
        if self.daemon.is_up {
            return;
        }
        self.daemon.start();
        self.properties.note_absence(self.at_ms, self.at_ms - self.died_ms);
        self.tell("neargate", "starts");
        let snapshot = self.store().snapshot();
        let runs = |task: &Task| task.status != TaskStatus::Stopped;
        for task in snapshot.all::<Task>().filter(|task| runs(task)) {
            use neargate_api::Record;
            self.begin_story(&task.key());
        }
        for target in snapshot.all::<Target>() {
            self.note_target(&target);
        }
        self.look_soon();
    }

    /// The scheduler looks within a moment.
    pub fn look_soon(&mut self) {
        let slow = self.goes_wrong(|faults| faults.slow);
        if slow {
            self.tally.note(Seen::LateLook);
        }
        let soon_ms = self.pause_ms(if slow { 1_000 } else { 4 });
        self.look_by(self.at_ms + soon_ms);
    }

    fn look_by(&mut self, at_ms: i64) {
        if !self.daemon.is_up || self.daemon.looks_at_ms.is_some_and(|looks| looks <= at_ms) {
            return;
        }
        self.daemon.looks_at_ms = Some(at_ms);
        self.after(at_ms - self.at_ms, Event::Look);
    }

    /// A turn of the service loop, unless it had one before this.
    fn look(&mut self) {
        if self.daemon.looks_at_ms != Some(self.at_ms) {
            return;
        }
        self.daemon.looks_at_ms = None;
        let (snapshot, now) = (self.store().snapshot(), self.now());
        let mut due = Vec::new();
        if self.daemon.scheduler.is_due(&snapshot, now) {
            let look = self.daemon.scheduler.look(&snapshot, now);
            self.daemon.waits_for = look.waits_for;
            due = look.due;
        }
        if due.is_empty() {
            let waits_for = &self.daemon.waits_for;
            let found = self.properties.check_idle((self.at_ms, now), &snapshot, waits_for);
            self.broken = self.broken.take().or(found);
            let (above_ms, below_ms) = self.properties.out_of_bounds_ms(self.at_ms);
            above_ms.inspect(|_| self.tally.note(Seen::WaitAboveTheMaximum));
            below_ms.inspect(|_| self.tally.note(Seen::WaitBelowTheMinimum));
        } else {
            let account = self.ctx.cloud.account.clone();
            for due in due {
                let now = self.now();
                let applied = self.write(Who::Scheduler, |tx, rng| {
                    services::apply(tx, due, rng, &account, now);
                });
                if applied.is_err() {
                    return;
                }
            }
        }
        let wait_ms = self.daemon.scheduler.look_at().millis_since(self.now()).max(1);
        self.look_by(self.at_ms + wait_ms);
    }

    /// What the image of a task does.
    pub fn image_of(&self, task: &Task) -> Image {
        if self.is_mended {
            return Image::Good;
        }
        let key = TaskDefinition::key_in(&task.region, &task.task_definition_arn);
        let definition = key.and_then(|key| self.store().snapshot().get::<TaskDefinition>(&key));
        let revision = definition.map_or(1, |definition| definition.revision);
        self.scenario.images.get(revision as usize - 1).copied().unwrap_or(Image::Good)
    }
}
