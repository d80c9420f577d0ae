//! What the resources of a stack mean together: services with their tasks and groups, subnets with
//! their ways out, roles with what they may do.

pub mod balancer;
pub mod network;
pub mod policy;
pub mod service;
pub mod task;
