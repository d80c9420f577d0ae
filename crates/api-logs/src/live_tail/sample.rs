//! Events that wait for the next message of a live tail. Pure.
//! The numbers are those of StartLiveTail in the API reference.

use std::collections::VecDeque;

use neargate_api::types::logs::LiveTailSessionLogEvent;

/// Events of a message.
const MESSAGE: usize = 500;
/// Events that wait.
const WAITING: usize = 5000;

#[derive(Default)]
pub struct Waiting {
    events: VecDeque<LiveTailSessionLogEvent>,
    dropped: bool,
}

impl Waiting {
    pub fn push(&mut self, event: LiveTailSessionLogEvent) {
        if self.events.len() == WAITING {
            self.events.pop_front();
            self.dropped = true;
        }
        self.events.push_back(event);
    }

    /// What the next message has, and whether it is a sample.
    pub fn take(&mut self) -> (Vec<LiveTailSessionLogEvent>, bool) {
        let all = std::mem::take(&mut self.events);
        let dropped = std::mem::take(&mut self.dropped);
        let count = all.len();
        if count <= MESSAGE {
            return (all.into(), dropped);
        }
        // Those at which the count of the sample grows: as far apart as can be.
        let chosen = |at: &usize| (at + 1) * MESSAGE / count > at * MESSAGE / count;
        let events = all.into_iter().enumerate().filter(|(at, _)| chosen(at));
        (events.map(|(_, event)| event).collect(), true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(count: usize) -> (usize, Option<String>, bool) {
        let mut waiting = Waiting::default();
        for n in 0..count {
            let message = Some(n.to_string());
            waiting.push(LiveTailSessionLogEvent { message, ..Default::default() });
        }
        let (events, sampled) = waiting.take();
        (events.len(), events.last().and_then(|event| event.message.clone()), sampled)
    }

    #[test]
    fn a_message_has_five_hundred_events_at_most() {
        assert_eq!(taken(0), (0, None, false));
        assert_eq!(taken(500), (500, Some("499".into()), false));
        assert_eq!(taken(1203), (500, Some("1202".into()), true));
        assert_eq!(taken(7000), (500, Some("6999".into()), true));
    }
}
