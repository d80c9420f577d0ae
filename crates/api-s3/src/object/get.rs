//! GetObject and HeadObject: an object or a range of it, if the conditions hold.

use std::io;
use std::ops::Range;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use http::StatusCode;
use http_body_util::{BodyExt, StreamBody};
use neargate_api::model::s3::{Content, Object, Piece};
use neargate_api::{AwsError, Timestamp};
use neargate_blobs::{Blobs, Digest};

use crate::answer::{self, Answer, Body};
use crate::service::Call;
use crate::{error, object};

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let id = call.target.query.get("versionId");
    let action = if id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
    let bucket = call.permit(action)?;
    let (object, content) = object::find(&call.ctx.snapshot(), &bucket.name, call.key()?, id)?;
    check_conditions(call, &object, &content)?;
    let (range, partial) = part(call, &content)?;
    let length = range.end - range.start;
    let body = match call.parts.method {
        http::Method::HEAD => answer::full(Bytes::new()),
        _ => body(&call.blobs, &content.pieces, range.clone()).await?,
    };
    let mut shown = Answer::new(body);
    if partial {
        *shown.status_mut() = StatusCode::PARTIAL_CONTENT;
        let text = match length {
            0 => format!("bytes */{}", content.size),
            _ => format!("bytes {}-{}/{}", range.start, range.end - 1, content.size),
        };
        shown = answer::with(shown, "content-range", text);
    }
    shown = answer::with(shown, "content-length", length.to_string());
    shown = answer::with(shown, "accept-ranges", "bytes");
    shown = describe(call, shown, &object, &content, partial);
    Ok(object::with_version(shown, &object))
}

/// The headers that tell of an object.
fn describe(
    call: &Call,
    mut shown: Answer,
    object: &Object,
    content: &Content,
    partial: bool,
) -> Answer {
    shown = answer::with(shown, "etag", &content.etag);
    shown = answer::with(shown, "last-modified", object.modified_at.http_date());
    let checksums = call.header("x-amz-checksum-mode") == Some("ENABLED") && !partial;
    for (name, value) in &content.headers {
        let is_checksum = name.starts_with("x-amz-checksum-");
        if is_checksum && checksums {
            shown = answer::with(shown, "x-amz-checksum-type", "FULL_OBJECT");
        }
        if !is_checksum || checksums {
            shown = answer::with(shown, name, value);
        }
    }
    if !content.tags.is_empty() {
        shown = answer::with(shown, "x-amz-tagging-count", content.tags.len().to_string());
    }
    if content.pieces.len() > 1 {
        shown = answer::with(shown, "x-amz-mp-parts-count", content.pieces.len().to_string());
    }
    for (parameter, header) in OVERRIDES {
        if let Some(value) = call.target.query.get(parameter) {
            shown = answer::with(shown, header, value);
        }
    }
    shown
}

/// Parameters by which a caller has a header of the answer changed.
const OVERRIDES: [(&str, &str); 6] = [
    ("response-cache-control", "cache-control"),
    ("response-content-disposition", "content-disposition"),
    ("response-content-encoding", "content-encoding"),
    ("response-content-language", "content-language"),
    ("response-content-type", "content-type"),
    ("response-expires", "expires"),
];

/// Source: RFC 9110, section 13.2.2 on the order of conditions.
fn check_conditions(call: &Call, object: &Object, content: &Content) -> Result<(), AwsError> {
    let names = |header: &str| {
        header.split(',').any(|etag| {
            let etag = etag.trim().trim_start_matches("W/");
            etag == "*" || etag.trim_matches('"') == content.etag.trim_matches('"')
        })
    };
    let date = |name: &str| call.header(name).and_then(Timestamp::parse_http_date);
    let unmet = || {
        AwsError::new(
            412,
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
        )
    };
    match call.header("if-match") {
        Some(etags) if !names(etags) => return Err(unmet()),
        None if date("if-unmodified-since").is_some_and(|at| object.modified_at > at) => {
            return Err(unmet());
        }
        _ => {}
    }
    let unchanged = match call.header("if-none-match") {
        Some(etags) => names(etags),
        None => date("if-modified-since").is_some_and(|at| object.modified_at <= at),
    };
    match unchanged {
        true => Err(AwsError::new(304, "NotModified", "Not Modified")),
        false => Ok(()),
    }
}

