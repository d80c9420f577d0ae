//! Lists of names: a repository's tags, a registry's repositories.

use http::StatusCode;
use http::header::{HeaderValue, LINK};
use http::request::Parts;
use serde_json::json;

use crate::answer::{self, Answer};
use crate::refusal::{Code, Refusal};
use crate::registry::{Call, Registry};
use crate::repositories::{Access, Action};
use crate::route::query;

/// ECR's largest page, and its page when none is asked for.
const PAGE: usize = 1000;

/// `GET /v2/<name>/tags/list`
pub async fn list(registry: &Registry, call: Call<'_>) -> Result<Answer, Refusal> {
    let repositories = &registry.repositories;
    repositories.permit(&call.access, Action::ListImages, &call.repository).await?;
    let mut tags = repositories.tags(&call.repository).await?;
    tags.sort();
    let page = Page::of(tags, call.head)?;
    let body = json!({"name": call.repository, "tags": page.items}).to_string();
    Ok(page.link(answer::json(StatusCode::OK, body), call.head.uri.path()))
}

/// `GET /v2/_catalog`
pub async fn catalog(
    registry: &Registry,
    access: &Access,
    head: &Parts,
) -> Result<Answer, Refusal> {
    if head.method != http::Method::GET {
        return Err(Refusal::method_not_allowed("The operation is unsupported."));
    }
    let page = Page::of(registry.repositories.names(access).await?, head)?;
    let body = json!({"repositories": page.items}).to_string();
    Ok(page.link(answer::json(StatusCode::OK, body), head.uri.path()))
}

struct Page {
    items: Vec<String>,
    size: usize,
    more: bool,
}

impl Page {
    /// The part of sorted `all` that `n` and `last` ask for.
    fn of(all: Vec<String>, head: &Parts) -> Result<Page, Refusal> {
        let size = match query(head.uri.query(), "n") {
            None => PAGE,
            Some(text) => text.parse().ok().filter(|n| *n <= PAGE).ok_or_else(over_the_limit)?,
        };
        let last = query(head.uri.query(), "last").unwrap_or_default();
        let after = all.partition_point(|item| *item <= last);
        let items: Vec<String> = all[after..].iter().take(size).cloned().collect();
        let more = after + items.len() < all.len();
        Ok(Page { items, size, more })
    }

    /// Adds the way to the next page, if there is one.
    fn link(&self, mut answer: Answer, path: &str) -> Answer {
        if let (true, Some(last)) = (self.more, self.items.last()) {
            let size = self.size;
            let link = format!("<{path}?last={last}&n={size}>; rel=\"next\"");
            let link = HeaderValue::from_str(&link).expect("tags and names fit a header");
            answer.headers_mut().insert(LINK, link);
        }
        answer
    }
}

fn over_the_limit() -> Refusal {
    Refusal {
        status: StatusCode::BAD_REQUEST,
        ..Refusal::new(
            Code::Unsupported,
            "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value less than or equal to 1000'",
        )
    }
}
