//! What is evaluated, and what an evaluation has found, written down.

use neargate_api::model::cloudwatch::{Alarm, AlarmState};
use neargate_api::types::cloudwatch::MetricDataQuery;
use neargate_api::{Timestamp, Tx};

use super::{UNCHECKED, act, composite, history};

/// The state of an alarm, and why: in words, and as JSON.
pub struct Evaluated {
    pub state: AlarmState,
    pub reason: String,
    pub reason_data: Option<String>,
}

/// Of AWS's namespaces, those that are measured, and what of them.
const MEASURED: [(&str, &[&str]); 6] = [
    ("AWS/ECS", &["CPUUtilization", "MemoryUtilization"]),
    ("AWS/ApplicationELB", LOAD_BALANCERS),
    ("AWS/ECR", &["RepositoryPullCount"]),
    ("AWS/Logs", &["IncomingBytes", "IncomingLogEvents"]),
    ("AWS/RDS", &["CPUUtilization", "DatabaseConnections", "FreeStorageSpace"]),
    ("ECS/ContainerInsights", INSIGHTS),
];

const LOAD_BALANCERS: &[&str] = &[
    "ActiveConnectionCount",
    "ClientTLSNegotiationErrorCount",
    "ConsumedLCUs",
    "DesyncMitigationMode_NonCompliant_Request_Count",
    "DroppedInvalidHeaderRequestCount",
    "ForwardedInvalidHeaderRequestCount",
    "GrpcRequestCount",
    "HTTPCode_ELB_3XX_Count",
    "HTTPCode_ELB_4XX_Count",
    "HTTPCode_ELB_500_Count",
    "HTTPCode_ELB_502_Count",
    "HTTPCode_ELB_503_Count",
    "HTTPCode_ELB_504_Count",
    "HTTPCode_ELB_5XX_Count",
    "HTTPCode_Target_2XX_Count",
    "HTTPCode_Target_3XX_Count",
    "HTTPCode_Target_4XX_Count",
    "HTTPCode_Target_5XX_Count",
    "HTTP_Fixed_Response_Count",
    "HTTP_Redirect_Count",
    "HTTP_Redirect_Url_Limit_Exceeded_Count",
    "HealthyHostCount",
    "IPv6ProcessedBytes",
    "IPv6RequestCount",
    "NewConnectionCount",
    "NonStickyRequestCount",
    "ProcessedBytes",
    "RejectedConnectionCount",
    "RequestCount",
    "RequestCountPerTarget",
    "RuleEvaluations",
    "TargetConnectionErrorCount",
    "TargetResponseTime",
    "TargetTLSNegotiationErrorCount",
    "UnHealthyHostCount",
    "UnhealthyRoutingRequestCount",
];

const INSIGHTS: &[&str] = &[
    "ContainerCpuReserved",
    "ContainerCpuUtilization",
    "ContainerCpuUtilized",
    "ContainerMemoryReserved",
    "ContainerMemoryUtilization",
    "ContainerMemoryUtilized",
    "ContainerNetworkRxBytes",
    "ContainerNetworkTxBytes",
    "ContainerStorageReadBytes",
    "ContainerStorageWriteBytes",
    "CpuReserved",
    "CpuUtilized",
    "DeploymentCount",
    "DesiredTaskCount",
    "EphemeralStorageReserved",
    "EphemeralStorageUtilized",
    "MemoryReserved",
    "MemoryUtilized",
    "NetworkRxBytes",
    "NetworkTxBytes",
    "PendingTaskCount",
    "RestartCount",
    "RunningTaskCount",
    "ServiceCount",
    "StorageReadBytes",
    "StorageWriteBytes",
    "TaskCount",
    "TaskCpuUtilization",
    "TaskEphemeralStorageUtilization",
    "TaskMemoryUtilization",
    "TaskSetCount",
    "UnHealthyContainerHealthStatus",
];

/// Whether a metric has values here: those of applications do, and of AWS's own those that are
/// measured. An alarm on another one would take what is not measured for missing.
pub fn is_measured(namespace: &str, name: &str) -> bool {
    match MEASURED.iter().find(|(own, _)| *own == namespace) {
        Some((_, names)) => names.contains(&name),
        None => !namespace.starts_with("AWS/"),
    }
}

/// Whether all metrics of a list of queries are.
pub fn are_measured(queries: &[MetricDataQuery]) -> bool {
    let stats = queries.iter().filter_map(|query| query.metric_stat.as_ref());
    stats.map(|stat| &stat.metric).all(|metric| {
        let (namespace, name) = (metric.namespace.as_deref(), metric.metric_name.as_deref());
        is_measured(namespace.unwrap_or_default(), name.unwrap_or_default())
    })
}

/// Whether the alarm has to be told: it comes to another state, or was never evaluated.
pub fn is_news(alarm: &Alarm, state: AlarmState) -> bool {
    alarm.state != state || alarm.state_reason == UNCHECKED
}

/// Tells the alarm, unless it was configured anew since `seen`, or is gone.
pub fn say(tx: &mut Tx, seen: &Alarm, evaluated: Evaluated, now: Timestamp) {
    let key = Alarm::key_of(&seen.region, &seen.name);
    let Some(old) = tx.get::<Alarm>(&key) else { return };
    if old.configured_at != seen.configured_at || !is_news(&old, evaluated.state) {
        return;
    }
    tell(tx, &old, evaluated, now);
}

/// Tells the alarm its state, whoever says it.
pub(super) fn tell(tx: &mut Tx, old: &Alarm, told: Evaluated, now: Timestamp) {
    let mut alarm = old.clone();
    if alarm.say(told.state, told.reason, told.reason_data, now) {
        history::transitioned(tx, old, &alarm, now);
        alarm.held = composite::held(tx.view(), old, &alarm, now);
        if alarm.held.is_none() {
            act::queue(tx, old, &alarm, now);
        }
    }
    tx.put(alarm);
}
