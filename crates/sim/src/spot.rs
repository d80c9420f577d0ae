//! What whoever runs Fargate Spot does: it takes a task's capacity back, or has none for new
//! ones, by the transactions of `/_neargate/spot`.

use std::sync::Arc;

use neargate_api_ecs::spot::{SpotError, interrupt, set_shortage};
use neargate_model::ecs::{FARGATE_SPOT, Task};

use crate::base;
use crate::daemon::Died;
use crate::scenario::Action;
use crate::tally::Seen;
use crate::user::AGAIN_MS;
use crate::world::{Event, Who, World};

impl World {
    pub fn spot(&mut self, action: Action) {
        let done = match action {
            Action::Interrupt { number, left_ms } => self.interrupt(number, left_ms),
            Action::Shortage { short } => self.set_shortage(short),
            _ => Ok(()),
        };
        if done.is_err() {
            self.after(AGAIN_MS, Event::User(action));
        }
    }

    /// The notice to one of the tasks on Fargate Spot, if there is any.
    fn interrupt(&mut self, number: u64, left_ms: i64) -> Result<(), Died> {
        let Some(task) = self.on_spot(number) else { return Ok(()) };
        self.tell("spot", &format!("interrupts (task {}) with {left_ms} ms left", task.id));
        let refused = self.at_risk(Who::User, |world| {
            base::at_once(interrupt(&world.ctx.cloud, &task.arn, left_ms)).err()
        })?;
        self.unrefused(refused);
        self.tally.note(Seen::Interruption);
        Ok(())
    }

    fn on_spot(&self, number: u64) -> Option<Arc<Task>> {
        let snapshot = self.store().snapshot();
        let is_on_spot = |task: &Arc<Task>| {
            task.is_wanted() && task.wire.capacity_provider_name.as_deref() == Some(FARGATE_SPOT)
        };
        let tasks: Vec<_> = snapshot.all::<Task>().filter(is_on_spot).collect();
        let index = number.checked_rem(tasks.len() as u64)?;
        tasks.get(index as usize).cloned()
    }

    fn set_shortage(&mut self, short: bool) -> Result<(), Died> {
        self.tell("spot", if short { "has no capacity" } else { "has capacity" });
        let refused = self.at_risk(Who::User, |world| {
            base::at_once(set_shortage(&world.ctx.cloud, short)).err()
        })?;
        self.unrefused(refused);
        if short {
            self.tally.note(Seen::Shortage);
        }
        Ok(())
    }

    /// Neither asks for what could be refused.
    fn unrefused(&mut self, refused: Option<SpotError>) {
        if let Some(error) = refused {
            self.broken.get_or_insert(format!("Fargate Spot is refused: {error:?}"));
        }
    }
}
