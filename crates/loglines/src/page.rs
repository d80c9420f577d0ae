//! One page of events, out of the blocks that can hold them.
//!
//! Blocks are visited in the order of their earliest event (or backward, of
//! their latest). A page is final when it is full and the next block begins
//! behind its last event: what is not read can't belong to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::Source;
use crate::error::LogError;
use crate::event::{Event, event_size};
use crate::frame;
use crate::position::Position;

/// The most events on a page (GetLogEvents, FilterLogEvents).
const PAGE_EVENTS: usize = 10_000;
/// The most bytes on a page, by [`event_size`]; a single larger event is a page.
const PAGE_BYTES: u64 = 1 << 20;
/// How much is read for one page of a search before it is answered with what
/// was found so far.
const SEARCH_BYTES: u64 = 32 << 20;

/// What GetLogEvents asks for.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Events at or after this time…
    pub start_ms: Option<i64>,
    /// …and before this one.
    pub end_ms: Option<i64>,
    /// At most 10,000, which is also the default.
    pub limit: Option<usize>,
    /// The oldest events first, rather than the newest; a token overrides it.
    pub start_from_head: bool,
    pub token: Option<String>,
}

/// What GetLogEvents answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// By time, whichever way was read.
    pub events: Vec<Event>,
    /// The same as the one that was asked with when there is nothing behind it.
    pub next_forward_token: String,
    pub next_backward_token: String,
}

/// Which streams of a group a search covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Streams {
    #[default]
    All,
    Named(Vec<String>),
    Prefix(String),
}

/// What FilterLogEvents asks for, but for the pattern.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub streams: Streams,
    /// Events at or after this time…
    pub start_ms: Option<i64>,
    /// …and before this one.
    pub end_ms: Option<i64>,
    /// At most 10,000, which is also the default.
    pub limit: Option<usize>,
    pub token: Option<String>,
}

/// What FilterLogEvents answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilteredPage {
    pub events: Vec<Event>,
    /// Present while there may be more, even when this page is empty.
    pub next_token: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Forward,
    Backward,
}

/// The positions from the first to before the second.
#[derive(Clone, Copy, Debug)]
struct Window {
    from: Position,
    to: Position,
}

impl Window {
    fn contains(&self, position: Position) -> bool {
        self.from <= position && position < self.to
    }

    fn touches(&self, source: &Source) -> bool {
        let span = source.block.summary.span;
        self.to > Position::before(span.first_ms) && self.from.timestamp_ms <= span.last_ms.max(0)
    }
}

/// A token is a direction and the gap between two events.
fn token(direction: Direction, gap: Position) -> String {
    match direction {
        Direction::Forward => format!("f/{}/s", gap.digits()),
        Direction::Backward => format!("b/{}/s", gap.digits()),
    }
}

fn parse_token(token: &str) -> Result<(Direction, Position), LogError> {
    let parse = || {
        let token = token.strip_suffix("/s")?;
        match token.split_at_checked(2)? {
            ("f/", gap) => Some((Direction::Forward, Position::parse(gap)?)),
            ("b/", gap) => Some((Direction::Backward, Position::parse(gap)?)),
            _ => None,
        }
    };
    parse().ok_or(LogError::InvalidToken)
}

const END: Position = Position { timestamp_ms: i64::MAX, sequence: u64::MAX, behind: true };

fn window(start_ms: Option<i64>, end_ms: Option<i64>, expired_before_ms: i64) -> Window {
    Window {
        from: Position::before(start_ms.unwrap_or(0).max(expired_before_ms)),
        to: end_ms.map_or(END, Position::before),
    }
}

fn limit(asked: Option<usize>) -> usize {
    asked.unwrap_or(PAGE_EVENTS).clamp(1, PAGE_EVENTS)
}

/// GetLogEvents, over the blocks of one stream.
pub(crate) fn read(
    sources: Vec<Source>,
    request: &Read,
    expired_before_ms: i64,
) -> Result<Page, LogError> {
    let mut window = window(request.start_ms, request.end_ms, expired_before_ms);
    let asked = request.token.as_deref().map(parse_token).transpose()?;
    let direction = match asked {
        Some((direction, _)) => direction,
        None if request.start_from_head => Direction::Forward,
        None => Direction::Backward,
    };
    match asked {
        Some((Direction::Forward, gap)) => window.from = window.from.max(gap),
        Some((Direction::Backward, gap)) => window.to = window.to.min(gap),
        None => {}
    }
    let mut search = Search::new(window, direction, limit(request.limit), u64::MAX);
    search.run(sources, &|_| true)?;
    let found = search.found;
    let (before, behind) = match (found.first_key_value(), found.last_key_value()) {
        (Some((first, _)), Some((last, _))) => (*first, last.behind()),
        // Nothing there: stay, so that what arrives later is found.
        _ => {
            let stay = asked.map_or(window.from, |(_, gap)| gap);
            (stay, stay)
        }
    };
    Ok(Page {
        events: found.into_values().collect(),
        next_forward_token: token(Direction::Forward, behind),
        next_backward_token: token(Direction::Backward, before),
    })
}

