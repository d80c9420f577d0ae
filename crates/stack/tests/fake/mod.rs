//! A provider of things that exist in memory only, which can be told to fail, and a directory to
//! plan and apply with it.

// Each test file uses its own part of this.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use neargate_hcl::convert::Step;
use neargate_hcl::scope::Nothing;
use neargate_hcl::{Diagnostic, Type, Value};
use neargate_ids::{Clock, Rng, Timestamp};
use neargate_stack::address::Mode;
use neargate_stack::apply::{Keeper, Outcome, Surroundings, apply};
use neargate_stack::inputs::Sources;
use neargate_stack::plan::{Options, Plan, plan};
use neargate_stack::provider::{
    Applied, Configured, Object, PlanRequest, Planned, Problems, Provider, Providers,
};
use neargate_stack::run::{Event, Observer, Stack, Stop};
use neargate_stack::schema::{AttributeSchema, BlockSchema, NestedBlock, Nesting, Schema};
use neargate_stack::state::State;
use neargate_stack::state::file::StateError;

pub const SOURCE: &str = "registry.terraform.io/hashicorp/fake";

/// What there is in the made-up world, what was asked of it, and when it fails.
#[derive(Default)]
pub struct World {
    pub things: BTreeMap<String, Value>,
    pub calls: Vec<String>,
    made: usize,
    /// Calls that change something are counted: this one fails.
    pub fail_at: Option<usize>,
    /// After this one, the run is asked to stop.
    pub stop_at: Option<(usize, Stop)>,
    changes: usize,
}

impl World {
    /// Counts a change; an error if it is the one to fail.
    fn change(&mut self, what: String) -> Result<(), Problems> {
        self.changes += 1;
        self.calls.push(what);
        if let Some((at, stop)) = &self.stop_at
            && *at == self.changes
        {
            stop.ask();
        }
        if self.fail_at == Some(self.changes) {
            return Err(vec![Diagnostic::error("The made-up world failed", "As it was told to.")]);
        }
        Ok(())
    }

    pub fn start_anew(&mut self) {
        (self.fail_at, self.stop_at, self.changes) = (None, None, 0);
        self.calls.clear();
    }

    pub fn changes(&self) -> usize {
        self.changes
    }
}

#[derive(Clone, Default)]
pub struct Fake(pub Arc<Mutex<World>>);

fn attribute(ty: Type, flags: &str) -> AttributeSchema {
    AttributeSchema {
        ty,
        required: flags.contains('r'),
        optional: flags.contains('o'),
        computed: flags.contains('c'),
        sensitive: flags.contains('s'),
        write_only: false,
    }
}

fn block(attributes: &[(&str, Type, &str)]) -> BlockSchema {
    let attributes = attributes
        .iter()
        .map(|(name, ty, flags)| ((*name).to_owned(), attribute(ty.clone(), flags)))
        .collect();
    BlockSchema { attributes, ..BlockSchema::default() }
}

fn schema(mode: Mode) -> Schema {
    let mut found = match mode {
        Mode::Managed => block(&[
            ("id", Type::String, "c"),
            ("arn", Type::String, "c"),
            ("name", Type::String, "r"),
            ("kind", Type::String, "o"),
            ("size", Type::Number, "o"),
            ("policy", Type::String, "o"),
            ("upstream", Type::String, "o"),
            ("list", Type::list(Type::String), "o"),
            ("zones", Type::set(Type::String), "o"),
            ("tags", Type::map(Type::String), "o"),
            ("password", Type::String, "os"),
        ]),
        Mode::Data => block(&[
            ("id", Type::String, "c"),
            ("name", Type::String, "r"),
            ("size", Type::Number, "c"),
        ]),
    };
    if mode == Mode::Managed {
        let nested = |nesting, block| NestedBlock { nesting, min: 0, max: 0, block };
        let rule = block(&[("port", Type::Number, "r"), ("protocol", Type::String, "o")]);
        found.blocks.insert("rule".to_owned(), nested(Nesting::List, rule));
        let member = block(&[("name", Type::String, "r")]);
        found.blocks.insert("member".to_owned(), nested(Nesting::Set, member));
    }
    Schema { version: 0, block: found }
}

#[async_trait]
impl Provider for Fake {
    fn schema(&self, mode: Mode, of_type: &str) -> Option<Arc<Schema>> {
        (of_type == "fake_thing").then(|| Arc::new(schema(mode)))
    }

    fn types(&self, _mode: Mode) -> Vec<String> {
        vec!["fake_thing".to_owned()]
    }

    fn config_schema(&self) -> Arc<Schema> {
        Arc::new(Schema { version: 0, block: block(&[("region", Type::String, "o")]) })
    }

    async fn configure(&self, _config: Value) -> Result<Arc<dyn Configured>, Problems> {
        Ok(Arc::new(self.clone()))
    }
}

fn with(value: &Value, name: &str, inner: Value) -> Value {
    let mut entries = value.entries().unwrap().clone();
    entries.insert(name.to_owned(), inner);
    Value::object(entries)
}

pub fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[async_trait]
impl Configured for Fake {
    async fn read(&self, _of_type: &str, object: Object) -> Result<Option<Object>, Problems> {
        let found = self.0.lock().unwrap().things.get(&text(&object.value, "id")).cloned();
        Ok(found.map(|value| Object { value, private: object.private }))
    }

