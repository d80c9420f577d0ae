//! What a file of `resources/` or `data/` has to say: facts that its plan is made by,
//! and what creates, reads, changes and deletes its objects.
//!
//! ```text
//! create ─▶ id ─▶ complete (what a second call sets, waits) ─▶ read
//! update ─▶ read          delete          import: id ─▶ read
//! ```

use async_trait::async_trait;
use neargate_aws_client::{CallError, TooLong};
use neargate_hcl::Value;

use crate::attributes::Attributes;
use crate::cloud::Cloud;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{0}")]
    Call(#[from] CallError),
    #[error("{0}")]
    TooLong(#[from] TooLong),
    #[error("{0}")]
    Told(String),
}

impl Failure {
    pub fn told(text: impl Into<String>) -> Self {
        Failure::Told(text.into())
    }
}

/// What stands for an attribute that is not given.
#[derive(Clone, Copy, Debug)]
pub enum Fallback {
    Bool(bool),
    Number(i64),
    Text(&'static str),
}

/// Whether something is so of two objects, one before and one planned.
pub type Holds = fn(&Value, &Value) -> bool;

/// What of a resource type its schema does not say. Paths of attributes in blocks have dots:
/// `default_action.type`.
#[derive(Debug)]
pub struct Facts {
    /// Whose change needs another object.
    pub replaced_by: &'static [&'static str],
    /// Whose change needs another object where this is so of the object before and the planned one.
    pub replaced_when: &'static [(&'static str, Holds)],
    pub defaults: &'static [(&'static str, Fallback)],
    /// Blocks that AWS fills where none are given.
    pub filled: &'static [&'static str],
    /// Blocks that stay where they are taken away, and then say what they say by default. What AWS
    /// decides of them stays, too. Paths, of which the last is such a block.
    pub emptied: &'static [&'static str],
    /// Attributes that are gone where they are not given, though AWS may decide them. Paths.
    pub given: &'static [&'static str],
    /// Attributes of objects whose parts are empty where they are not given, and never null.
    pub zeroed: &'static [&'static str],
    /// Texts that are JSON: two are equal when they mean the same.
    pub json: &'static [&'static str],
    /// Attributes that stay as they are when the object before and the planned one are alike in them. Paths.
    pub alike: &'static [(&'static str, Holds)],
    /// Whether null and the empty value of a type differ, and so do `timeouts` alone: as of the few types
    /// that Terraform's provider builds on its newer framework.
    pub exact: bool,
    /// What a change of the first makes unknown: the second.
    pub unsettles: &'static [(&'static str, &'static str)],
}

impl Facts {
    pub const NONE: Facts = Facts {
        replaced_by: &[],
        replaced_when: &[],
        defaults: &[],
        filled: &[],
        emptied: &[],
        given: &[],
        zeroed: &[],
        json: &[],
        alike: &[],
        exact: false,
        unsettles: &[],
    };
}

/// One type of resource.
#[async_trait]
pub trait Resource: Send + Sync {
    fn facts(&self) -> &'static Facts;

    /// Creates an object and gives its id. From then on there is something to keep in the state.
    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure>;

    /// Does what is left to do on a new object: other calls, waits.
    async fn complete(&self, _cloud: &Cloud, _planned: &Attributes) -> Result<(), Failure> {
        Ok(())
    }

    /// The object as it is now, on top of what is known of it; none where it is gone.
    async fn read(&self, cloud: &Cloud, known: Attributes) -> Result<Option<Attributes>, Failure>;

    /// Changes the object to what is planned.
    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure>;

    /// Deletes the object, and waits until it is gone. One that is gone already is deleted.
    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure>;

    /// What an import's id says of the object.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let mut attributes = Attributes::default();
        attributes.set("id", id);
        Ok(attributes)
    }
}

/// One data source.
#[async_trait]
pub trait Data: Send + Sync {
    async fn read(&self, cloud: &Cloud, config: Attributes) -> Result<Attributes, Failure>;
}

/// Of what Terraform's provider does not import either.
pub fn never_imported(id: &str) -> Failure {
    Failure::told(format!(
        "{id}: resources of this type cannot be imported. Leave the import out: an apply makes them again, \
         which changes nothing of what is there."
    ))
}

/// Nothing, where the error says that what was asked for is not there.
///
/// # Errors
/// All other errors.
pub fn found<T>(result: Result<T, CallError>, missing: &[&str]) -> Result<Option<T>, CallError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_any(missing) => Ok(None),
        Err(error) => Err(error),
    }
}
