//! What a plan and an apply have in common: the configuration with its graph and inputs, the
//! providers as they are configured, how many calls go on at once, and who watches.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use neargate_hcl::{Diagnostic, Source, Value, nearest};

use crate::address::{
    ConfigResource, Mode, ModuleInstance, ModulePath, Resource, ResourceInstance,
};
use crate::config::syntax::Body;
use crate::config::{Config, ProviderKey, ResourceDecl};
use crate::eval::world::Repetition;
use crate::eval::{Evaluator, OutsideHandle, Purpose};
use crate::graph::{Graph, provider_for};
use crate::inputs::{Sources, inputs};
use crate::plan::Action;
use crate::provider::{Configured, Provider, Providers};
use crate::schema::Schema;
use crate::schema::decode::decode;
use crate::state::State;

/// A configuration, ready to be planned.
pub struct Stack {
    pub config: Arc<Config>,
    pub graph: Graph,
    pub providers: Providers,
    /// The values of the root's variables.
    pub inputs: BTreeMap<String, Value>,
    pub outside: OutsideHandle,
}

/// A provider's configuration, as the state names it: `provider["registry.terraform.io/hashicorp/aws"].west`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderAddress {
    pub module: ModulePath,
    pub source: String,
    pub alias: Option<String>,
}

impl Display for ProviderAddress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "provider[\"{}\"]", self.source)?;
        match &self.alias {
            Some(alias) => write!(f, ".{alias}"),
            None => Ok(()),
        }
    }
}

impl ProviderAddress {
    /// Reads what the state has.
    pub fn parse(text: &str) -> Option<ProviderAddress> {
        let (module, rest) = text.split_once("provider[\"")?;
        let (source, rest) = rest.split_once("\"]")?;
        let names = module.split('.').filter(|name| !name.is_empty() && *name != "module");
        Some(ProviderAddress {
            module: ModulePath(names.map(str::to_owned).collect()),
            source: source.to_owned(),
            alias: rest.strip_prefix('.').map(str::to_owned),
        })
    }
}

/// What is going on, for whoever shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Refreshing {
        at: ResourceInstance,
        id: Option<String>,
    },
    Refreshed {
        at: ResourceInstance,
        id: Option<String>,
    },
    Started {
        at: ResourceInstance,
        deposed: Option<String>,
        action: Action,
        id: Option<String>,
    },
    StillGoing {
        at: ResourceInstance,
        deposed: Option<String>,
        action: Action,
        id: Option<String>,
        elapsed: Duration,
    },
    Completed {
        at: ResourceInstance,
        deposed: Option<String>,
        action: Action,
        id: Option<String>,
        elapsed: Duration,
    },
    Failed {
        at: ResourceInstance,
        action: Action,
        elapsed: Duration,
    },
}

pub trait Observer: Send + Sync {
    fn event(&self, event: Event);
}

/// Sees nothing.
pub struct Unobserved;

impl Observer for Unobserved {
    fn event(&self, _: Event) {}
}

/// Asks a run to begin nothing more, and to end when what is in flight has ended.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub struct Run<'a> {
    pub stack: &'a Stack,
    pub evaluator: Evaluator,
    pub observer: &'a dyn Observer,
    pub stop: Stop,
    pub limit: tokio::sync::Semaphore,
    state: Mutex<State>,
    problems: Mutex<Vec<Diagnostic>>,
    configured: tokio::sync::Mutex<BTreeMap<ProviderAddress, Arc<dyn Configured>>>,
}

