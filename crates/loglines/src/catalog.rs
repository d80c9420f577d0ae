//! What there is, in memory: groups, their streams, and each stream's segments
//! with their sparse index (about a thousandth of the data). Changed by the
//! writer only, and only after what it says is on disk.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::block::Block;
use crate::error::LogError;
use crate::event::StreamStats;
use crate::frame::{self, Summary};
use crate::segment::{Segment, StreamName};

#[derive(Default)]
pub(crate) struct Catalog {
    groups: BTreeMap<Arc<str>, Group>,
}

#[derive(Default)]
pub(crate) struct Group {
    pub streams: BTreeMap<Arc<str>, Stream>,
    /// Events before this time have expired.
    pub expired_before_ms: i64,
}

#[derive(Default)]
pub(crate) struct Stream {
    /// In the order of their making; the last one is appended to.
    pub segments: Vec<Segment>,
    /// The time of the first event that has not expired, where that is not the
    /// first of the segments' own.
    pub first_unexpired_ms: Option<i64>,
}

/// A block to read, and whose it is.
#[derive(Clone)]
pub(crate) struct Source {
    pub stream: Arc<str>,
    pub path: Arc<Path>,
    pub block: Block,
}

impl Source {
    /// Reads the block, and gives each of its events to `visit` by arrival.
    pub fn visit(&self, mut visit: impl FnMut(frame::Stored<'_>)) -> Result<(), LogError> {
        let damage = |what: &str| LogError::Read(format!("{}: {what}", self.path.display()));
        let bytes = match Segment::read(&self.path, &self.block) {
            // Deleted since the search began.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            read => read.map_err(|error| damage(&error.to_string()))?,
        };
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (length, events) = frame::decode(rest).ok_or_else(|| {
                let at = self.block.offset + (bytes.len() - rest.len()) as u64;
                damage(&format!("damaged at byte {at}"))
            })?;
            events.for_each(&mut visit);
            rest = &rest[length..];
        }
        Ok(())
    }
}

impl Catalog {
    pub fn group(&self, group: &str) -> Option<&Group> {
        self.groups.get(group)
    }

    pub fn stream(&self, name: &StreamName) -> Option<&Stream> {
        self.groups.get(&name.group)?.streams.get(&name.stream)
    }

    pub fn stream_mut(&mut self, name: &StreamName) -> &mut Stream {
        let group = self.groups.entry(Arc::clone(&name.group)).or_default();
        group.streams.entry(Arc::clone(&name.stream)).or_default()
    }

    pub fn group_names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.groups.keys()
    }

    pub fn streams_mut(&mut self) -> impl Iterator<Item = &mut Stream> {
        self.groups.values_mut().flat_map(|group| group.streams.values_mut())
    }

    /// Forgets a stream, and gives its segments.
    pub fn remove_stream(&mut self, name: &StreamName) -> Vec<Segment> {
        let Some(group) = self.groups.get_mut(&name.group) else { return Vec::new() };
        let removed = group.streams.remove(&name.stream);
        if group.streams.is_empty() {
            self.groups.remove(&name.group);
        }
        removed.map(|stream| stream.segments).unwrap_or_default()
    }

    /// Forgets a group, and gives its segments.
    pub fn remove_group(&mut self, group: &str) -> Vec<Segment> {
        let streams = self.groups.remove(group).map(|group| group.streams).unwrap_or_default();
        streams.into_values().flat_map(|stream| stream.segments).collect()
    }

    /// Hides the group's events before this time, forgets the segments that
    /// hold nothing else, and gives those.
    pub fn expire(&mut self, group: &str, before_ms: i64) -> Vec<Segment> {
        let Some(entry) = self.groups.get_mut(group) else { return Vec::new() };
        entry.expired_before_ms = before_ms;
        let mut freed = Vec::new();
        for stream in entry.streams.values_mut() {
            let expired = |segment: &mut Segment| {
                segment.summary().is_none_or(|all| all.span.last_ms < before_ms)
            };
            freed.extend(stream.segments.extract_if(.., expired));
        }
        entry.streams.retain(|_, stream| !stream.segments.is_empty());
        if entry.streams.is_empty() {
            self.groups.remove(group);
        }
        freed
    }
}

impl Stream {
    pub fn stats(&self) -> Option<StreamStats> {
        let summary = self.segments.iter().filter_map(Segment::summary).reduce(Summary::join)?;
        Some(StreamStats {
            first_event_ms: self.first_unexpired_ms.unwrap_or(summary.span.first_ms),
            last_event_ms: summary.span.last_ms,
            last_ingestion_ms: summary.last_ingestion_ms,
            stored_bytes: summary.stored_bytes,
        })
    }

    /// All blocks of this stream, called `name`.
    pub fn sources<'a>(&'a self, name: &'a Arc<str>) -> impl Iterator<Item = Source> + 'a {
        self.segments.iter().flat_map(move |segment| {
            segment.blocks.iter().map(move |block| Source {
                stream: Arc::clone(name),
                path: Arc::clone(&segment.path),
                block: *block,
            })
        })
    }
}