/// The bytes that are asked for, and whether they are a part: by `Range`, or by `partNumber`.
fn part(call: &Call, content: &Content) -> Result<(Range<u64>, bool), AwsError> {
    if let Some(number) = call.target.query.number("partNumber")? {
        let index = (number as usize).wrapping_sub(1);
        let piece = content.pieces.get(index).ok_or_else(|| {
            AwsError::new(416, "InvalidPartNumber", "The requested partnumber is not satisfiable")
        })?;
        let start = content.pieces[..index].iter().map(|piece| piece.size).sum();
        return Ok((start..start + piece.size, true));
    }
    match call.header("range").map(|text| range(text, content.size)) {
        None | Some(Asked::Ignored) => Ok((0..content.size, false)),
        Some(Asked::Range(range)) => Ok((range, true)),
        Some(Asked::Unsatisfiable) => {
            Err(AwsError::new(416, "InvalidRange", "The requested range is not satisfiable")
                .with("ActualObjectSize", content.size.to_string()))
        }
    }
}

/// The range of `x-amz-copy-source-range: bytes=0-9`, which must lie within the object.
pub fn copied_range(text: &str, size: u64) -> Result<Range<u64>, AwsError> {
    match range(text, size) {
        Asked::Range(range) => Ok(range),
        Asked::Ignored => Err(error::invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last",
        )),
        Asked::Unsatisfiable => {
            Err(AwsError::new(416, "InvalidRange", "The requested range is not satisfiable"))
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Range(Range<u64>),
    /// Of another form, or several: the whole is answered.
    Ignored,
    Unsatisfiable,
}

/// Source: RFC 9110, section 14.1.2.
fn range(text: &str, size: u64) -> Asked {
    let bounds = text.strip_prefix("bytes=").and_then(|spec| spec.split_once('-'));
    let Some((first, last)) = bounds else { return Asked::Ignored };
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), _) if first >= size => Asked::Unsatisfiable,
        (Ok(first), Ok(last)) if last >= first => Asked::Range(first..size.min(last + 1)),
        (Ok(first), Err(_)) if last.trim().is_empty() => Asked::Range(first..size),
        (Err(_), Ok(suffix)) if first.trim().is_empty() => match suffix {
            0 => Asked::Unsatisfiable,
            _ if size == 0 => Asked::Unsatisfiable,
            _ => Asked::Range(size.saturating_sub(suffix)..size),
        },
        _ => Asked::Ignored,
    }
}

/// The bytes of `range` over all pieces, opened before the answer begins.
pub async fn body(blobs: &Blobs, pieces: &[Piece], range: Range<u64>) -> Result<Body, AwsError> {
    let mut streams = Vec::new();
    let mut start = 0;
    for piece in pieces {
        let end = start + piece.size;
        let (from, to) = (range.start.max(start), range.end.min(end));
        if from < to {
            streams.push(open(blobs, piece, from - start..to - start).await?);
        }
        start = end;
    }
    let joined = futures_util::stream::iter(streams).flatten();
    Ok(BodyExt::boxed(StreamBody::new(joined.map_ok(http_body::Frame::data))))
}

async fn open(
    blobs: &Blobs,
    piece: &Piece,
    range: Range<u64>,
) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + Sync + use<>, AwsError> {
    let digest: Digest = piece.digest.parse().map_err(error::internal)?;
    let reader = blobs.reader(&digest).await.map_err(error::internal)?;
    let reader = reader.ok_or_else(|| error::internal(format!("{digest} is not there")))?;
    Ok(Box::pin(reader.stream(range)))
}

#[cfg(test)]
mod tests {
    use super::{Asked, range};

    #[test]
    fn ranges() {
        assert_eq!(range("bytes=0-4", 10), Asked::Range(0..5));
        assert_eq!(range("bytes=5-", 10), Asked::Range(5..10));
        assert_eq!(range("bytes=8-99", 10), Asked::Range(8..10));
        assert_eq!(range("bytes=-3", 10), Asked::Range(7..10));
        assert_eq!(range("bytes=-30", 10), Asked::Range(0..10));
        assert_eq!(range("bytes=10-", 10), Asked::Unsatisfiable);
        assert_eq!(range("bytes=-0", 10), Asked::Unsatisfiable);
        assert_eq!(range("bytes=4-2", 10), Asked::Ignored);
        assert_eq!(range("lines=1-2", 10), Asked::Ignored);
        assert_eq!(range("bytes=0-1,3-4", 10), Asked::Ignored);
    }
}
