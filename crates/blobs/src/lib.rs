//! A content-addressed store: `<root>/sha256/<2>/<64 hex>`, and the uploads in
//! flight beside it.
//!
//! **A blob that is there is whole.** Bytes are written to `uploads/<id>`,
//! hashed as they come, synced, renamed into place and the directory synced;
//! only then does the caller hear yes. So readers need no locks and no
//! reference counts: they open the file, and a later delete takes the name, not
//! the bytes under their feet.
//!
//! ```text
//! begin/resume ─▶ write* ─▶ pause  (bytes durable, resumable after a restart)
//!                        └▶ finish (verified, durable, visible) | cancel
//! ```
//!
//! Who refers to a blob is not known here: [`Blobs::collect_garbage`] is told
//! what is live. Bytes are moved by blocking threads; no async worker waits on
//! a disk.

mod collect;
mod digest;
mod read;
mod store;
mod upload;

pub use collect::Collected;
pub use digest::{Digest, DigestError, Hasher};
pub use read::Reader;
pub use store::{BlobError, BlobInfo, Blobs};
pub use upload::{Committed, Upload, UploadId};
