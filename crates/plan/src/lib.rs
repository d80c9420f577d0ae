//! The brains. Every function here takes what is and gives what shall be, with
//! its reasons; none of them has a clock, a socket, randomness or a log.
//!
//! - [`service`]: which tasks a service starts and stops, and how its deployments go.
//! - [`blue_green`]: what a deployment of CodeDeploy does to a service's task sets and listeners.
//! - [`containers`]: which containers of a task start or stop next.
//! - [`strategy`]: which capacity provider a new task goes to.
//! - [`placement`]: which subnet its interface goes to.
//! - [`launch`]: the record of a new task.
//! - [`logs`]: which lines of a container make one log event.
//! - [`restart`]: whether a container that has ended is started again.
//! - [`metric_alarm`]: the state of a metric alarm.
//! - [`scaling`]: the capacity that a service's scaling policies want.
//! - [`lifecycle`]: which images of a repository expire.

pub mod blue_green;
pub mod containers;
pub mod launch;
pub mod lifecycle;
pub mod logs;
pub mod metric_alarm;
pub mod placement;
pub mod restart;
pub mod scaling;
pub mod service;
pub mod strategy;
