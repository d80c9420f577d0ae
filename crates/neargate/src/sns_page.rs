//! What the subscribers of SNS come to without a signature of AWS's: the certificate that their
//! messages are signed with, and the links that confirm a subscription or take it away.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{Method, Request, Response};
use hyper::body::Incoming;
use neargate_api::model::sns::Subscription;
use neargate_api::types::sns::{self, ConfirmSubscriptionInput, UnsubscribeInput};
use neargate_api::{AwsError, Caller, Cloud, Ctx, Services};
use neargate_edge::{Body, Route, full};
use neargate_notifications::{Signer, is_certificate_path};

const ACTIONS: [&str; 2] = ["Action=ConfirmSubscription", "Action=Unsubscribe"];

#[derive(Clone)]
pub struct SnsPage {
    pub cloud: Arc<Cloud>,
    pub services: Arc<Services>,
    pub signer: Arc<Signer>,
}

/// Whether a request is one of those.
pub fn is_for(request: &Request<Incoming>) -> bool {
    if *request.method() != Method::GET {
        return false;
    }
    let path = request.uri().path();
    let query = request.uri().query().unwrap_or_default();
    is_certificate_path(path)
        || path == "/"
            && !query.contains("X-Amz-Signature=")
            && !request.headers().contains_key("authorization")
            && query.split('&').any(|part| ACTIONS.contains(&part))
}

impl SnsPage {
    async fn answer(&self, path: &str, query: &str) -> Result<(&'static str, String), AwsError> {
        if is_certificate_path(path) {
            return self.certificate(path).await;
        }
        let asked = parsed(query);
        let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
        let done = match of("Action").as_str() {
            "Unsubscribe" => self.unsubscribe(of("SubscriptionArn")).await?,
            _ => {
                let input = ConfirmSubscriptionInput {
                    topic_arn: of("TopicArn"),
                    token: of("Token"),
                    ..Default::default()
                };
                let ctx = self.ctx(&input.topic_arn);
                let confirmed =
                    self.services.invoke::<sns::ConfirmSubscription>(&sns::SERVICE, ctx, input);
                let arn = confirmed.await?.subscription_arn.unwrap_or_default();
                result("ConfirmSubscription", &format!("<SubscriptionArn>{arn}</SubscriptionArn>"))
            }
        };
        Ok(("text/xml", done))
    }

    async fn unsubscribe(&self, arn: String) -> Result<String, AwsError> {
        let found = self.cloud.store.snapshot().get::<Subscription>(&arn);
        if found.is_some_and(|subscription| subscription.signed_unsubscribe) {
            return Err(AwsError::new(
                403,
                "AuthorizationError",
                "This subscription is taken away by a signed call only.",
            ));
        }
        let ctx = self.ctx(&arn);
        let input = UnsubscribeInput { subscription_arn: arn };
        self.services.invoke::<sns::Unsubscribe>(&sns::SERVICE, ctx, input).await?;
        Ok(result("Unsubscribe", ""))
    }

    async fn certificate(&self, path: &str) -> Result<(&'static str, String), AwsError> {
        let (signer, path) = (self.signer.clone(), path.to_owned());
        let found = tokio::task::spawn_blocking(move || signer.certificate(&path)).await;
        match found {
            Ok(Ok(Some(pem))) => Ok(("application/x-pem-file", pem)),
            _ => Err(AwsError::new(404, "NotFound", "There is no such certificate.")),
        }
    }

    /// The token of a link is the proof, and so is knowing a subscription's ARN, as on AWS.
    fn ctx(&self, arn: &str) -> Ctx {
        Ctx {
            cloud: self.cloud.clone(),
            caller: Caller::Operator,
            region: arn.split(':').nth(3).unwrap_or_default().to_owned(),
            request_id: self.cloud.rng.uuid(),
            now: self.cloud.clock.now(),
        }
    }
}

fn result(operation: &str, inner: &str) -> String {
    let namespace = sns::SERVICE.xml_namespace;
    format!(
        "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{inner}</{operation}Result></{operation}Response>\n"
    )
}

/// A query's parameters. ARNs and tokens need few escapes.
fn parsed(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter_map(|part| part.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), unescaped(value))).collect()
}

fn unescaped(text: &str) -> String {
    let mut plain = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = tail.get(..2).filter(|_| *first == b'%');
        let hex = escape.and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                rest = &tail[2..];
            }
            None => {
                plain.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

impl Route for SnsPage {
    fn handle(
        &self,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        Box::pin(async move {
            let query = request.uri().query().unwrap_or_default();
            let (status, kind, body) = match self.answer(request.uri().path(), query).await {
                Ok((kind, body)) => (200, kind, body),
                Err(error) => {
                    let namespace = sns::SERVICE.xml_namespace;
                    let body = neargate_api::query_error(&error, namespace, "");
                    (error.status, "text/xml", String::from_utf8_lossy(&body).into_owned())
                }
            };
            let response = Response::builder().status(status).header("content-type", kind);
            response.body(full(body)).expect("these headers are valid")
        })
    }
}
