//! The configured provider: the engine's values on one side, attributes on the other.

use std::sync::Arc;

use async_trait::async_trait;
use neargate_hcl::json::{from_json_as, to_json};
use neargate_hcl::{Diagnostic, Value};
use neargate_stack::address::Mode;
use neargate_stack::provider::{Applied, Configured, Object, PlanRequest, Planned, Problems};
use neargate_stack::schema::{Schema, aws};
use serde_json::Value as Json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Failure, Resource};
use crate::{data, plan, recover, resources, timeouts};

/// A provider with its client.
pub struct Session {
    cloud: Cloud,
}

/// A value as attributes; what is unknown is null.
pub fn to_attributes(value: Value) -> Attributes {
    let known = value.map_deep(&mut |inner| {
        if inner.is_known() { inner } else { Value::null(inner.ty()) }
    });
    Attributes::from(to_json(&known).unwrap_or(Json::Null))
}

/// Attributes as a value of the schema's type.
fn to_value(schema: &Schema, of_type: &str, attributes: Attributes) -> Result<Value, Problems> {
    // Blocks that are not there are none, and not null.
    let mut complete = Attributes::from(to_json(&schema.block.empty()).unwrap_or(Json::Null));
    complete.extend(attributes.into());
    from_json_as(&complete.into(), &schema.block.ty()).map_err(|error| {
        vec![Diagnostic::error(
            format!("What AWS has is no {of_type}"),
            format!("{error}. This is a mistake of this program."),
        )]
    })
}

struct Found {
    resource: &'static dyn Resource,
    schema: Arc<Schema>,
}

fn resource(of_type: &str) -> Result<Found, Problems> {
    let schema = aws().get(Mode::Managed, of_type);
    match (resources::find(of_type), schema) {
        (Some(resource), Some(schema)) => Ok(Found { resource, schema }),
        _ => Err(vec![Diagnostic::error(
            "Unsupported resource type",
            format!("{of_type} is not supported. There are {}.", resources::types().join(", ")),
        )]),
    }
}

/// `doing` is as in "creating".
fn problem(doing: &str, of_type: &str, id: &str, failure: &Failure) -> Problems {
    let which = if id.is_empty() { of_type.to_owned() } else { format!("{of_type} ({id})") };
    vec![Diagnostic::error(format!("{doing} {which}: {failure}"), "")]
}

impl Session {
    pub fn new(cloud: Cloud) -> Self {
        Session { cloud }
    }

    /// What a new or changed object is now.
    async fn settled(
        &self,
        found: &Found,
        of_type: &str,
        known: Attributes,
        private: String,
    ) -> Applied {
        let id = known.id();
        let as_known = |problems: Problems| match to_value(&found.schema, of_type, known.clone()) {
            Ok(value) => {
                Applied { object: Some(Object { value, private: private.clone() }), problems }
            }
            Err(more) => Applied::failed(problems.into_iter().chain(more).collect()),
        };
        match found.resource.read(&self.cloud, known.clone()).await {
            Ok(Some(now)) => match to_value(&found.schema, of_type, now) {
                Ok(value) => Applied::done(Object { value, private }),
                Err(problems) => as_known(problems),
            },
            Ok(None) => {
                let failure = Failure::told("it is gone right after it was made");
                as_known(problem("reading", of_type, &id, &failure))
            }
            Err(failure) => as_known(problem("reading", of_type, &id, &failure)),
        }
    }

    /// Creates, with a mark where there is one.
    async fn make(&self, of_type: &str, planned: Object, mark: Option<&str>) -> Applied {
        let found = match resource(of_type) {
            Ok(found) => found,
            Err(problems) => return Applied::failed(problems),
        };
        let mut attributes = to_attributes(planned.value);
        let mut cloud = self.cloud.bounded(timeouts::of(&attributes, "create"));
        if let Some(mark) = mark {
            cloud = cloud.making(mark);
        }
        let sent = match mark.filter(|_| recover::is_marked(of_type)) {
            Some(mark) => recover::marked(&attributes, mark),
            None => attributes.clone(),
        };
        let id = match found.resource.create(&cloud, &sent).await {
            Ok(id) => id,
            Err(failure) => return Applied::failed(problem("creating", of_type, "", &failure)),
        };
        attributes.set("id", id.as_str());
        let completed = found.resource.complete(&cloud, &attributes).await;
        let mut applied = self.settled(&found, of_type, attributes, planned.private).await;
        if let Err(failure) = completed {
            applied.problems = problem("creating", of_type, &id, &failure);
        }
        applied
    }
}

