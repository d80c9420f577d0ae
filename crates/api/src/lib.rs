//! The kernel that every service's crate (`api-ecs`, `api-ec2`, …) is written
//! against. A service is a list of operations; an operation is a file with one
//! async function: typed input in, typed output out, at most one store
//! transaction between. It starts nothing itself: the reconcilers see what
//! it has written and act.
//!
//! ```ignore
//! // crates/api-ecs/src/cluster/create.rs
//! pub async fn call(ctx: Ctx, input: CreateClusterRequest) -> Result<CreateClusterResponse, AwsError> { … }
//!
//! // crates/api-ecs/src/lib.rs
//! Service::new(&ecs::SERVICE)
//!     .op::<ecs::CreateCluster, _>(cluster::create::call)
//!     .op_on::<ecs::DeleteCluster, _>(cluster::resource, cluster::delete::call)
//! ```

mod audit;
mod cloud;
mod identity;
mod inert;
mod page;
mod service;
mod stream;
mod tags;
mod waiting;

pub use audit::{Audit, Heard, Origin, Told};
pub use cloud::{Cloud, Ctx};
pub use identity::{Caller, Credential, Denied, Identity, Opener, Question, Session, Wanted};
pub use inert::{Inert, grants_only_to};
pub use page::{Page, page};
pub use service::{Answer, Service, Services};
pub use stream::{Events, StreamEvent};
pub use tags::{TAG_LIMIT, Tags, check_tags};

pub use neargate_api_types as types;
pub use neargate_ids::{Arn, Clock, Move, Rng, Timestamp};
pub use neargate_model as model;
pub use neargate_store::{Changes, Record, Snapshot, Store, StoreError, Tx};
pub use neargate_vault::{Sealed, Unreadable, Vault};
pub use neargate_wire::write::query_error;
pub use neargate_wire::{AwsError, Blob, Stored};