    async fn plan(&self, _of_type: &str, request: PlanRequest) -> Result<Planned, Problems> {
        let replace = match &request.prior {
            Some(prior) if prior.value.get("kind") != request.proposed.get("kind") => {
                vec![vec![Step::Attribute("kind".to_owned())]]
            }
            _ => Vec::new(),
        };
        Ok(Planned { value: request.proposed, private: String::new(), replace })
    }

    async fn create(&self, _of_type: &str, planned: Object, _config: Value) -> Applied {
        // Others go on meanwhile.
        tokio::task::yield_now().await;
        let mut world = self.0.lock().unwrap();
        let name = text(&planned.value, "name");
        if let Err(problems) = world.change(format!("create {name}")) {
            return Applied::failed(problems);
        }
        world.made += 1;
        let id = format!("thing-{}", world.made);
        let value = with(&planned.value, "id", Value::string(id.as_str()));
        let value = with(&value, "arn", Value::string(format!("arn:fake:{name}")));
        world.things.insert(id, value.clone());
        Applied::done(Object::new(value))
    }

    async fn update(&self, _: &str, prior: Object, planned: Object, _config: Value) -> Applied {
        let mut world = self.0.lock().unwrap();
        if let Err(problems) = world.change(format!("update {}", text(&planned.value, "name"))) {
            return Applied { object: Some(prior), problems };
        }
        world.things.insert(text(&planned.value, "id"), planned.value.clone());
        Applied::done(planned)
    }

    async fn delete(&self, _of_type: &str, object: Object) -> Result<(), Problems> {
        let mut world = self.0.lock().unwrap();
        world.change(format!("delete {}", text(&object.value, "name")))?;
        world.things.remove(&text(&object.value, "id"));
        Ok(())
    }

    async fn import(&self, _of_type: &str, id: &str) -> Result<Object, Problems> {
        Ok(Object::new(with(&schema(Mode::Managed).block.empty(), "id", Value::string(id))))
    }

    async fn read_data(&self, _of_type: &str, config: Value) -> Result<Value, Problems> {
        let name = text(&config, "name");
        let world = self.0.lock().unwrap();
        let found = world.things.values().find(|thing| text(thing, "name") == name);
        let Some(found) = found else {
            return Err(vec![Diagnostic::error("No such thing", format!("There is no {name}."))]);
        };
        let value = with(&config, "id", found.get("id").unwrap().clone());
        Ok(with(&value, "size", found.get("size").unwrap().clone()))
    }
}

/// Keeps every state that it is given.
#[derive(Default)]
pub struct Kept(pub Mutex<Vec<State>>);

impl Keeper for Kept {
    fn keep(&self, state: &mut State) -> Result<(), StateError> {
        state.serial += 1;
        self.0.lock().unwrap().push(state.clone());
        Ok(())
    }
}

/// Notes what it sees.
#[derive(Default)]
pub struct Seen(pub Mutex<Vec<Event>>);

impl Observer for Seen {
    fn event(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

/// A directory, the made-up world and the state of what is in it.
pub struct Bench {
    pub directory: tempfile::TempDir,
    pub fake: Fake,
    pub state: State,
    pub options: Options,
    pub sources: Sources,
    pub parallelism: usize,
}

impl Bench {
    pub fn new(text: &str) -> Bench {
        let directory = tempfile::tempdir().unwrap();
        let bench = Bench {
            directory,
            fake: Fake::default(),
            state: State::empty("lineage".to_owned()),
            options: Options::default(),
            sources: Sources::default(),
            parallelism: 1,
        };
        bench.file("main.tf", text);
        bench
    }

    pub fn file(&self, name: &str, text: &str) {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn providers(&self) -> Providers {
        Providers::builtin(&Rng::seeded(1)).with(SOURCE, Arc::new(self.fake.clone()))
    }

    pub fn stack(&self) -> Result<Stack, String> {
        Stack::load(self.path(), self.providers(), &self.sources, Arc::new(Nothing))
            .map(|(stack, _)| stack)
            .map_err(told)
    }

    pub async fn plan(&self) -> Result<Plan, String> {
        let stack = self.stack()?;
        let seen = Seen::default();
        plan(&stack, self.state.clone(), &self.options, &seen, Stop::default()).await.map_err(told)
    }

    /// The plan as people read it.
    pub async fn planned(&self) -> String {
        match self.plan().await {
            Ok(plan) => neargate_stack::render::plan(&plan),
            Err(told) => told,
        }
    }

    /// Plans and applies; the state is what the last step kept.
    pub async fn apply(&mut self) -> Outcome {
        self.apply_until(Stop::default()).await
    }

    pub async fn apply_until(&mut self, stop: Stop) -> Outcome {
        let plan = self.plan().await.unwrap();
        let stack = self.stack().unwrap();
        let (kept, seen) = (Kept::default(), Seen::default());
        let around = Surroundings {
            keeper: &kept,
            observer: &seen,
            stop,
            clock: Clock::fixed(Timestamp(0)),
            rng: Rng::seeded(2),
            parallelism: self.parallelism,
        };
        let outcome = apply(&stack, plan, &around).await;
        self.state = kept.0.into_inner().unwrap().pop().unwrap();
        outcome
    }

    pub fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.fake.0.lock().unwrap()
    }

    /// The names of the things that there are.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.world().things.values().map(|t| text(t, "name")).collect();
        names.sort();
        names
    }
}

pub fn told(problems: Vec<Diagnostic>) -> String {
    problems.iter().map(ToString::to_string).collect()
}
