//! AWS's wire formats, without any service: what a shape looks like
//! ([`Schema`]), how it is read ([`read`]: JSON, CBOR, query, EC2 query, XML), how
//! it is written ([`write`]: JSON, CBOR, XML, forms), what it must satisfy
//! ([`validate()`]), and how an error is said ([`AwsError`]).
//!
//! ```text
//! bytes ──read──▶ Value ──validate──▶ Value ──Shape::decode──▶ typed input
//! typed output ──Shape::encode──▶ dyn Encoder ──write──▶ bytes
//! ```
//!
//! A client goes the same two ways, with inputs written and outputs read.
//!
//! The typed structs are generated (crate `neargate-api-types`) and are visited
//! through `dyn`, so that there is one copy of each codec however many shapes
//! there are. Nothing here does IO or knows a service by name.

mod error;
mod operation;
pub mod read;
mod schema;
mod shape;
mod stored;
mod validate;
mod value;
pub mod write;

pub use error::{AwsError, ReadError};
pub use operation::{Operation, OperationModel, Protocol, ServiceModel};
pub use schema::{
    ListSchema, MapSchema, Member, Schema, StringSchema, StructSchema, TimestampFormat,
};
pub use shape::{Blob, Shape, put};
pub use stored::{Described, Stored};
pub use validate::{Violation, validate};
pub use value::Value;
pub use write::Encoder;

pub use neargate_ids::Timestamp;
