//! `/_neargate/exec`: a session in a container, for the operator alone: POST gives
//! what `ecs:ExecuteCommand` gives, for any running task, whether or not ECS Exec is
//! enabled for it, and for a command that is split into words already.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request, Response};
use hyper::body::Incoming;
use neargate_api::model::ecs::{ContainerStatus, Task};
use neargate_api_ecs::container_of;
use neargate_api_ecs::exec::{By, Grant, Settings};
use neargate_api_ssm::session::CHANNEL;
use neargate_edge::{Body, Route};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::data_channel::rights::{Asked, Rights, told};
use crate::operator_page::{Refused, from_operator, respond};
use crate::operator_token::OperatorToken;

pub const PATH: &str = "/_neargate/exec";

pub struct ExecPage {
    pub asked: Asked,
    pub operator: Arc<OperatorToken>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// An id, its beginning, or an ARN.
    task: String,
    container: Option<String>,
    command: Vec<String>,
}

impl ExecPage {
    async fn session(&self, wanted: Wanted) -> Result<Value, Refused> {
        let task = self.task(&wanted.task)?;
        let container = container_of(&task, wanted.container.as_deref());
        let container = container.map_err(|error| (400, error.message))?;
        if container.status != ContainerStatus::Running {
            let (id, name) = (&task.id, &container.name);
            return Err((400, format!("container {name} of task {id} does not run")));
        }
        if wanted.command.is_empty() {
            return Err((400, "the command is empty".into()));
        }
        let cloud = &self.asked.cloud;
        let grant = Grant::new(cloud, &task, container, wanted.command, By::Operator);
        Ok(json!({
            "sessionId": grant.session_id,
            "path": format!("{CHANNEL}{}", grant.session_id),
            "token": grant.token(cloud),
            "dataKey": self.data_key(&task, &grant).await?,
        }))
    }

    /// Where the cluster has a key for its sessions: a data key of it, both ways.
    async fn data_key(&self, task: &Task, grant: &Grant) -> Result<Value, Refused> {
        let settings = Settings::of(&self.asked.cloud.store.snapshot(), task, &grant.container);
        let Some(key_id) = settings.kms_key_id else { return Ok(Value::Null) };
        let made = Rights::of_operator(&self.asked, &task.region).data_key(&key_id, grant).await;
        let made = made.map_err(|error| {
            let why = told(&error);
            (400, format!("the cluster's key {key_id} does not encrypt the session: {why}"))
        })?;
        let text = |bytes| STANDARD.encode(bytes);
        Ok(json!({ "plain": text(made.plain), "encrypted": text(made.encrypted) }))
    }

    fn task(&self, reference: &str) -> Result<Arc<Task>, Refused> {
        let id = Task::id_in(reference);
        let snapshot = self.asked.cloud.store.snapshot();
        let mut found = snapshot.all::<Task>().filter(|t| !id.is_empty() && t.id.starts_with(id));
        match (found.next(), found.next()) {
            (Some(task), None) => Ok(task),
            (Some(_), Some(_)) => {
                Err((400, format!("several tasks begin with {id}: give more of its id")))
            }
            (None, _) => {
                Err((400, format!("there is no task {id}: `neargate status` shows those that are")))
            }
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Value, Refused> {
        match *request.method() {
            Method::POST => {
                let wanted = from_operator(&self.operator, request, "neargate exec").await?;
                self.session(wanted).await
            }
            _ => Err((405, "use POST".into())),
        }
    }
}

impl Route for ExecPage {
    fn handle(
        &self,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send + '_>> {
        Box::pin(async move { respond(self.answer(request).await) })
    }
}
