//! The configuration: a directory of `.tf` files as typed declarations, and the modules that it
//! calls below it.
//!
//! ```text
//! files ─ syntax ─▶ blocks ─ merge ─▶ with overrides ─ declare ─▶ Module ─ load ─▶ Config (all modules)
//! ```
//!
//! Everything that can be known without evaluating anything is checked here, in Terraform's words.
//! Every declaration keeps its expressions with their places; `eval` gives them their values.

pub mod content;
mod declare;
mod files;
mod import;
mod load;
mod merge;
mod module_call;
mod refactor;
mod resource;
pub mod syntax;
mod terraform;
mod variable;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use neargate_hcl::{Diagnostic, Range, Type, Value};

use crate::address::{ConfigResource, ModulePath, Resource};
pub use import::{Destination, Import};
pub use load::{load, load_files};
pub use refactor::{Moved, Removed};
pub use resource::{Ignored, Lifecycle, ResourceDecl};
use syntax::{Body, Expr};
pub use terraform::{ProviderConfig, ProviderKey, RequiredProvider, default_source};
pub use variable::Variable;

/// A root module and all below it.
#[derive(Clone, Debug)]
pub struct Config {
    pub modules: BTreeMap<ModulePath, Arc<Module>>,
    /// The text of every file that was read.
    pub files: BTreeMap<PathBuf, String>,
    /// Of the whole: what is no error.
    pub warnings: Vec<Diagnostic>,
}

impl Config {
    pub fn root(&self) -> &Module {
        &self.modules[&ModulePath::default()]
    }

    pub fn resource(&self, at: &ConfigResource) -> Option<&ResourceDecl> {
        self.modules.get(&at.module)?.resources.get(&at.resource)
    }

    /// The call that makes a module; none makes the root.
    pub fn call_of(&self, path: &ModulePath) -> Option<&ModuleCall> {
        let (parent, name) = path.parent()?;
        self.modules.get(&parent)?.calls.get(name)
    }
}

/// One directory.
#[derive(Clone, Debug, Default)]
pub struct Module {
    pub directory: PathBuf,
    /// As it is named in errors and by `path.module`.
    pub shown: String,
    pub required_providers: BTreeMap<String, RequiredProvider>,
    pub local_backend: Option<Body>,
    pub providers: BTreeMap<ProviderKey, ProviderConfig>,
    pub variables: BTreeMap<String, Variable>,
    pub locals: BTreeMap<String, Expr>,
    pub outputs: BTreeMap<String, OutputDecl>,
    pub calls: BTreeMap<String, ModuleCall>,
    pub resources: BTreeMap<Resource, ResourceDecl>,
    pub checks: BTreeMap<String, Check>,
    pub moved: Vec<Moved>,
    pub removed: Vec<Removed>,
    pub imports: Vec<Import>,
}

#[derive(Clone, Debug)]
pub struct OutputDecl {
    pub value: Expr,
    pub description: Option<String>,
    pub sensitive: bool,
    pub depends_on: Vec<Expr>,
    pub preconditions: Vec<Condition>,
    pub range: Range,
}

/// What must hold: of a variable, a resource, an output or a check.
#[derive(Clone, Debug)]
pub struct Condition {
    pub condition: Expr,
    pub error_message: Expr,
    pub range: Range,
}

#[derive(Clone, Debug)]
pub struct ModuleCall {
    pub name: String,
    pub source: String,
    pub source_range: Range,
    pub count: Option<Expr>,
    pub for_each: Option<Expr>,
    pub depends_on: Vec<Expr>,
    /// The module's names of providers, each with ours.
    pub providers: Vec<(ProviderKey, ProviderKey)>,
    /// The inputs: what is left of the block.
    pub inputs: Body,
    pub range: Range,
}

#[derive(Clone, Debug)]
pub struct Check {
    pub asserts: Vec<Condition>,
    /// A data source that only this check sees.
    pub data: Option<Resource>,
    pub range: Range,
}

/// The type and default that a variable has where none is written.
pub const ANY: Type = Type::Dynamic;

/// The value of an expression that may name nothing, such as a variable's default.
pub fn constant(expr: &Expr) -> Result<Value, Diagnostic> {
    crate::eval::constant(expr)
}
