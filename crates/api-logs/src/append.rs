//! Lines into a stream that is there, while it may be deleted.

use neargate_api::model::logs::{LogGroup, LogStream, lines_key};
use neargate_api::{AwsError, Cloud, Snapshot};
use neargate_loglines::{LogLines, NewEvent};

use crate::{event, group, stream};

/// Adds events to a stream that is there, and answers when they are on disk.
///
/// # Errors
/// ResourceNotFoundException, of the group or the stream. The limits of a batch
/// are PutLogEvents' alone.
pub async fn append(
    cloud: &Cloud,
    lines: &LogLines,
    region: &str,
    group: &str,
    stream: &str,
    events: Vec<NewEvent>,
) -> Result<(), AwsError> {
    exists(&cloud.store.snapshot(), region, group, stream)?;
    if events.is_empty() {
        return Ok(());
    }
    let key = lines_key(region, group);
    lines.append(&key, stream, events).await.map_err(event::failed)?;
    // A deletion forgets the lines before the name: one that passed by in
    // between must not leave these to a later stream of the same name.
    let gone = exists(&cloud.store.snapshot(), region, group, stream);
    if gone.is_err() {
        lines.delete_stream(&key, stream).await.map_err(event::failed)?;
    }
    gone
}

fn exists(snapshot: &Snapshot, region: &str, group: &str, stream: &str) -> Result<(), AwsError> {
    if !snapshot.contains::<LogGroup>(&LogGroup::key_of(region, group)) {
        return Err(group::not_found());
    }
    if !snapshot.contains::<LogStream>(&LogStream::key_of(region, group, stream)) {
        return Err(stream::not_found());
    }
    Ok(())
}
