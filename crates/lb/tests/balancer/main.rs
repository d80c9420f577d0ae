//! The balancer over real sockets of the loopback, with nothing simulated but
//! the targets' manners. One binary, so that it links once.

mod proxy;
mod rig;
