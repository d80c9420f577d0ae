//! The built-in provider `terraform.io/builtin/terraform`, with its one resource: `terraform_data`
//! keeps a value, and is replaced when its triggers change.

use std::sync::Arc;

use async_trait::async_trait;
use neargate_hcl::convert::Step;
use neargate_hcl::{Diagnostic, Type, Value};
use neargate_ids::Rng;

use super::{Applied, Configured, Object, PlanRequest, Planned, Problems, Provider};
use crate::address::Mode;
use crate::schema::{AttributeSchema, BlockSchema, Schema};

pub const SOURCE: &str = "terraform.io/builtin/terraform";

pub struct TerraformData {
    rng: Rng,
}

impl TerraformData {
    pub fn new(rng: Rng) -> TerraformData {
        TerraformData { rng }
    }
}

fn schema() -> Schema {
    let attribute = |ty: Type, optional: bool, computed: bool| AttributeSchema {
        ty,
        required: false,
        optional,
        computed,
        sensitive: false,
        write_only: false,
    };
    let attributes = [
        ("id", attribute(Type::String, false, true)),
        ("input", attribute(Type::Dynamic, true, false)),
        ("output", attribute(Type::Dynamic, false, true)),
        ("triggers_replace", attribute(Type::Dynamic, true, false)),
    ];
    let attributes = attributes.into_iter().map(|(name, a)| (name.to_owned(), a)).collect();
    Schema { version: 0, block: BlockSchema { attributes, ..BlockSchema::default() } }
}

#[async_trait]
impl Provider for TerraformData {
    fn schema(&self, mode: Mode, of_type: &str) -> Option<Arc<Schema>> {
        (mode == Mode::Managed && of_type == "terraform_data").then(|| Arc::new(schema()))
    }

    fn types(&self, mode: Mode) -> Vec<String> {
        match mode {
            Mode::Managed => vec!["terraform_data".to_owned()],
            Mode::Data => Vec::new(),
        }
    }

    fn config_schema(&self) -> Arc<Schema> {
        Arc::new(Schema { version: 0, block: BlockSchema::default() })
    }

    async fn configure(&self, _config: Value) -> Result<Arc<dyn Configured>, Problems> {
        Ok(Arc::new(TerraformData { rng: self.rng.clone() }))
    }
}

/// The object with some attributes set to something else.
fn with(value: &Value, changed: &[(&str, Value)]) -> Value {
    let mut entries = value.entries().cloned().unwrap_or_default();
    for (name, value) in changed {
        entries.insert((*name).to_owned(), value.clone());
    }
    Value::object(entries)
}

fn attribute(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or_else(|| Value::null(Type::Dynamic))
}

#[async_trait]
impl Configured for TerraformData {
    async fn read(&self, _of_type: &str, object: Object) -> Result<Option<Object>, Problems> {
        Ok(Some(object))
    }

    async fn plan(&self, _of_type: &str, request: PlanRequest) -> Result<Planned, Problems> {
        let PlanRequest { prior, proposed, .. } = request;
        let input = attribute(&proposed, "input");
        let output =
            if input.is_null() { Value::null(Type::Dynamic) } else { Value::unknown(input.ty()) };
        let Some(prior) = prior else {
            let value =
                with(&proposed, &[("id", Value::unknown(Type::String)), ("output", output)]);
            return Ok(Planned { value, private: String::new(), replace: Vec::new() });
        };
        let changed = |name: &str| attribute(&prior.value, name) != attribute(&proposed, name);
        if changed("triggers_replace") {
            let value =
                with(&proposed, &[("id", Value::unknown(Type::String)), ("output", output)]);
            let replace = vec![vec![Step::Attribute("triggers_replace".to_owned())]];
            return Ok(Planned { value, private: prior.private, replace });
        }
        let value = if changed("input") {
            with(&proposed, &[("output", output)])
        } else {
            with(&proposed, &[("output", attribute(&prior.value, "output"))])
        };
        Ok(Planned { value, private: prior.private, replace: Vec::new() })
    }

    async fn create(&self, _of_type: &str, planned: Object, _config: Value) -> Applied {
        let input = attribute(&planned.value, "input");
        let id = Value::string(self.rng.uuid());
        Applied::done(Object::new(with(&planned.value, &[("id", id), ("output", input)])))
    }

    async fn update(
        &self,
        _of_type: &str,
        _prior: Object,
        planned: Object,
        _config: Value,
    ) -> Applied {
        let input = attribute(&planned.value, "input");
        Applied::done(Object::new(with(&planned.value, &[("output", input)])))
    }

    async fn delete(&self, _of_type: &str, _object: Object) -> Result<(), Problems> {
        Ok(())
    }

    async fn import(&self, _of_type: &str, id: &str) -> Result<Object, Problems> {
        if id.is_empty() {
            return Err(vec![Diagnostic::error("Invalid import id", "The id is empty.")]);
        }
        Ok(Object::new(with(&schema().block.empty(), &[("id", Value::string(id))])))
    }

    async fn read_data(&self, of_type: &str, _config: Value) -> Result<Value, Problems> {
        let detail = format!("The built-in provider has no data source {of_type:?}.");
        Err(vec![Diagnostic::error("Invalid data source", detail)])
    }
}
