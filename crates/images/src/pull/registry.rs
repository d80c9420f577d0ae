//! One repository of one registry, as a client sees it.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, RANGE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use hyper::body::Incoming;
use neargate_blobs::{BlobError, Digest};
use serde::Deserialize;

use super::auth::{self, Challenge, RegistryCredentials, query_escaped};
use super::patience::Patience;
use super::transport::{self, Transport};
use crate::manifest::{Descriptor, MANIFEST_LIMIT};
use crate::media;
use crate::reference::ImageReference;

const DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// Why a registry gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No answer, or half of one: it may come the next time.
    #[error("{0}")]
    NoAnswer(String),
    /// Too many requests, or a fault of the registry's: it may pass.
    #[error("{0}")]
    NotNow(String),
    /// An answer that another try would not change.
    #[error("{0}")]
    Final(String),
    #[error(transparent)]
    Store(#[from] BlobError),
}

impl Failure {
    pub fn is_passing(&self) -> bool {
        matches!(self, Failure::NoAnswer(_) | Failure::NotNow(_))
    }
}

pub struct Registry {
    transport: Transport,
    /// `https://registry-1.docker.io`, with no slash at the end.
    base: String,
    repository: String,
    host: String,
    credentials: Option<RegistryCredentials>,
    /// The value of `Authorization` that was last accepted.
    authorization: Arc<Mutex<Option<HeaderValue>>>,
}

impl Registry {
    /// The registry that the reference names. Plain HTTP on this machine only.
    pub fn origin(
        transport: Transport,
        reference: &ImageReference,
        credentials: Option<RegistryCredentials>,
    ) -> Self {
        let host = match reference.registry.as_str() {
            "docker.io" => "registry-1.docker.io",
            other => other,
        };
        let scheme = if is_local(host) { "http" } else { "https" };
        Registry::at(transport, format!("{scheme}://{host}"), reference, credentials)
    }

    /// Another place that has the same repositories. The origin's credentials
    /// are not for it.
    pub fn mirror(transport: Transport, url: &str, reference: &ImageReference) -> Self {
        Registry::at(transport, url.trim_end_matches('/').to_string(), reference, None)
    }

    fn at(
        transport: Transport,
        base: String,
        reference: &ImageReference,
        credentials: Option<RegistryCredentials>,
    ) -> Self {
        let host = base.split_once("://").map_or(base.as_str(), |(_, host)| host).to_string();
        let repository = reference.repository.clone();
        Registry { transport, base, repository, host, credentials, authorization: Arc::default() }
    }

    /// What the reference stands for now. A failure comes with the number of tries.
    pub async fn resolve_patiently(
        &self,
        reference: &ImageReference,
    ) -> Result<Descriptor, (Failure, u32)> {
        let mut patience = Patience::default();
        loop {
            match self.resolve(reference).await {
                Ok(descriptor) => return Ok(descriptor),
                Err(failure) => patience.spend(failure).await?,
            }
        }
    }

    /// A manifest's bytes, verified. A failure comes with the number of tries.
    pub async fn manifest_patiently(&self, digest: &Digest) -> Result<Bytes, (Failure, u32)> {
        let mut patience = Patience::default();
        loop {
            match self.manifest(digest).await {
                Ok(bytes) => return Ok(bytes),
                Err(failure) => patience.spend(failure).await?,
            }
        }
    }

