//! What an instance needs next: a pure function of its record and of what the
//! worker has seen.

use std::path::PathBuf;

use neargate_api::model::rds::{DbInstance, Status};
use neargate_postgres::InstanceSpec;

use crate::spec::spec;

/// What a worker remembers of its server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// How it was last made to run, while it runs.
    pub serves: Option<InstanceSpec>,
    /// How it last failed to start.
    pub failed: Option<InstanceSpec>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// All is as it should be.
    Rest,
    Wait(String),
    /// The keys that are wanted but not named, and the managed password.
    Prepare,
    /// Make, start or adopt the server.
    Serve(InstanceSpec),
    /// Stop the server first.
    Restart(InstanceSpec),
    Stop,
    BackUp,
    Remove,
}

/// The next step; `namespace` is where the instance's interface is attached.
pub fn plan(instance: &DbInstance, account: &str, namespace: Option<PathBuf>, seen: &Seen) -> Step {
    match instance.status {
        Status::Deleting => return Step::Remove,
        Status::Stopping => return Step::Stop,
        Status::Stopped => return Step::Rest,
        _ => {}
    }
    if instance.verifier.is_none() {
        return Step::Prepare;
    }
    let Some(namespace) = namespace else {
        return Step::Wait(format!("its interface {} is not attached yet", instance.interface_id));
    };
    let wanted = spec(instance, account, namespace);
    match instance.status {
        Status::Rebooting => Step::Restart(wanted),
        Status::Modifying if restarts(&wanted, seen) => Step::Restart(wanted),
        Status::Creating | Status::Starting | Status::Modifying => Step::Serve(wanted),
        Status::IncompatibleParameters if seen.failed.as_ref() == Some(&wanted) => Step::Rest,
        Status::BackingUp if seen.serves.is_some() => Step::BackUp,
        Status::Available if seen.serves.as_ref() == Some(&wanted) => Step::Rest,
        _ => Step::Serve(wanted),
    }
}

/// Another class or port takes effect when the server starts. What it runs with
/// is not known after a restart of Neargate: then it starts anew.
fn restarts(wanted: &InstanceSpec, seen: &Seen) -> bool {
    seen.serves
        .as_ref()
        .is_none_or(|now| now.memory_mib != wanted.memory_mib || now.port != wanted.port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::tests::instance;

    fn next(status: Status, seen: &Seen) -> Step {
        let mut instance = instance();
        instance.status = status;
        plan(&instance, "000000000000", Some("/netns".into()), seen)
    }

    #[test]
    fn a_way_through_its_life() {
        let wanted = spec(&instance(), "000000000000", "/netns".into());
        let nothing = Seen::default();
        let serves = Seen { serves: Some(wanted.clone()), failed: None };
        assert_eq!(next(Status::Creating, &nothing), Step::Serve(wanted.clone()));
        assert_eq!(next(Status::Available, &serves), Step::Rest);
        assert_eq!(next(Status::Available, &nothing), Step::Serve(wanted.clone()));
        assert_eq!(next(Status::Modifying, &serves), Step::Serve(wanted.clone()));
        assert_eq!(next(Status::Modifying, &nothing), Step::Restart(wanted.clone()));
        assert_eq!(next(Status::Rebooting, &serves), Step::Restart(wanted.clone()));
        assert_eq!(next(Status::BackingUp, &serves), Step::BackUp);
        assert_eq!(next(Status::BackingUp, &nothing), Step::Serve(wanted.clone()));
        assert_eq!(next(Status::Stopping, &serves), Step::Stop);
        assert_eq!(next(Status::Stopped, &nothing), Step::Rest);
        assert_eq!(next(Status::Deleting, &serves), Step::Remove);
        let failed = Seen { serves: None, failed: Some(wanted.clone()) };
        assert_eq!(next(Status::IncompatibleParameters, &failed), Step::Rest);
        assert_eq!(next(Status::IncompatibleParameters, &nothing), Step::Serve(wanted));
    }

    #[test]
    fn it_waits_for_its_interface_and_its_password() {
        let mut instance = instance();
        let step = plan(&instance, "000000000000", None, &Seen::default());
        assert_eq!(step, Step::Wait("its interface eni-1 is not attached yet".into()));
        instance.verifier = None;
        assert_eq!(plan(&instance, "000000000000", None, &Seen::default()), Step::Prepare);
    }
}
