//! Addresses: where in the tree of modules a resource, or one instance of it, is declared.
//!
//! ```text
//! module.web["blue"].aws_ecs_service.app[0]     an instance (ResourceInstance)
//! module.web.aws_ecs_service.app                what the configuration declares (ConfigResource)
//! ```
//!
//! They are written and read as Terraform writes them. Source: "Resource Address Reference" in
//! Terraform's documentation.

mod parse;

use std::fmt::{self, Display, Formatter};

pub(crate) use parse::bracket;
pub use parse::{InvalidAddress, Target};

/// Which of the instances that `count` or `for_each` make.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The only one: neither `count` nor `for_each` is set.
    #[default]
    None,
    Index(u64),
    Name(String),
}

impl Display for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Key::None => Ok(()),
            Key::Index(index) => write!(f, "[{index}]"),
            Key::Name(name) => write!(f, "[{}]", quoted(name)),
        }
    }
}

/// A text as HCL writes it between quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for (at, c) in text.char_indices() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if text[at + 1..].starts_with('{') => {
                out.push(c);
                out.push(c);
            }
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A module as the configuration calls it: the names of the calls from the root on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Vec<String>);

impl ModulePath {
    pub fn child(&self, name: &str) -> ModulePath {
        let mut names = self.0.clone();
        names.push(name.to_owned());
        ModulePath(names)
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The module that calls this one, and the name of the call.
    pub fn parent(&self) -> Option<(ModulePath, &str)> {
        let (name, before) = self.0.split_last()?;
        Some((ModulePath(before.to_vec()), name))
    }
}

impl Display for ModulePath {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self.0.iter().map(|name| format!("module.{name}")).collect();
        f.write_str(&steps.join("."))
    }
}

/// One instance of a module: each call with its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleInstance(pub Vec<(String, Key)>);

impl ModuleInstance {
    pub fn child(&self, name: &str, key: Key) -> ModuleInstance {
        let mut steps = self.0.clone();
        steps.push((name.to_owned(), key));
        ModuleInstance(steps)
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn path(&self) -> ModulePath {
        ModulePath(self.0.iter().map(|(name, _)| name.clone()).collect())
    }

    /// The instance that calls this one, and the call with its key.
    pub fn parent(&self) -> Option<(ModuleInstance, &(String, Key))> {
        let (last, before) = self.0.split_last()?;
        Some((ModuleInstance(before.to_vec()), last))
    }
}

impl Display for ModuleInstance {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> =
            self.0.iter().map(|(name, key)| format!("module.{name}{key}")).collect();
        f.write_str(&steps.join("."))
    }
}

/// Whether a block is a `resource` or a `data` source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    Data,
    Managed,
}

/// A resource or data source within its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    pub mode: Mode,
    pub of_type: String,
    pub name: String,
}

impl Resource {
    pub fn managed(of_type: &str, name: &str) -> Resource {
        Resource { mode: Mode::Managed, of_type: of_type.into(), name: name.into() }
    }

    pub fn data(of_type: &str, name: &str) -> Resource {
        Resource { mode: Mode::Data, of_type: of_type.into(), name: name.into() }
    }

    /// The local name of the provider that a type belongs to where none is said: what is before
    /// the first underscore.
    pub fn implied_provider(&self) -> &str {
        self.of_type.split('_').next().unwrap_or(&self.of_type)
    }
}

impl Display for Resource {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let prefix = if self.mode == Mode::Data { "data." } else { "" };
        write!(f, "{prefix}{}.{}", self.of_type, self.name)
    }
}

/// A resource as the configuration declares it, in a module as the configuration calls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    pub module: ModulePath,
    pub resource: Resource,
}

impl Display for ConfigResource {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        within(f, &self.module.to_string(), &self.resource.to_string())
    }
}

/// One instance of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceInstance {
    pub module: ModuleInstance,
    pub resource: Resource,
    pub key: Key,
}

impl ResourceInstance {
    pub fn config(&self) -> ConfigResource {
        ConfigResource { module: self.module.path(), resource: self.resource.clone() }
    }
}

impl Display for ResourceInstance {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        within(f, &self.module.to_string(), &format!("{}{}", self.resource, self.key))
    }
}

fn within(f: &mut Formatter<'_>, module: &str, what: &str) -> fmt::Result {
    if module.is_empty() { f.write_str(what) } else { write!(f, "{module}.{what}") }
}