    async fn resolve(&self, reference: &ImageReference) -> Result<Descriptor, Failure> {
        let identifier = reference.identifier();
        let path = format!("manifests/{identifier}");
        let accept = (ACCEPT, accepted());
        let response = self.send(&Method::HEAD, &path, accept.clone()).await?;
        let response = self.require(response, &Method::HEAD, &path, Some(reference)).await?;
        let header = |name: HeaderName| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_string)
        };
        let media_type = header(CONTENT_TYPE).unwrap_or_default();
        let digest = match (reference.digest, header(DIGEST)) {
            (Some(digest), _) => digest,
            (None, Some(text)) => {
                text.parse().map_err(|error| Failure::Final(format!("{error}")))?
            }
            // A registry that does not say: its bytes do.
            (None, None) => {
                let response = self.send(&Method::GET, &path, accept).await?;
                let response = self.require(response, &Method::GET, &path, Some(reference)).await?;
                let bytes = transport::collect(response.into_body(), MANIFEST_LIMIT).await;
                Digest::of(&bytes.map_err(Failure::NoAnswer)?)
            }
        };
        let (platform, artifact_type) = (None, None);
        let annotations = Default::default();
        Ok(Descriptor { media_type, digest, size: 0, platform, artifact_type, annotations })
    }

    async fn manifest(&self, digest: &Digest) -> Result<Bytes, Failure> {
        let path = format!("manifests/{digest}");
        let response = self.send(&Method::GET, &path, (ACCEPT, accepted())).await?;
        let response = self.require(response, &Method::GET, &path, None).await?;
        let bytes = transport::collect(response.into_body(), MANIFEST_LIMIT).await;
        let bytes = bytes.map_err(Failure::NoAnswer)?;
        let actual = Digest::of(&bytes);
        if actual != *digest {
            let why = format!("unexpected digest {actual}, expected {digest}");
            return Err(Failure::Final(why));
        }
        Ok(bytes)
    }

    /// A blob from `offset` on; whether the registry began there, or at 0.
    pub async fn blob(&self, digest: &Digest, offset: u64) -> Result<(Incoming, bool), Failure> {
        let path = format!("blobs/{digest}");
        let header = match offset {
            0 => (ACCEPT, HeaderValue::from_static("*/*")),
            _ => {
                let range = HeaderValue::from_str(&format!("bytes={offset}-"));
                (RANGE, range.expect("digits fit a header"))
            }
        };
        let response = self.send(&Method::GET, &path, header).await?;
        let response = self.require(response, &Method::GET, &path, None).await?;
        let partial = response.status() == StatusCode::PARTIAL_CONTENT;
        Ok((response.into_body(), partial))
    }

    /// Sends, and once more with what the registry asks for.
    async fn send(
        &self,
        method: &Method,
        path: &str,
        (name, value): (HeaderName, HeaderValue),
    ) -> Result<Response<Incoming>, Failure> {
        let url = self.url(path);
        let mut headers = HeaderMap::from_iter([(name, value)]);
        if let Some(authorization) = self.authorization() {
            headers.insert(AUTHORIZATION, authorization);
        }
        let failed = |why| Failure::NoAnswer(format!("failed to do request: {why}"));
        let response = self.transport.send(method, &url, &headers).await.map_err(failed)?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let challenges = response.headers().get_all(WWW_AUTHENTICATE);
        let challenge = challenges.iter().find_map(|value| Challenge::parse(value.to_str().ok()?));
        let Some(challenge) = challenge else { return Ok(response) };
        let authorization = self.meet(challenge).await?;
        headers.insert(AUTHORIZATION, authorization.clone());
        let response = self.transport.send(method, &url, &headers).await.map_err(failed)?;
        if response.status() != StatusCode::UNAUTHORIZED {
            *self.authorization.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(authorization);
        }
        Ok(response)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v2/{}/{path}", self.base, self.repository)
    }

    fn authorization(&self) -> Option<HeaderValue> {
        self.authorization.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn meet(&self, challenge: Challenge) -> Result<HeaderValue, Failure> {
        let value = match (challenge, &self.credentials) {
            (Challenge::Basic, Some(credentials)) => credentials.basic(),
            (Challenge::Basic, None) => {
                return Err(Failure::Final(
                    "pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials".into(),
                ));
            }
            (Challenge::Bearer { realm, service, scope }, _) => {
                format!("Bearer {}", self.token(&realm, service, scope).await?)
            }
        };
        HeaderValue::from_str(&value)
            .map_err(|_| Failure::Final("the registry's token does not fit a header".into()))
    }

    /// Asks the token service for a token to pull with.
    async fn token(
        &self,
        realm: &str,
        service: Option<String>,
        scope: Option<String>,
    ) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            token: Option<String>,
            access_token: Option<String>,
        }
        let scope = scope.unwrap_or_else(|| format!("repository:{}:pull", self.repository));
        let mut url = format!("{realm}{}scope={}", separator(realm), query_escaped(&scope));
        if let Some(service) = service {
            url.push_str(&format!("&service={}", query_escaped(&service)));
        }
        let mut headers = HeaderMap::new();
        if let Some(credentials) = &self.credentials
            && let Ok(value) = HeaderValue::from_str(&credentials.basic())
        {
            headers.insert(AUTHORIZATION, value);
        }
        let failed = |why| Failure::NoAnswer(format!("failed to fetch oauth token: {why}"));
        let response = self.transport.send(&Method::GET, &url, &headers).await.map_err(failed)?;
        let status = response.status();
        let body =
            transport::collect(response.into_body(), MANIFEST_LIMIT).await.map_err(failed)?;
        if !status.is_success() {
            let why = format!(
                "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to {url}: {status}"
            );
            return Err(if is_passing(status) {
                Failure::NotNow(why)
            } else {
                Failure::Final(why)
            });
        }
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|error| Failure::Final(format!("unable to decode token response: {error}")))?;
        answer.token.or(answer.access_token).ok_or_else(|| {
            Failure::Final("authorization server did not include a token in the response".into())
        })
    }

    /// A success, or the refusal in containerd's words.
    async fn require(
        &self,
        response: Response<Incoming>,
        method: &Method,
        path: &str,
        reference: Option<&ImageReference>,
    ) -> Result<Response<Incoming>, Failure> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let url = self.url(path);
        let asked = response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        Err(match (status, reference) {
            (StatusCode::NOT_FOUND, Some(reference)) => {
                Failure::Final(format!("{reference}: not found"))
            }
            (StatusCode::UNAUTHORIZED, Some(_)) => {
                let said = asked.and_then(auth::error_of);
                let said = said.map(|error| format!("server message: {error}: "));
                Failure::Final(format!(
                    "pull access denied, repository does not exist or may require authorization: {}authorization failed",
                    said.unwrap_or_default()
                ))
            }
            (StatusCode::FORBIDDEN, Some(reference)) => Failure::Final(format!(
                "pulling from host {} failed with status code [manifests {}]: {status}",
                self.host,
                reference.identifier()
            )),
            _ => {
                let said = server_message(response).await;
                let why =
                    format!("unexpected status from {method} request to {url}: {status}{said}");
                if is_passing(status) { Failure::NotNow(why) } else { Failure::Final(why) }
            }
        })
    }
}

/// ` - Server message: toomanyrequests: …`, if the answer has an error's form.
async fn server_message(response: Response<Incoming>) -> String {
    let body = transport::collect(response.into_body(), MANIFEST_LIMIT).await.unwrap_or_default();
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let error = &json["errors"][0];
    match (error["code"].as_str(), error["message"].as_str()) {
        (Some(code), Some(message)) => {
            format!(" - Server message: {}: {message}", code.to_ascii_lowercase())
        }
        _ => String::new(),
    }
}

fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
}

fn separator(url: &str) -> char {
    if url.contains('?') { '&' } else { '?' }
}

fn accepted() -> HeaderValue {
    HeaderValue::from_str(&media::MANIFESTS.join(", ")).expect("media types fit a header")
}

/// Hosts of this machine, which docker speaks plain HTTP with.
pub fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    let loopback = name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    loopback || name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine() {
        for host in ["localhost", "localhost:5000", "127.9.9.9:1", "[::1]:5000", "a.localhost:4566"]
        {
            assert!(is_local(host), "{host}");
        }
        for host in ["docker.io", "10.0.0.1:5000", "localhost.evil.com", "127.0.0.1.evil.com"] {
            assert!(!is_local(host), "{host}");
        }
    }
}
