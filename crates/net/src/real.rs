//! Real packets through real namespaces. See `stage`.

mod adoption;
mod egress;
mod groups;
mod isolation;
mod names;
mod requests;
mod speed;