impl<'a> Run<'a> {
    pub fn new(
        stack: &'a Stack,
        purpose: Purpose,
        state: State,
        parallelism: usize,
        observer: &'a dyn Observer,
        stop: Stop,
    ) -> Run<'a> {
        let evaluator = Evaluator::new(
            stack.config.clone(),
            purpose,
            stack.inputs.clone(),
            stack.outside.clone(),
        );
        Run {
            stack,
            evaluator,
            observer,
            stop,
            limit: tokio::sync::Semaphore::new(parallelism.max(1)),
            state: Mutex::new(state),
            problems: Mutex::default(),
            configured: tokio::sync::Mutex::default(),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what is wrong; whether any of it is an error.
    pub fn tell(&self, told: impl IntoIterator<Item = Diagnostic>) -> bool {
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        let before = problems.len();
        problems.extend(told);
        problems[before..].iter().any(Diagnostic::is_error)
    }

    pub fn take_problems(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut *self.problems.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A provider for its address, configured when it is first asked for.
    pub async fn configured(
        &self,
        address: &ProviderAddress,
    ) -> Result<Arc<dyn Configured>, Vec<Diagnostic>> {
        let mut configured = self.configured.lock().await;
        if let Some(found) = configured.get(address) {
            return Ok(found.clone());
        }
        let provider = self.stack.provider(&address.source)?;
        let (value, problems) = self.provider_config(address, provider);
        if problems.iter().any(Diagnostic::is_error) {
            return Err(problems);
        }
        let made = provider.configure(value.unmark_deep().0).await?;
        configured.insert(address.clone(), made.clone());
        Ok(made)
    }

    /// The values of a provider's block; of an empty one, if there is none.
    fn provider_config(
        &self,
        address: &ProviderAddress,
        provider: &Arc<dyn Provider>,
    ) -> (Value, Vec<Diagnostic>) {
        let schema = provider.config_schema();
        let module = self.stack.config.modules.get(&address.module);
        let block = module.and_then(|module| {
            module.providers.values().find(|block| {
                block.key.alias == address.alias
                    && source_of(&self.stack.config, &address.module, &block.key.name)
                        == address.source
            })
        });
        let nothing = Source::new("", "");
        let empty = Body {
            attributes: Vec::new(),
            blocks: Vec::new(),
            context: None,
            start: neargate_hcl::Range::new(&nothing, 0..0),
        };
        let body = block.map_or(&empty, |block| &block.body);
        let instance = ModuleInstance(
            address.module.0.iter().map(|name| (name.clone(), Default::default())).collect(),
        );
        let mut problems = Vec::new();
        let value = self.evaluator.with_scope(&instance, &Repetition::None, None, |scope| {
            decode(body, &schema.block, scope, &mut problems)
        });
        (value, problems)
    }

    /// The value of a resource's own body in one of its instances.
    pub(crate) fn config_of(
        &self,
        decl: &ResourceDecl,
        schema: &Schema,
        at: &ResourceInstance,
        repetition: &Repetition,
    ) -> Result<Value, ()> {
        let mut problems = Vec::new();
        let value = self.evaluator.with_scope(&at.module, repetition, None, |scope| {
            decode(&decl.body, &schema.block, scope, &mut problems)
        });
        let told = problems.into_iter().map(|p| p.of(at.to_string()));
        if self.tell(told) { Err(()) } else { Ok(value) }
    }

    /// Notes a provider's problems with a resource, at its block.
    pub fn tell_of(
        &self,
        at: &ResourceInstance,
        decl: Option<&ResourceDecl>,
        problems: Vec<Diagnostic>,
    ) -> bool {
        self.tell(problems.into_iter().map(|problem| {
            let problem = problem.of(at.to_string());
            match decl {
                Some(decl) if problem.range.is_none() => {
                    let problem = problem.at(decl.range.clone());
                    crate::config::syntax::in_context(problem, &decl.body.context)
                }
                _ => problem,
            }
        }))
    }
}

impl Run<'_> {
    /// As `tell_of`, where the problems are the end of it anyway.
    pub fn fail(&self, at: &ResourceInstance, decl: Option<&ResourceDecl>, told: Vec<Diagnostic>) {
        self.tell_of(at, decl, told);
    }
}

impl Stack {
    /// The configuration in a directory with its inputs, and warnings; or everything that is wrong.
    pub fn load(
        directory: &Path,
        providers: Providers,
        sources: &Sources,
        outside: OutsideHandle,
    ) -> Result<(Stack, Vec<Diagnostic>), Vec<Diagnostic>> {
        let config = Arc::new(crate::config::load(directory)?);
        let graph = Graph::of(&config)?;
        let (inputs, mut warnings) = inputs(&config, directory, sources)?;
        warnings.extend(config.warnings.iter().cloned());
        Ok((Stack { config, graph, providers, inputs, outside }, warnings))
    }

    pub fn provider(&self, source: &str) -> Result<&Arc<dyn Provider>, Vec<Diagnostic>> {
        self.providers.get(source).ok_or_else(|| {
            let known: Vec<&str> = self.providers.sources().collect();
            vec![Diagnostic::error(
                "Unsupported provider",
                format!("Neargate has no provider {source}. It has {}.", known.join(", ")),
            )]
        })
    }

    /// The configuration of a provider that a resource uses.
    pub fn provider_of(&self, at: &ConfigResource, decl: &ResourceDecl) -> ProviderAddress {
        provider_address(&self.config, at, decl)
    }

    /// The schema of a type, or an error that names the nearest.
    pub fn schema(
        &self,
        address: &ProviderAddress,
        resource: &Resource,
    ) -> Result<Arc<Schema>, Vec<Diagnostic>> {
        let provider = self.provider(&address.source)?;
        if let Some(schema) = provider.schema(resource.mode, &resource.of_type) {
            return Ok(schema);
        }
        let short =
            address.source.strip_prefix("registry.terraform.io/").unwrap_or(&address.source);
        let types = provider.types(resource.mode);
        let hint = match nearest(&resource.of_type, types.iter().map(String::as_str)) {
            Some(near) => format!(" Did you mean {near:?}?"),
            None => format!(" Neargate has these: {}.", types.join(", ")),
        };
        let (summary, what) = match resource.mode {
            Mode::Managed => ("Invalid resource type", "resource type"),
            Mode::Data => ("Invalid data source", "data source"),
        };
        let of_type = &resource.of_type;
        let detail = format!("The provider {short} does not support {what} {of_type:?}.{hint}");
        Err(vec![Diagnostic::error(summary, detail)])
    }
}

/// The address of a provider that a local name of a module means.
fn source_of(config: &Config, path: &ModulePath, name: &str) -> String {
    let required = config.modules.get(path).and_then(|m| m.required_providers.get(name));
    required.map_or_else(|| crate::config::default_source(name), |r| r.source.clone())
}

fn provider_address(config: &Config, at: &ConfigResource, decl: &ResourceDecl) -> ProviderAddress {
    let key = decl
        .provider
        .clone()
        .unwrap_or_else(|| ProviderKey::default_of(at.resource.implied_provider()));
    let source = source_of(config, &at.module, &key.name);
    let (module, alias) = match provider_for(config, &at.module, &key) {
        Some((module, key)) => (module, key.alias),
        None => (ModulePath::default(), key.alias),
    };
    ProviderAddress { module, source, alias }
}

/// What tells an object apart for people: its id, or else its name.
pub fn id_of(value: &Value) -> Option<String> {
    let text = |name: &str| {
        let value = value.get(name)?;
        if value.is_sensitive() { None } else { value.as_str().filter(|t| !t.is_empty()) }
    };
    text("id").map(str::to_owned)
}
