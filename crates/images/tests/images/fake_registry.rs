//! A registry whose answers a test scripts.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use neargate_blobs::Digest;

use crate::image::Image;

pub type Reply = Response<Full<Bytes>>;

/// What a client asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    /// With the query.
    pub path: String,
    pub headers: HeaderMap,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub struct FakeRegistry {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for FakeRegistry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl FakeRegistry {
    /// Answers every request by `answer`; nothing means: break the connection.
    pub async fn answering(
        answer: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (answer, log) = (Arc::new(answer), asked.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, log) = (answer.clone(), log.clone());
                let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                    let asked = Asked {
                        method: request.method().clone(),
                        path: request.uri().path_and_query().unwrap().to_string(),
                        headers: request.headers().clone(),
                    };
                    log.lock().unwrap().push(asked.clone());
                    let answer = answer.clone();
                    async move { answer(&asked).ok_or("broken") }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        FakeRegistry { address, asked, task }
    }

    /// `HEAD /v2/…` and so on, in order.
    pub fn log(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    }
}

pub fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
    let mut builder = Response::builder().status(StatusCode::from_u16(status).unwrap());
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Full::new(body.into())).unwrap()
}

/// Serves an image as `<anything>/manifests/<tag or digest>` and its blobs.
pub fn serve_image(image: &Image, asked: &Asked) -> Option<Reply> {
    let digest = image.digest().to_string();
    let last = asked.path.rsplit('/').next()?;
    if asked.path.contains("/manifests/") && (last == "latest" || last == digest) {
        let headers = [
            ("content-type", neargate_images::media::OCI_MANIFEST),
            ("docker-content-digest", &digest),
        ];
        return Some(reply(200, &headers, image.manifest.clone()));
    }
    let blob = image.blobs().into_iter().find(|blob| Digest::of(blob).to_string() == last);
    let Some(blob) = blob.filter(|_| asked.path.contains("/blobs/")) else {
        return Some(reply(404, &[], ""));
    };
    let range = asked.header("range").strip_prefix("bytes=");
    match range.and_then(|range| range.strip_suffix('-')?.parse::<usize>().ok()) {
        Some(from) => Some(reply(206, &[], blob[from..].to_vec())),
        None => Some(reply(200, &[], blob)),
    }
}