/// FilterLogEvents, over the blocks of any number of streams.
pub(crate) fn filter(
    sources: Vec<Source>,
    request: &Filter,
    expired_before_ms: i64,
    accepts: &dyn Fn(&str) -> bool,
) -> Result<FilteredPage, LogError> {
    let mut window = window(request.start_ms, request.end_ms, expired_before_ms);
    if let Some(token) = &request.token {
        let (direction, gap) = parse_token(token)?;
        if direction == Direction::Backward {
            return Err(LogError::InvalidToken);
        }
        window.from = window.from.max(gap);
    }
    let mut search = Search::new(window, Direction::Forward, limit(request.limit), SEARCH_BYTES);
    search.run(sources, accepts)?;
    let next_token = search.cut.then(|| token(Direction::Forward, search.window.to));
    Ok(FilteredPage { events: search.found.into_values().collect(), next_token })
}

/// A page in the making. Whenever something is left out at its far end, the
/// window shrinks to before it, so that a page never has holes.
struct Search {
    window: Window,
    direction: Direction,
    limit: usize,
    /// How much may still be read.
    budget: u64,
    found: BTreeMap<Position, Event>,
    bytes: u64,
    /// The window is smaller than asked: there may be more behind it.
    cut: bool,
}

impl Search {
    fn new(window: Window, direction: Direction, limit: usize, budget: u64) -> Self {
        let found = BTreeMap::new();
        Search { window, direction, limit, budget, found, bytes: 0, cut: false }
    }

    fn run(
        &mut self,
        mut sources: Vec<Source>,
        accepts: &dyn Fn(&str) -> bool,
    ) -> Result<(), LogError> {
        sources.retain(|source| self.window.touches(source));
        let span = |source: &Source| source.block.summary.span;
        match self.direction {
            Direction::Forward => sources.sort_by_key(|source| span(source).first_ms),
            Direction::Backward => {
                sources.sort_by_key(|source| std::cmp::Reverse(span(source).last_ms));
            }
        }
        for source in &sources {
            if self.budget == 0 {
                self.stop_before(source);
            }
            // The window may have shrunk since.
            if self.window.touches(source) {
                self.budget = self.budget.saturating_sub(source.block.length);
                self.visit(source, accepts)?;
            }
        }
        Ok(())
    }

    /// Enough was read for now: what is before `next` is all that is answered.
    /// Some time must have been covered, or the next page would end at the
    /// same place. Only a forward search has a budget.
    fn stop_before(&mut self, next: &Source) {
        let covered = Position::before(next.block.summary.span.first_ms);
        if self.window.from < covered && covered < self.window.to {
            self.found.split_off(&covered);
            self.window.to = covered;
            self.cut = true;
        }
    }

    fn visit(&mut self, source: &Source, accepts: &dyn Fn(&str) -> bool) -> Result<(), LogError> {
        source.visit(|event| {
            if self.window.contains(event.position()) && accepts(event.message) {
                self.take(&event, &source.stream);
            }
        })
    }

    fn take(&mut self, event: &frame::Stored<'_>, stream: &Arc<str>) {
        if self.found.insert(event.position(), event.to_event(stream)).is_none() {
            self.bytes += event_size(event.message);
        }
        while self.found.len() > self.limit || (self.bytes > PAGE_BYTES && self.found.len() > 1) {
            self.drop_farthest();
        }
        if self.found.len() == self.limit {
            self.cut_at_far_end();
        }
    }

    fn drop_farthest(&mut self) {
        let dropped = match self.direction {
            Direction::Forward => self.found.pop_last(),
            Direction::Backward => self.found.pop_first(),
        };
        if let Some((_, event)) = dropped {
            self.bytes -= event_size(&event.message);
        }
        self.cut_at_far_end();
    }

    /// Nothing beyond what is on the page belongs to it any more.
    fn cut_at_far_end(&mut self) {
        self.cut = true;
        match self.direction {
            Direction::Forward => {
                if let Some((last, _)) = self.found.last_key_value() {
                    self.window.to = last.behind();
                }
            }
            Direction::Backward => {
                if let Some((first, _)) = self.found.first_key_value() {
                    self.window.from = *first;
                }
            }
        }
    }
}
