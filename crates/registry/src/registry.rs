//! The service: a request's way from its path to its handler.

use std::sync::Arc;

use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use http::{Method, Request, StatusCode};
use neargate_blobs::Blobs;

use crate::answer::{self, Answer};
use crate::auth::{self, Credentials};
use crate::incoming::RequestBody;
use crate::refusal::Refusal;
use crate::repositories::{Access, Repositories};
use crate::route::{Resource, Route};
use crate::{blobs, manifests, tags, uploads};

/// The registry. Clones share everything.
#[derive(Clone)]
pub struct Registry {
    pub(crate) blobs: Blobs,
    pub(crate) repositories: Arc<dyn Repositories>,
}

/// A request that is authenticated and routed to a repository.
pub struct Call<'a> {
    pub access: Access,
    pub repository: String,
    pub head: &'a Parts,
}

impl Registry {
    pub fn new(blobs: Blobs, repositories: Arc<dyn Repositories>) -> Self {
        Registry { blobs, repositories }
    }

    /// Answers one request under `/v2`. Never fails: what goes wrong is in the
    /// answer.
    pub async fn handle<B: RequestBody>(&self, request: Request<B>) -> Answer {
        let (head, mut body) = request.into_parts();
        let answer = match self.route(&head, &mut body).await {
            Ok(answer) => answer,
            Err(refusal) => answer::refused(&refusal),
        };
        tracing::debug!(method = %head.method, path = head.uri.path(), status = answer.status().as_u16(), "registry");
        answer::for_method(&head.method, answer)
    }

    async fn route(&self, head: &Parts, body: &mut impl RequestBody) -> Result<Answer, Refusal> {
        let route = Route::parse(head.uri.path())?;
        let Some(credentials) = Credentials::from_headers(&head.headers) else {
            return Ok(not_authorized(head));
        };
        let access = self.repositories.authorize(&credentials).await?;
        match route {
            Route::Base => base(&head.method),
            Route::Catalog => tags::catalog(self, &access, head).await,
            Route::In { repository, resource } => {
                let call = Call { access, repository, head };
                self.resource(call, resource, body).await
            }
        }
    }

    async fn resource(
        &self,
        call: Call<'_>,
        resource: Resource,
        body: &mut impl RequestBody,
    ) -> Result<Answer, Refusal> {
        let method = call.head.method.clone();
        match (resource, method) {
            (Resource::Tags, Method::GET) => tags::list(self, call).await,
            (Resource::Manifest(reference), Method::GET | Method::HEAD) => {
                manifests::get(self, call, &reference).await
            }
            (Resource::Manifest(reference), Method::PUT) => {
                manifests::put(self, call, &reference, body).await
            }
            (Resource::Manifest(reference), Method::DELETE) => {
                manifests::delete(self, call, &reference).await
            }
            (Resource::Referrers(digest), Method::GET) => {
                manifests::referrers(self, call, &digest).await
            }
            (Resource::Blob(digest), Method::GET | Method::HEAD) => {
                blobs::get(self, call, &digest).await
            }
            (Resource::Blob(_), Method::DELETE) => Err(Refusal::method_not_allowed(
                "Layers are not deleted by themselves: they go when no image has them any more",
            )),
            (Resource::Uploads, Method::POST) => uploads::begin(self, call, body).await,
            (Resource::Upload(id), Method::PATCH) => uploads::append(self, call, &id, body).await,
            (Resource::Upload(id), Method::PUT) => uploads::finish(self, call, &id, body).await,
            (Resource::Upload(id), Method::GET | Method::HEAD) => {
                uploads::status(self, call, &id).await
            }
            (Resource::Upload(id), Method::DELETE) => uploads::cancel(self, call, &id).await,
            _ => Err(Refusal::method_not_allowed("The operation is unsupported.")),
        }
    }
}

fn base(method: &Method) -> Result<Answer, Refusal> {
    match *method {
        Method::GET | Method::HEAD => Ok(answer::json(StatusCode::OK, "{}")),
        _ => Err(Refusal::method_not_allowed("The operation is unsupported.")),
    }
}

/// ECR's answer to a request without credentials: the challenge, and plain text.
fn not_authorized(head: &Parts) -> Answer {
    let builder = answer::empty(StatusCode::UNAUTHORIZED)
        .header(WWW_AUTHENTICATE, auth::challenge(&head.headers))
        .header(http::header::CONTENT_TYPE, "text/plain; charset=utf-8");
    answer::with(builder, answer::full("Not Authorized\n"))
}
