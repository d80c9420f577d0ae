//! Terraform's language, evaluated: values and their types (`value`, `types`), how one becomes the
//! other (`convert`, `unify`), JSON, and what is told of errors (`diagnostic`).
//!
//! Syntax comes from hcl-edit. Nothing here knows of resources or does IO of its own.

pub mod constraint;
pub mod convert;
pub mod diagnostic;
mod disk;
mod eval;
mod format;
mod functions;
pub mod json;
pub mod number;
pub mod references;
mod render;
pub mod scope;
mod set_order;
pub mod types;
pub mod unify;
pub mod value;

pub use constraint::type_constraint;
pub use convert::{ConversionError, convert};
pub use diagnostic::{Diagnostic, Range, Severity, Source, nearest};
pub use disk::Disk;
pub use eval::{evaluate, evaluate_template};
pub use format::{format, open_brackets};
pub use functions::names as function_names;
pub use hcl_edit;
pub use number::Number;
pub use references::{Index, Part, Reference, reference, references, template_references};
pub use render::render;
pub use scope::{Constants, Names, Nothing, Outside, Scope};
pub use types::{Attribute, Type};
pub use unify::unify;
pub use value::{Kind, Marks, Value};
