//! Layers and configurations, going out.

use std::ops::Range;

use futures_util::TryStreamExt;
use http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, RANGE,
};
use http::{Method, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use neargate_blobs::{Digest, Reader};

use crate::answer::{self, Answer, Body, DOCKER_CONTENT_DIGEST};
use crate::refusal::{Code, Refusal};
use crate::registry::{Call, Registry};
use crate::repositories::Action;

/// `GET` and `HEAD /v2/<name>/blobs/<digest>`, whole or a range of it.
pub async fn get(registry: &Registry, call: Call<'_>, digest: &str) -> Result<Answer, Refusal> {
    let head_only = call.head.method == Method::HEAD;
    let action = match head_only {
        true => Action::BatchCheckLayerAvailability,
        false => Action::GetDownloadUrlForLayer,
    };
    let repositories = &registry.repositories;
    repositories.permit(&call.access, action, &call.repository).await?;
    let digest: Digest = digest.parse().map_err(|_| Refusal::digest_invalid(digest))?;
    if !repositories.has_layer(&call.repository, &digest).await? {
        return Err(Refusal::blob_unknown(&digest));
    }
    if head_only {
        // Whoever hears that it is there will not push it: it must stay a while.
        registry.blobs.touch(&digest).await?;
    }
    let reader = registry.blobs.reader(&digest).await?;
    let reader = reader.ok_or_else(|| Refusal::blob_unknown(&digest))?;
    serve(&reader, &digest, call.head.headers.get(RANGE))
}

fn serve(reader: &Reader, digest: &Digest, asked: Option<&HeaderValue>) -> Result<Answer, Refusal> {
    let size = reader.size();
    let builder = |status| {
        answer::empty(status)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(DOCKER_CONTENT_DIGEST, digest.to_string())
            .header(ETAG, format!("\"{digest}\""))
            .header(ACCEPT_RANGES, "bytes")
    };
    let asked = asked.and_then(|value| value.to_str().ok());
    match asked.map_or(Asked::Whole, |text| range(text, size)) {
        Asked::Whole => {
            let builder = builder(StatusCode::OK).header(CONTENT_LENGTH, size);
            Ok(answer::with(builder, stream(reader, 0..size)))
        }
        Asked::Part(part) => {
            let shown = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            let builder = builder(StatusCode::PARTIAL_CONTENT)
                .header(CONTENT_RANGE, shown)
                .header(CONTENT_LENGTH, part.end - part.start);
            Ok(answer::with(builder, stream(reader, part)))
        }
        Asked::Beyond => {
            let refusal = Refusal::new(Code::RangeInvalid, format!("The blob has {size} bytes"));
            let mut answer = answer::refused(&refusal);
            let shown = HeaderValue::from_str(&format!("bytes */{size}"));
            answer.headers_mut().insert(CONTENT_RANGE, shown.expect("digits fit a header"));
            Ok(answer)
        }
    }
}

fn stream(reader: &Reader, range: Range<u64>) -> Body {
    StreamBody::new(reader.stream(range).map_ok(Frame::data)).boxed()
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(Range<u64>),
    Beyond,
}

/// One range of bytes (RFC 9110, section 14.2). Several at once, other units
/// and nonsense are answered with the whole, as that section allows.
fn range(text: &str, size: u64) -> Asked {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|r| r.split_once('-')) else {
        return Asked::Whole;
    };
    let part = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..size.min(last.saturating_add(1)),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..size,
        (Err(_), Ok(suffix)) if first.trim().is_empty() => size.saturating_sub(suffix)..size,
        _ => return Asked::Whole,
    };
    if part.start >= part.end { Asked::Beyond } else { Asked::Part(part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(range("bytes=0-4", 10), Asked::Part(0..5));
        assert_eq!(range("bytes=5-", 10), Asked::Part(5..10));
        assert_eq!(range("bytes=-3", 10), Asked::Part(7..10));
        assert_eq!(range("bytes=-30", 10), Asked::Part(0..10));
        assert_eq!(range("bytes=9-99", 10), Asked::Part(9..10));
        assert_eq!(range("bytes=10-", 10), Asked::Beyond);
        assert_eq!(range("bytes=-0", 10), Asked::Beyond);
        for nonsense in ["bytes=4-2", "lines=1-2", "bytes=a-b", "bytes=0-1,3-4", "bytes=-"] {
            assert_eq!(range(nonsense, 10), Asked::Whole, "{nonsense}");
        }
    }
}
