//! What is accepted and shown back but does not act: told, never silent.

/// One setting that AWS would act on and we do not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inert {
    /// The resource's ARN or id.
    pub resource: String,
    /// The field, as the API names it.
    pub field: String,
    /// What AWS would have done: a sentence.
    pub on_aws: String,
}

impl Inert {
    pub fn new(
        resource: impl Into<String>,
        field: impl Into<String>,
        on_aws: impl Into<String>,
    ) -> Self {
        Inert { resource: resource.into(), field: field.into(), on_aws: on_aws.into() }
    }
}
