//! The stack as rules see it: each resource with its planned values and its declaration. What is
//! unknown is not there: every question answers with an `Option`, and none means "cannot be told".

use neargate_hcl::Value;
use neargate_stack::address::{Mode, ResourceInstance};
use neargate_stack::config::ResourceDecl;
use neargate_stack::plan::{Action, Plan};
use neargate_stack::run::Stack;

/// What is beside the configuration.
#[derive(Clone, Debug, Default)]
pub struct Around {
    pub dockerfiles: Vec<Dockerfile>,
}

/// One that may be that of the stack's own image.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    pub name: String,
    pub text: String,
}

pub struct Seen<'a> {
    pub stack: &'a Stack,
    pub around: &'a Around,
    all: Vec<Resource<'a>>,
}

pub struct Resource<'a> {
    pub address: &'a ResourceInstance,
    pub decl: &'a ResourceDecl,
    value: Value,
}

impl<'a> Seen<'a> {
    pub fn new(stack: &'a Stack, plan: &'a Plan, around: &'a Around) -> Seen<'a> {
        let mut all = Vec::new();
        for change in &plan.changes {
            let gone = matches!(change.action, Action::Delete | Action::Forget);
            let managed = change.address.resource.mode == Mode::Managed;
            let decl = stack.config.resource(&change.address.config());
            if let (Some(after), Some(decl), true) = (&change.after, decl, managed && !gone) {
                let value = after.clone().unmark_deep().0;
                all.push(Resource { address: &change.address, decl, value });
            }
        }
        Seen { stack, around, all }
    }

    pub fn of(&self, kind: &str) -> impl Iterator<Item = &Resource<'a>> {
        self.all.iter().filter(move |resource| resource.kind() == kind)
    }

    /// The one of a kind whose attribute has this value.
    pub fn find(&self, kind: &str, attribute: &str, value: &str) -> Option<&Resource<'a>> {
        self.of(kind).find(|resource| resource.text(attribute) == Some(value))
    }
}

impl Resource<'_> {
    pub fn kind(&self) -> &str {
        &self.address.resource.of_type
    }
}

/// Questions to an object: a resource, or a block in one.
pub trait Object {
    fn get(&self, name: &str) -> Option<&Value>;

    /// A text that is known and not empty.
    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    fn number(&self, name: &str) -> Option<f64> {
        let value = self.get(name)?;
        let number = value.as_number().map(|number| number.to_f64());
        number.or_else(|| value.as_str()?.parse().ok())
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    /// Known not to be set.
    fn is_unset(&self, name: &str) -> bool {
        self.get(name).is_none_or(|value| {
            value.is_null()
                || value.as_str() == Some("")
                || value.elements().is_some_and(<[Value]>::is_empty)
        })
    }

    fn is_unknown(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_wholly_known())
    }

    /// The blocks of a kind; none if it is not known which there are.
    fn blocks(&self, name: &str) -> Option<&[Value]> {
        match self.get(name) {
            None => Some(&[]),
            Some(value) if value.is_null() => Some(&[]),
            Some(value) => value.elements(),
        }
    }

    fn block(&self, name: &str) -> Option<&Value> {
        self.blocks(name)?.first()
    }

    /// The texts of a list or set; none if one of them is not known.
    fn texts(&self, name: &str) -> Option<Vec<&str>> {
        self.blocks(name)?.iter().map(Value::as_str).collect()
    }
}

impl Object for Resource<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.value.get(name)
    }
}

impl Object for Value {
    fn get(&self, name: &str) -> Option<&Value> {
        Value::get(self, name)
    }
}
