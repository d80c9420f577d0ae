//! What the engine asks of a provider: its schemas, and to read, plan, make, change and delete
//! objects. All values are the language's; nothing of a provider's own types comes here.
//!
//! The values that a provider is given carry no marks, and it need not give any: the engine puts
//! those of the configuration and of the schema back on.

pub mod terraform_data;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use neargate_hcl::convert::Step;
use neargate_hcl::{Diagnostic, Value};
use neargate_ids::Rng;

use crate::address::Mode;
use crate::schema::Schema;

/// What is wrong, without its place: the engine knows which resource it asked for.
pub type Problems = Vec<Diagnostic>;

/// A provider before it is configured: what `validate` needs.
#[async_trait]
pub trait Provider: Send + Sync {
    fn schema(&self, mode: Mode, of_type: &str) -> Option<Arc<Schema>>;

    /// The names of all types, for errors that name the nearest.
    fn types(&self, mode: Mode) -> Vec<String>;

    /// Of the `provider` block.
    fn config_schema(&self) -> Arc<Schema>;

    /// What the schema cannot say. Values may be unknown.
    fn validate(&self, _mode: Mode, _of_type: &str, _config: &Value) -> Problems {
        Problems::new()
    }

    /// With the values of a `provider` block; an unknown one is to be known by the apply.
    async fn configure(&self, config: Value) -> Result<Arc<dyn Configured>, Problems>;
}

/// An object of a provider, with what the provider keeps for itself beside it (in base64).
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    pub value: Value,
    pub private: String,
}

impl Object {
    pub fn new(value: Value) -> Object {
        Object { value, private: String::new() }
    }
}

/// What a provider is asked to plan.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// None: the object is to be made.
    pub prior: Option<Object>,
    /// The configuration, with the prior's values of what the provider computes (unknown if there is
    /// no prior).
    pub proposed: Value,
    pub config: Value,
}

/// What the object will be.
#[derive(Clone, Debug)]
pub struct Planned {
    /// With unknown values where the apply decides.
    pub value: Value,
    pub private: String,
    /// The attributes whose change needs another object.
    pub replace: Vec<Vec<Step>>,
}

/// What an apply came to. With problems and an object, it was done in part.
#[derive(Clone, Debug)]
pub struct Applied {
    pub object: Option<Object>,
    pub problems: Problems,
}

impl Applied {
    pub fn done(object: Object) -> Applied {
        Applied { object: Some(object), problems: Problems::new() }
    }

    pub fn failed(problems: Problems) -> Applied {
        Applied { object: None, problems }
    }
}

/// A provider with credentials and a region.
#[async_trait]
pub trait Configured: Send + Sync {
    /// Attributes that an older version of the schema wrote, as those of the present one.
    fn upgrade(
        &self,
        _of_type: &str,
        _version: u64,
        attributes: serde_json::Value,
    ) -> Result<serde_json::Value, Problems> {
        Ok(attributes)
    }

    /// The object as it is now; none if it is gone.
    async fn read(&self, of_type: &str, object: Object) -> Result<Option<Object>, Problems>;

    async fn plan(&self, of_type: &str, request: PlanRequest) -> Result<Planned, Problems>;

    async fn create(&self, of_type: &str, planned: Object, config: Value) -> Applied;

    /// As `create`, of an object that `recover` finds by `mark` when nobody heard what became of it.
    async fn create_marked(
        &self,
        of_type: &str,
        planned: Object,
        config: Value,
        _mark: &str,
    ) -> Applied {
        self.create(of_type, planned, config).await
    }

    /// What a `create_marked` of which nobody heard has made; none, if it has not.
    async fn recover(
        &self,
        _of_type: &str,
        _planned: Object,
        _mark: &str,
    ) -> Result<Option<Object>, Problems> {
        Ok(None)
    }

    /// Takes the mark off an object, now that it is in the state.
    async fn unmark(&self, _of_type: &str, _object: Object, _mark: &str) -> Result<(), Problems> {
        Ok(())
    }

    async fn update(&self, of_type: &str, prior: Object, planned: Object, config: Value)
    -> Applied;

    /// Whoever is gone already is deleted.
    async fn delete(&self, of_type: &str, object: Object) -> Result<(), Problems>;

    /// The object with an id, as far as the id tells: it is read afterwards.
    async fn import(&self, of_type: &str, id: &str) -> Result<Object, Problems>;

    async fn read_data(&self, of_type: &str, config: Value) -> Result<Value, Problems>;
}

/// The providers that there are, by their address: `registry.terraform.io/hashicorp/aws`.
#[derive(Clone, Default)]
pub struct Providers {
    known: BTreeMap<String, Arc<dyn Provider>>,
}

impl Providers {
    /// With the one that comes with Terraform itself, whose ids `rng` makes.
    pub fn builtin(rng: &Rng) -> Providers {
        let data = terraform_data::TerraformData::new(rng.clone());
        Providers::default().with(terraform_data::SOURCE, Arc::new(data))
    }

    pub fn with(mut self, source: &str, provider: Arc<dyn Provider>) -> Providers {
        self.known.insert(source.to_owned(), provider);
        self
    }

    pub fn get(&self, source: &str) -> Option<&Arc<dyn Provider>> {
        self.known.get(source)
    }

    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }
}
