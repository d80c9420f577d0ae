//! Amazon ECR: repositories, the images in them and the layers that were pushed.
//!
//! ```text
//! Repository ─┬─ Image   (a manifest or an index, with the tags that name it)
//!             └─ Layer   (a blob that was uploaded into, or mounted in, this repository)
//! ```
//!
//! The bytes are in `neargate-blobs`, under the digests that stand here. A
//! repository's name may have slashes but never `@`, so that what belongs to it
//! is a scan of `region/name@`.

use neargate_store::Tables;

mod image;
mod registry;
mod repository;

pub use image::{Image, Layer, Part};
pub use registry::{Registry, TokenKey};
pub use repository::{Preview, Previewed, Repository, wildcard};

/// The tables of ECR.
pub fn tables(tables: Tables) -> Tables {
    tables
        .with::<Repository>()
        .with::<Image>()
        .with::<Layer>()
        .with::<Registry>()
        .with::<TokenKey>()
}
