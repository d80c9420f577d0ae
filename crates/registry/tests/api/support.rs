//! A registry on a port of its own, over repositories kept in memory, and a
//! client that says exactly what it is told to.
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use neargate_blobs::{Blobs, Digest};
use neargate_images::media;
use neargate_registry::{
    Access, Action, Credentials, ManifestPut, ManifestRecord, ManifestReference, Referrer, Refusal,
    Registry, Repositories,
};
use serde_json::{Value, json};

#[derive(Default)]
struct Repository {
    immutable: bool,
    manifests: BTreeMap<Digest, ManifestPut>,
    tags: BTreeMap<String, Digest>,
    layers: BTreeSet<Digest>,
}

/// Repositories in memory. The password `token` may everything, `reader` may
/// not push, `expired` is over.
#[derive(Default)]
pub struct Fake {
    repositories: Mutex<BTreeMap<String, Repository>>,
    /// The manifests that were pulled, with their repositories.
    pub pulls: Mutex<Vec<(String, Digest)>>,
}

impl Fake {
    pub fn with(names: &[(&str, bool)]) -> Arc<Self> {
        let fake = Fake::default();
        for (name, immutable) in names {
            let repository = Repository { immutable: *immutable, ..Repository::default() };
            fake.repositories.lock().unwrap().insert(name.to_string(), repository);
        }
        Arc::new(fake)
    }

    fn on<T>(&self, name: &str, work: impl FnOnce(&mut Repository) -> T) -> Result<T, Refusal> {
        let mut repositories = self.repositories.lock().unwrap();
        let unknown = || Refusal::name_unknown(name, "000000000000");
        Ok(work(repositories.get_mut(name).ok_or_else(unknown)?))
    }
}

fn record(put: &ManifestPut) -> ManifestRecord {
    ManifestRecord { digest: put.digest, media_type: put.media_type.clone(), size: put.size }
}

#[async_trait]
impl Repositories for Fake {
    async fn authorize(&self, credentials: &Credentials) -> Result<Access, Refusal> {
        match (credentials.username.as_str(), credentials.password.as_str()) {
            ("AWS", "expired") => Err(Refusal::token_expired()),
            ("AWS", who @ ("token" | "reader")) => Ok(Access { principal: who.into() }),
            _ => Err(Refusal::token_invalid()),
        }
    }

    async fn permit(
        &self,
        access: &Access,
        action: Action,
        repository: &str,
    ) -> Result<(), Refusal> {
        let writes = matches!(
            action,
            Action::PutImage | Action::InitiateLayerUpload | Action::BatchDeleteImage
        );
        if writes && access.principal == "reader" {
            return Err(Refusal::denied(format!("reader may not {}", action.iam())));
        }
        self.on(repository, |_| ())
    }

    async fn names(&self, _access: &Access) -> Result<Vec<String>, Refusal> {
        Ok(self.repositories.lock().unwrap().keys().cloned().collect())
    }

    async fn tags(&self, repository: &str) -> Result<Vec<String>, Refusal> {
        self.on(repository, |r| r.tags.keys().rev().cloned().collect())
    }

    async fn resolve(
        &self,
        repository: &str,
        reference: &ManifestReference,
    ) -> Result<Option<ManifestRecord>, Refusal> {
        self.on(repository, |r| {
            let digest = match reference {
                ManifestReference::Tag(tag) => r.tags.get(tag)?,
                ManifestReference::Digest(digest) => digest,
            };
            r.manifests.get(digest).map(record)
        })
    }

    async fn note_pull(&self, repository: &str, manifest: &ManifestRecord) {
        self.pulls.lock().unwrap().push((repository.into(), manifest.digest));
    }

    async fn put_manifest(&self, _access: &Access, put: ManifestPut) -> Result<(), Refusal> {
        self.on(&put.repository.clone(), |r| {
            if let Some(tag) = &put.tag {
                let taken = r.tags.get(tag).is_some_and(|digest| *digest != put.digest);
                if r.immutable && taken {
                    return Err(Refusal::tag_immutable(tag, &put.repository));
                }
                r.tags.insert(tag.clone(), put.digest);
            }
            r.manifests.insert(put.digest, put);
            Ok(())
        })?
    }

