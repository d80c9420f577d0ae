//! `/_neargate/spot`: Fargate Spot's capacity. GET tells whether it is short; POST,
//! by the operator alone, takes back that of a task, or makes it short for new ones.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{Method, Request, Response};
use hyper::body::Incoming;
use neargate_api::Cloud;
use neargate_api::model::ecs::SpotShortage;
use neargate_api_ecs::spot::{SpotError, interrupt, set_shortage};
use neargate_edge::{Body, Route};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::operator_page::{Refused, from_operator, respond};
use crate::operator_token::OperatorToken;

pub const PATH: &str = "/_neargate/spot";

/// From the notice to the end of the capacity at most: AWS's two minutes.
pub const LONGEST_NOTICE_MS: i64 = 120_000;

pub struct Spot {
    pub cloud: Arc<Cloud>,
    pub operator: Arc<OperatorToken>,
}

/// What the operator wants.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Wanted {
    #[serde(rename_all = "camelCase")]
    Interrupt {
        /// An id, its beginning, or an ARN.
        task: String,
        in_ms: i64,
    },
    Shortage(bool),
}

impl Spot {
    fn shown(&self) -> Value {
        let shortage = self.cloud.store.snapshot().get::<SpotShortage>(SpotShortage::KEY);
        json!({ "shortage": shortage.is_some(), "since": shortage.map(|s| s.since.iso8601()) })
    }

    async fn change(&self, wanted: Wanted) -> Result<Value, Refused> {
        let refused = |error: SpotError| match error {
            SpotError::Refused(why) => (400, why),
            SpotError::Store(why) => (500, format!("the change could not be stored: {why}")),
        };
        match wanted {
            Wanted::Interrupt { in_ms, .. } if !(0..=LONGEST_NOTICE_MS).contains(&in_ms) => {
                Err((400, "the notice is of two minutes at most, as on AWS".into()))
            }
            Wanted::Interrupt { task, in_ms } => {
                let id = interrupt(&self.cloud, &task, in_ms).await.map_err(refused)?;
                tracing::info!(task = id, in_ms, "Fargate Spot interrupts a task");
                Ok(json!({ "task": id, "inMs": in_ms }))
            }
            Wanted::Shortage(short) => {
                if set_shortage(&self.cloud, short).await.map_err(refused)? {
                    tracing::info!(short, "the capacity of Fargate Spot has changed");
                }
                Ok(self.shown())
            }
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Value, Refused> {
        match *request.method() {
            Method::GET => Ok(self.shown()),
            Method::POST => {
                let wanted = from_operator(&self.operator, request, "neargate spot").await?;
                self.change(wanted).await
            }
            _ => Err((405, "use GET or POST".into())),
        }
    }
}

impl Route for Spot {
    fn handle(
        &self,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        Box::pin(async move { respond(self.answer(request).await) })
    }
}
