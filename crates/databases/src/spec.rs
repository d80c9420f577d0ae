//! A DB instance as the hand is told it.

use std::path::PathBuf;

use neargate_api::model::rds::{DbInstance, endpoint, memory_mib};
use neargate_postgres::InstanceSpec;

/// Memory of a class that is not known any more.
const LEAST_MIB: u32 = 1024;

pub fn spec(instance: &DbInstance, account: &str, namespace: PathBuf) -> InstanceSpec {
    let mut parameters = instance.parameters.clone();
    let force_ssl = parameters.remove("rds.force_ssl");
    InstanceSpec {
        id: instance.resource_id.clone(),
        netns_path: Some(namespace),
        cgroups: Vec::new(),
        listen: instance.private_ip,
        port: instance.port,
        endpoint: endpoint(&instance.identifier, account, &instance.region),
        major_version: None,
        master_username: instance.master_username().to_owned(),
        master_password: instance.verifier.clone().unwrap_or_default(),
        database: instance.settings.db_name.clone(),
        memory_mib: memory_mib(instance.class()).unwrap_or(LEAST_MIB),
        parameters,
        force_ssl: force_ssl.is_some_and(|value| ["1", "on", "true"].contains(&value.as_str())),
        restore_from: None,
    }
}

#[cfg(test)]
pub mod tests {
    use neargate_api::model::Tags;
    use neargate_api::model::rds::Status;
    use neargate_api::types::rds::DBInstance;
    use neargate_api::{Stored, Timestamp};

    use super::*;

    /// An instance that is available.
    pub fn instance() -> DbInstance {
        DbInstance {
            region: "us-west-2".into(),
            identifier: "db".into(),
            arn: "arn:aws:rds:us-west-2:000000000000:db:db".into(),
            resource_id: "db-ABC".into(),
            status: Status::Available,
            settings: Stored(DBInstance {
                db_instance_class: Some("db.t3.small".into()),
                master_username: Some("app".into()),
                ..DBInstance::default()
            }),
            pending: None,
            subnet_group: "private".into(),
            security_group_ids: Vec::new(),
            vpc_id: "vpc-1".into(),
            interface_id: "eni-1".into(),
            private_ip: [10, 0, 1, 4].into(),
            made: true,
            port: 5432,
            parameter_group: "default.postgres15".into(),
            parameter_apply_status: "in-sync".into(),
            parameters: [("rds.force_ssl".into(), "1".into()), ("a".into(), "b".into())].into(),
            verifier: Some("SCRAM-SHA-256$…".into()),
            verifier_is_new: false,
            secret: None,
            final_snapshot: None,
            running_version: None,
            created_at: Timestamp::from_secs(0),
            tags: Tags::new(),
        }
    }

    #[test]
    fn tls_is_a_setting_of_its_own() {
        let spec = spec(&instance(), "000000000000", "/netns".into());
        assert!(spec.force_ssl);
        assert_eq!(spec.parameters, [("a".into(), "b".into())].into());
        assert_eq!(spec.memory_mib, 2048);
    }
}
