//! What of an instance is accepted and does not act here.

use neargate_api::model::rds::DbInstance;
use neargate_api::{Inert, Snapshot};

pub fn list(snapshot: &Snapshot) -> Vec<Inert> {
    snapshot.all::<DbInstance>().flat_map(|instance| of(&instance)).collect()
}

fn of(instance: &DbInstance) -> Vec<Inert> {
    let settings = &instance.settings;
    let mut all = Vec::new();
    let mut tell = |given: bool, field: &str, on_aws: String| {
        if given {
            all.push(Inert::new(&instance.arn, field, on_aws));
        }
    };
    let shown = instance.engine_version();
    let runs = instance.running_version.as_deref().unwrap_or(shown);
    tell(
        runs != shown,
        "EngineVersion",
        format!(
            "AWS would run PostgreSQL {shown}. This machine has not installed it: {runs} runs."
        ),
    );
    let yes = |flag: Option<bool>| flag == Some(true);
    let some = |number: Option<i32>| number.is_some_and(|number| number > 0);
    tell(
        yes(settings.multi_az),
        "MultiAZ",
        "AWS would keep a standby in another zone and fail over to it.".into(),
    );
    tell(
        yes(settings.storage_encrypted),
        "StorageEncrypted",
        "AWS would encrypt the volume; here the data are as safe as this machine's disk.".into(),
    );
    tell(
        some(settings.backup_retention_period),
        "BackupRetentionPeriod",
        "AWS would take a snapshot a day and keep the log for recovery to a point in time.".into(),
    );
    tell(
        settings.enabled_cloudwatch_logs_exports.is_some(),
        "EnableCloudwatchLogsExports",
        "AWS would export the server's log to CloudWatch Logs.".into(),
    );
    tell(
        yes(settings.performance_insights_enabled),
        "EnablePerformanceInsights",
        "AWS would gather database load.".into(),
    );
    tell(
        some(settings.monitoring_interval),
        "MonitoringInterval",
        "AWS would write operating system metrics to CloudWatch Logs.".into(),
    );
    tell(
        yes(settings.iam_database_authentication_enabled),
        "EnableIAMDatabaseAuthentication",
        "AWS would accept IAM tokens as passwords.".into(),
    );
    tell(
        yes(settings.publicly_accessible),
        "PubliclyAccessible",
        "AWS would give the instance a public address.".into(),
    );
    tell(
        settings.max_allocated_storage.is_some(),
        "MaxAllocatedStorage",
        "AWS would let the volume grow up to this; here it has this machine's disk.".into(),
    );
    all
}
