//! What has arrived since a sequence, by arrival: for whoever follows a group and must miss
//! nothing, whatever the timestamps of its events.

use crate::catalog::Source;
use crate::error::LogError;
use crate::event::Event;

/// Events that have arrived, in that order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// Each with its sequence.
    pub events: Vec<(u64, Event)>,
    /// All until this one were looked at: what to ask for next is since then.
    pub until: u64,
    /// Whether there is more already.
    pub more: bool,
}

pub(crate) fn arrivals(
    mut sources: Vec<Source>,
    since: u64,
    limit_bytes: u64,
    expired_before_ms: i64,
) -> Result<Arrivals, LogError> {
    sources.retain(|source| source.block.summary.last_sequence > since);
    sources.sort_by_key(|source| source.block.summary.first_sequence);
    let mut arrived = Arrivals { until: since, ..Arrivals::default() };
    let (mut bytes, mut cut) = (0, u64::MAX);
    for source in &sources {
        let first = source.block.summary.first_sequence;
        // A block that is left out may begin before the last event that was read.
        let gives_some = arrived.events.iter().any(|(sequence, _)| *sequence < first);
        if bytes >= limit_bytes && gives_some {
            cut = first;
            break;
        }
        bytes += source.block.length;
        arrived.until = arrived.until.max(source.block.summary.last_sequence);
        source.visit(|event| {
            if event.sequence > since && event.timestamp_ms >= expired_before_ms {
                arrived.events.push((event.sequence, event.to_event(&source.stream)));
            }
        })?;
    }
    if cut < u64::MAX {
        arrived.events.retain(|(sequence, _)| *sequence < cut);
        arrived.until = cut - 1;
        arrived.more = true;
    }
    arrived.events.sort_by_key(|(sequence, _)| *sequence);
    Ok(arrived)
}