    async fn delete_manifest(
        &self,
        _access: &Access,
        repository: &str,
        reference: &ManifestReference,
    ) -> Result<bool, Refusal> {
        self.on(repository, |r| match reference {
            ManifestReference::Tag(tag) => r.tags.remove(tag).is_some(),
            ManifestReference::Digest(digest) => {
                r.tags.retain(|_, tagged| tagged != digest);
                r.manifests.remove(digest).is_some()
            }
        })
    }

    async fn referrers(
        &self,
        repository: &str,
        subject: &Digest,
    ) -> Result<Vec<Referrer>, Refusal> {
        self.on(repository, |r| {
            let about = r.manifests.values().filter(|put| put.subject == Some(*subject));
            let referrer = |put: &ManifestPut| Referrer {
                record: record(put),
                artifact_type: put.artifact_type.clone(),
                annotations: put.annotations.clone(),
            };
            about.map(referrer).collect()
        })
    }

    async fn has_layer(&self, repository: &str, digest: &Digest) -> Result<bool, Refusal> {
        self.on(repository, |r| r.layers.contains(digest))
    }

    async fn add_layer(
        &self,
        repository: &str,
        digest: &Digest,
        _size: u64,
    ) -> Result<(), Refusal> {
        self.on(repository, |r| {
            r.layers.insert(*digest);
        })
    }
}

pub struct Server {
    pub address: SocketAddr,
    pub blobs: Blobs,
    pub fake: Arc<Fake>,
    pub dir: tempfile::TempDir,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves repositories `app`, `team/app` and `frozen` (whose tags are immutable).
pub async fn serve() -> Server {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(dir.path().join("blobs")).unwrap();
    let fake = Fake::with(&[("app", false), ("team/app", false), ("frozen", true)]);
    let registry = Registry::new(blobs.clone(), fake.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let registry = registry.clone();
            let service = hyper::service::service_fn(move |request| {
                let registry = registry.clone();
                async move { Ok::<_, std::convert::Infallible>(registry.handle(request).await) }
            });
            tokio::spawn(async move {
                let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Server { address, blobs, fake, dir, task }
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// `404 NAME_UNKNOWN: …`
    pub fn error(&self) -> String {
        let json = self.json();
        let error = &json["errors"][0];
        let text = |key: &str| error[key].as_str().unwrap().to_string();
        format!("{} {}: {}", self.status.as_u16(), text("code"), text("message"))
    }
}

impl Server {
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Reply {
        let stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string())
            .body(Full::new(body.into()))
            .unwrap();
        let token = http::HeaderValue::from_static("Basic QVdTOnRva2Vu");
        request.headers_mut().insert("authorization", token);
        for (name, value) in headers {
            let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply { status: head.status, headers: head.headers, body }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], "").await
    }

    pub async fn push_blob(&self, repository: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        let path = format!("/v2/{repository}/blobs/uploads/?digest={digest}");
        let reply = self.send(Method::POST, &path, &[], bytes.to_vec()).await;
        assert_eq!(reply.status, 201, "{:?}", reply.body);
        digest
    }

    pub async fn put_manifest(&self, repository: &str, reference: &str, manifest: &Value) -> Reply {
        let path = format!("/v2/{repository}/manifests/{reference}");
        let media_type = manifest["mediaType"].as_str().unwrap();
        let headers = [("content-type", media_type)];
        self.send(Method::PUT, &path, &headers, manifest.to_string()).await
    }
}

pub fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": Digest::of(bytes).to_string(), "size": bytes.len()})
}

pub const CONFIG: &[u8] = b"{}";
pub const LAYER: &[u8] = b"a layer";

/// A manifest of [`CONFIG`] and [`LAYER`] that differs by its note.
pub fn manifest(note: &str) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": media::OCI_MANIFEST,
        "config": descriptor(media::OCI_CONFIG, CONFIG),
        "layers": [descriptor(media::OCI_LAYER_GZIP, LAYER)],
        "annotations": {"note": note},
    })
}

pub fn digest_of(manifest: &Value) -> Digest {
    Digest::of(manifest.to_string().as_bytes())
}
