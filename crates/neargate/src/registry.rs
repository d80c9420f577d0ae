//! `/v2/`: the registry that docker pushes to. Which region's repositories are
//! meant stands in the token, so each request has repositories of its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response};
use hyper::body::Incoming;
use neargate_api::Cloud;
use neargate_api_ecr::{Pulls, StoredRepositories, credentials_of_url};
use neargate_blobs::Blobs;
use neargate_edge::{Body, Route};
use neargate_registry::Registry;

pub struct RegistryRoute {
    pub cloud: Arc<Cloud>,
    pub blobs: Blobs,
    pub pulls: Pulls,
}

/// Whether a request is for the registry.
pub fn is_for(request: &Request<Incoming>) -> bool {
    let path = request.uri().path();
    path == "/v2" || path.starts_with("/v2/")
}

impl Route for RegistryRoute {
    fn handle(
        &self,
        mut request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        let in_url = request.uri().query().and_then(credentials_of_url);
        if let Some(Ok(value)) = in_url.map(HeaderValue::try_from) {
            request.headers_mut().entry(AUTHORIZATION).or_insert(value);
        }
        let repositories =
            Arc::new(StoredRepositories::new(self.cloud.clone(), self.pulls.clone()));
        let registry = Registry::new(self.blobs.clone(), repositories);
        Box::pin(async move { registry.handle(request).await })
    }
}