#[async_trait]
impl Configured for Session {
    async fn read(&self, of_type: &str, object: Object) -> Result<Option<Object>, Problems> {
        let found = resource(of_type)?;
        let known = to_attributes(object.value);
        let id = known.id();
        let now = found.resource.read(&self.cloud, known).await;
        let Some(now) = now.map_err(|failure| problem("reading", of_type, &id, &failure))? else {
            return Ok(None);
        };
        let value = to_value(&found.schema, of_type, now)?;
        Ok(Some(Object { value, private: object.private }))
    }

    async fn plan(&self, of_type: &str, request: PlanRequest) -> Result<Planned, Problems> {
        let found = resource(of_type)?;
        let facts = found.resource.facts();
        Ok(plan::plan(&found.schema, facts, &self.cloud.default_tags, request))
    }

    async fn create(&self, of_type: &str, planned: Object, _config: Value) -> Applied {
        self.make(of_type, planned, None).await
    }

    async fn create_marked(
        &self,
        of_type: &str,
        planned: Object,
        _config: Value,
        mark: &str,
    ) -> Applied {
        self.make(of_type, planned, Some(mark)).await
    }

    async fn recover(
        &self,
        of_type: &str,
        planned: Object,
        mark: &str,
    ) -> Result<Option<Object>, Problems> {
        let found = resource(of_type)?;
        let planned = to_attributes(planned.value);
        let cloud = self.cloud.bounded(timeouts::of(&planned, "create")).making(mark);
        let failed = |failure| problem("recovering", of_type, "", &failure);
        let known = recover::known(&cloud, of_type, &planned, mark).await.map_err(failed)?;
        let Some(known) = known else { return Ok(None) };
        let Some(known) = found.resource.read(&cloud, known).await.map_err(failed)? else {
            return Ok(None);
        };
        let mut whole = planned;
        whole.set("id", known.id());
        found.resource.complete(&cloud, &whole).await.map_err(failed)?;
        let now = found.resource.read(&cloud, known).await.map_err(failed)?;
        now.map(|now| Ok(Object::new(to_value(&found.schema, of_type, now)?))).transpose()
    }

    async fn unmark(&self, of_type: &str, object: Object, mark: &str) -> Result<(), Problems> {
        if !recover::is_marked(of_type) {
            return Ok(());
        }
        let found = resource(of_type)?;
        let plain = to_attributes(object.value);
        let marked = recover::marked(&plain, mark);
        let unmarked = found.resource.update(&self.cloud, &marked, &plain).await;
        unmarked.map_err(|failure| problem("taking the mark off", of_type, &plain.id(), &failure))
    }

    async fn update(
        &self,
        of_type: &str,
        prior: Object,
        planned: Object,
        _config: Value,
    ) -> Applied {
        let found = match resource(of_type) {
            Ok(found) => found,
            Err(problems) => return Applied::failed(problems),
        };
        let (before, mut after) =
            (to_attributes(prior.value.clone()), to_attributes(planned.value));
        after.set("id", before.id());
        let cloud = self.cloud.bounded(timeouts::of(&after, "update"));
        match found.resource.update(&cloud, &before, &after).await {
            Ok(()) => self.settled(&found, of_type, after, planned.private).await,
            // What was changed before it failed is seen by the next refresh.
            Err(failure) => Applied {
                object: Some(prior),
                problems: problem("updating", of_type, &before.id(), &failure),
            },
        }
    }

    async fn delete(&self, of_type: &str, object: Object) -> Result<(), Problems> {
        let found = resource(of_type)?;
        let prior = to_attributes(object.value);
        let cloud = self.cloud.bounded(timeouts::of(&prior, "delete"));
        let deleted = found.resource.delete(&cloud, &prior).await;
        deleted.map_err(|failure| problem("deleting", of_type, &prior.id(), &failure))
    }

    async fn import(&self, of_type: &str, id: &str) -> Result<Object, Problems> {
        let found = resource(of_type)?;
        let imported = found.resource.imported(id);
        let imported = imported.map_err(|failure| problem("importing", of_type, id, &failure))?;
        Ok(Object::new(to_value(&found.schema, of_type, imported)?))
    }

    async fn read_data(&self, of_type: &str, config: Value) -> Result<Value, Problems> {
        let (Some(data), Some(schema)) = (data::find(of_type), aws().get(Mode::Data, of_type))
        else {
            let there = data::types().join(", ");
            let detail = format!("{of_type} is not supported. There are {there}.");
            return Err(vec![Diagnostic::error("Unsupported data source", detail)]);
        };
        let read = data.read(&self.cloud, to_attributes(config)).await;
        let read = read.map_err(|failure| problem("reading", of_type, "", &failure))?;
        to_value(&schema, of_type, read)
    }
}
