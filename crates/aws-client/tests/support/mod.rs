//! A server in this process that answers what a test says, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use neargate_aws_client::{Client, Config, Credentials, Endpoints, Identity, RetryPolicy};
use neargate_ids::{Clock, Rng, Timestamp};
use tokio::net::TcpListener;

pub type Asked = Request<Bytes>;

/// What a server does with the request of this number; nothing: the connection breaks.
pub type Answers = dyn Fn(usize, &Asked) -> Option<Response<Full<Bytes>>> + Send + Sync;

pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(answers: Box<Answers>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (seen, answers) = (asked.clone(), Arc::new(answers));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, answers) = (seen.clone(), answers.clone());
                let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let (seen, answers) = (seen.clone(), answers.clone());
                    async move {
                        let (parts, body) = request.into_parts();
                        let body = body.collect().await.map_err(|e| e.to_string())?.to_bytes();
                        let request = Request::from_parts(parts, body);
                        let number = seen.lock().unwrap().len();
                        seen.lock().unwrap().push(request.clone());
                        answers(number, &request).ok_or_else(|| "broken off".to_owned())
                    }
                });
                tokio::spawn(async move {
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Server { url, asked, task }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn client(&self) -> Client {
        self.client_with(Credentials::fixed(Identity::lasting("AKID", "secret")))
    }

    pub fn client_with(&self, credentials: Credentials) -> Client {
        Client::new(self.config(credentials)).unwrap()
    }

    pub fn config(&self, credentials: Credentials) -> Config {
        let retry = RetryPolicy { base: Duration::ZERO, ..RetryPolicy::default() };
        Config {
            region: "us-west-2".into(),
            endpoints: Endpoints::at(&self.url),
            credentials,
            retry,
            at_once: 2,
            clock: Clock::fixed(Timestamp::from_secs(1_767_323_045)),
            rng: Rng::seeded(1),
        }
    }
}

pub fn answer(status: u16, body: &str) -> Option<Response<Full<Bytes>>> {
    let response = Response::builder().status(status).header("x-amzn-requestid", "r-1");
    Some(response.body(Full::new(Bytes::from(body.to_owned()))).unwrap())
}

/// What was asked, as the wire had it, without what changes with every port and version.
pub fn told(asked: &Asked) -> String {
    let mut text = format!("{} {}\n", asked.method(), asked.uri());
    for name in ["content-type", "x-amz-target", "x-amz-date", "x-amz-security-token"] {
        if let Some(value) = asked.headers().get(name) {
            text.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
        }
    }
    text.push_str(&String::from_utf8_lossy(asked.body()));
    text
}
