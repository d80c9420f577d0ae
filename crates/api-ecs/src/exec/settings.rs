//! What a cluster's configuration says of a session: the key that encrypts it, and
//! where its transcript goes when it is over.

use neargate_api::Snapshot;
use neargate_api::model::ecs::{Cluster, Task, TaskDefinition};
use neargate_api::types::ecs::{ContainerDefinition, ExecuteCommandConfiguration};

/// What is done with a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub kms_key_id: Option<String>,
    pub log_group: Option<LogGroup>,
    pub bucket: Option<Bucket>,
}

/// A log group that gets a stream named as the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogGroup {
    pub region: String,
    pub name: String,
    /// The session does not begin when no KMS key encrypts the group.
    pub must_be_encrypted: bool,
}

/// A bucket that gets an object named as the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub name: String,
    pub prefix: String,
    /// The session does not begin when the bucket is not encrypted.
    pub must_be_encrypted: bool,
}

impl Settings {
    /// For a session in a container of a task.
    pub fn of(snapshot: &Snapshot, task: &Task, container: &str) -> Self {
        let cluster = snapshot.get::<Cluster>(&Cluster::key_of(&task.region, &task.cluster));
        let exec = cluster.and_then(|cluster| {
            cluster.configuration.as_ref()?.execute_command_configuration.clone()
        });
        let key = TaskDefinition::key_in(&task.region, &task.task_definition_arn);
        let definition = key.and_then(|key| snapshot.get::<TaskDefinition>(&key));
        let container = definition.as_ref().and_then(|definition| {
            definition.containers().iter().find(|c| c.name.as_deref() == Some(container))
        });
        decide(&exec.unwrap_or_default(), container, &task.region)
    }
}

/// Logging is DEFAULT where nothing else is said: the group of the container's awslogs.
fn decide(
    exec: &ExecuteCommandConfiguration,
    container: Option<&ContainerDefinition>,
    region: &str,
) -> Settings {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let mut settings = Settings { kms_key_id: given(&exec.kms_key_id), ..Settings::default() };
    match exec.logging.as_deref() {
        Some("NONE") => {}
        Some("OVERRIDE") => {
            let Some(log) = &exec.log_configuration else { return settings };
            settings.log_group = given(&log.cloud_watch_log_group_name).map(|name| LogGroup {
                region: region.to_owned(),
                name,
                must_be_encrypted: log.cloud_watch_encryption_enabled == Some(true),
            });
            settings.bucket = given(&log.s3_bucket_name).map(|name| Bucket {
                name,
                prefix: log.s3_key_prefix.clone().unwrap_or_default(),
                must_be_encrypted: log.s3_encryption_enabled == Some(true),
            });
        }
        _ => settings.log_group = container.and_then(|container| of_awslogs(container, region)),
    }
    settings
}

fn of_awslogs(container: &ContainerDefinition, region: &str) -> Option<LogGroup> {
    let log = container.log_configuration.as_ref().filter(|log| log.log_driver == "awslogs")?;
    let option = |name: &str| log.options.as_ref()?.get(name).cloned();
    Some(LogGroup {
        region: option("awslogs-region").unwrap_or_else(|| region.to_owned()),
        name: option("awslogs-group")?,
        must_be_encrypted: false,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use neargate_api::types::ecs::{ExecuteCommandLogConfiguration, LogConfiguration};

    use super::*;

    fn check(exec: ExecuteCommandConfiguration, expected: Expect) {
        let options = [("awslogs-group", "/app"), ("awslogs-region", "eu-west-1")];
        let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let container = ContainerDefinition {
            log_configuration: Some(LogConfiguration {
                log_driver: "awslogs".into(),
                options: Some(options.into()),
                ..Default::default()
            }),
            ..Default::default()
        };
        let Settings { kms_key_id, log_group, bucket } =
            decide(&exec, Some(&container), "us-west-2");
        let shown = format!("key {kms_key_id:?}\ngroup {log_group:?}\nbucket {bucket:?}\n");
        expected.assert_eq(&shown);
    }

    fn logging(logging: &str) -> ExecuteCommandConfiguration {
        ExecuteCommandConfiguration { logging: Some(logging.into()), ..Default::default() }
    }

    #[test]
    fn without_a_word_the_containers_own_group_is_taken() {
        check(
            ExecuteCommandConfiguration::default(),
            expect![[r#"
                key None
                group Some(LogGroup { region: "eu-west-1", name: "/app", must_be_encrypted: false })
                bucket None
            "#]],
        );
        let none = decide(&logging("DEFAULT"), Some(&ContainerDefinition::default()), "us-west-2");
        assert_eq!(none, Settings::default());
    }

    #[test]
    fn none_is_none() {
        let exec =
            ExecuteCommandConfiguration { kms_key_id: Some("alias/k".into()), ..logging("NONE") };
        check(
            exec,
            expect![[r#"
                key Some("alias/k")
                group None
                bucket None
            "#]],
        );
    }

    #[test]
    fn override_names_a_group_a_bucket_or_both() {
        let log = ExecuteCommandLogConfiguration {
            cloud_watch_log_group_name: Some("/exec".into()),
            cloud_watch_encryption_enabled: Some(true),
            s3_bucket_name: Some("sessions".into()),
            s3_key_prefix: Some("exec".into()),
            s3_encryption_enabled: None,
        };
        check(
            ExecuteCommandConfiguration { log_configuration: Some(log), ..logging("OVERRIDE") },
            expect![[r#"
                key None
                group Some(LogGroup { region: "us-west-2", name: "/exec", must_be_encrypted: true })
                bucket Some(Bucket { name: "sessions", prefix: "exec", must_be_encrypted: false })
            "#]],
        );
    }
}
