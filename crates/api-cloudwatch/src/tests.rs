//! Whole answers of the operations, on a cloud in memory.

use std::sync::Arc;

use expect_test::expect;
use neargate_api::{AwsError, Ctx, Service};
use neargate_series::Series;
use neargate_testkit as testkit;
use serde_json::{Value, json};

use crate::service;

mod metrics;

struct CloudWatch {
    ctx: Ctx,
    service: Service,
    /// The values of metrics.
    _dir: tempfile::TempDir,
}

impl CloudWatch {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let series = Arc::new(Series::open(dir.path()).expect("a store of metrics"));
        CloudWatch { ctx: testkit::ctx(), service: service(series), _dir: dir }
    }

    async fn ask(&self, operation: &str, input: Value) -> Result<String, AwsError> {
        testkit::call(&self.ctx, &self.service, operation, input).await
    }

    async fn call(&self, operation: &str, input: Value) -> String {
        let answer = self.ask(operation, input).await;
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    async fn with_alarm(self, name: &str) -> Self {
        let alarm = json!({
            "AlarmName": name, "Namespace": "AWS/ECS", "MetricName": "CPUUtilization",
            "Dimensions": [{ "Name": "ClusterName", "Value": "app" }],
            "Statistic": "Average", "Period": 60, "EvaluationPeriods": 2, "Threshold": 80.0,
            "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
            "AlarmActions": ["arn:aws:sns:us-west-2:000000000000:alarms"],
        });
        self.call("PutMetricAlarm", alarm).await;
        self
    }
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(CloudWatch::new().service.unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_new_alarm_has_insufficient_data_and_is_told() {
    let cloudwatch = CloudWatch::new().with_alarm("cpu").await;
    let shown = cloudwatch.call("DescribeAlarms", json!({})).await;
    expect![[r#"
        {
          "CompositeAlarms": [],
          "LogAlarms": [],
          "MetricAlarms": [
            {
              "ActionsEnabled": true,
              "AlarmActions": [
                "arn:aws:sns:us-west-2:000000000000:alarms"
              ],
              "AlarmArn": "arn:aws:cloudwatch:us-west-2:000000000000:alarm:cpu",
              "AlarmConfigurationUpdatedTimestamp": 1767323045,
              "AlarmName": "cpu",
              "ComparisonOperator": "GreaterThanThreshold",
              "Dimensions": [
                {
                  "Name": "ClusterName",
                  "Value": "app"
                }
              ],
              "EvaluationPeriods": 2,
              "InsufficientDataActions": [],
              "MetricName": "CPUUtilization",
              "Namespace": "AWS/ECS",
              "OKActions": [],
              "Period": 60,
              "StateReason": "Unchecked: Initial alarm creation",
              "StateTransitionedTimestamp": 1767323045,
              "StateUpdatedTimestamp": 1767323045,
              "StateValue": "INSUFFICIENT_DATA",
              "Statistic": "Average",
              "Threshold": 80.0,
              "TreatMissingData": "notBreaching"
            }
          ]
        }
    "#]]
    .assert_eq(&shown);
    let told = cloudwatch.service.inert_in(&cloudwatch.ctx.snapshot());
    expect!["AWS would notify arn:aws:sns:us-west-2:000000000000:alarms when its state changes."]
        .assert_eq(&told[0].on_aws);
}

#[tokio::test]
async fn a_state_set_by_hand_is_history() {
    let cloudwatch = CloudWatch::new().with_alarm("cpu").await;
    let state = json!({ "AlarmName": "cpu", "StateValue": "ALARM", "StateReason": "testing" });
    cloudwatch.call("SetAlarmState", state.clone()).await;
    cloudwatch.call("SetAlarmState", state).await;
    let history = cloudwatch.call("DescribeAlarmHistory", json!({ "AlarmName": "cpu" })).await;
    assert_eq!(
        testkit::texts(&history, "HistorySummary"),
        ["Alarm updated from INSUFFICIENT_DATA to ALARM", "Alarm \"cpu\" created"]
    );
    cloudwatch.call("DeleteAlarms", json!({ "AlarmNames": ["cpu", "nobody"] })).await;
    let history = cloudwatch.call("DescribeAlarmHistory", json!({ "AlarmName": "cpu" })).await;
    assert_eq!(testkit::text(&history, "HistorySummary"), "Alarm \"cpu\" deleted");
    let state = json!({ "AlarmName": "cpu", "StateValue": "OK", "StateReason": "x" });
    let refused = cloudwatch.ask("SetAlarmState", state).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (404, "ResourceNotFound"));
}

#[tokio::test]
async fn actions_are_arns() {
    let cloudwatch = CloudWatch::new().with_alarm("cpu").await;
    let composite =
        json!({ "AlarmName": "any", "AlarmRule": "ALARM(cpu)", "OKActions": ["alarms"] });
    let refused = cloudwatch.ask("PutCompositeAlarm", composite).await.unwrap_err();
    assert_eq!(refused.to_string(), "ValidationError: Invalid arn syntax: alarms");
}

#[tokio::test]
async fn a_composite_alarm_holds_its_children() {
    let cloudwatch = CloudWatch::new().with_alarm("cpu").await;
    let rule = |rule: &str| json!({ "AlarmName": "any", "AlarmRule": rule });
    let refused = cloudwatch.ask("PutCompositeAlarm", rule("ALARM(mem)")).await.unwrap_err();
    assert!(refused.message.contains("alarms [mem] in the alarm rule do not exist"), "{refused}");
    cloudwatch.call("PutCompositeAlarm", rule("ALARM(cpu) OR FALSE")).await;
    let plain = cloudwatch.call("DescribeAlarms", json!({})).await;
    assert_eq!(testkit::texts(&plain, "AlarmName"), ["cpu"]);
    let composite = json!({ "AlarmTypes": ["CompositeAlarm"] });
    let composite = cloudwatch.call("DescribeAlarms", composite).await;
    assert_eq!(testkit::text(&composite, "AlarmRule"), "ALARM(cpu) OR FALSE");
    let parents = cloudwatch.call("DescribeAlarms", json!({ "ParentsOfAlarmName": "cpu" })).await;
    assert_eq!(testkit::texts(&parents, "AlarmName"), ["any"]);
    let delete = cloudwatch.ask("DeleteAlarms", json!({ "AlarmNames": ["cpu"] })).await;
    assert!(delete.unwrap_err().message.contains("composite alarm"));
    cloudwatch.call("DeleteAlarms", json!({ "AlarmNames": ["any"] })).await;
    cloudwatch.call("DeleteAlarms", json!({ "AlarmNames": ["cpu"] })).await;
}

#[tokio::test]
async fn alarms_of_a_metric_are_found_whatever_the_order_of_dimensions() {
    let cloudwatch = CloudWatch::new().with_alarm("cpu").await;
    let of = |cluster: &str| {
        json!({
            "Namespace": "AWS/ECS", "MetricName": "CPUUtilization",
            "Dimensions": [{ "Name": "ClusterName", "Value": cluster }],
        })
    };
    let found = cloudwatch.call("DescribeAlarmsForMetric", of("app")).await;
    assert_eq!(testkit::texts(&found, "AlarmName"), ["cpu"]);
    let found = cloudwatch.call("DescribeAlarmsForMetric", of("other")).await;
    assert_eq!(testkit::texts(&found, "AlarmName"), [""; 0]);
}

#[tokio::test]
async fn a_dashboard_comes_back_as_it_was_given() {
    let cloudwatch = CloudWatch::new();
    let body = "{ \"widgets\": [], \"colour\": 1 }";
    let put = json!({ "DashboardName": "app", "DashboardBody": body });
    let answer = cloudwatch.call("PutDashboard", put).await;
    assert_eq!(testkit::text(&answer, "DataPath"), "/colour");
    let shown = cloudwatch.call("GetDashboard", json!({ "DashboardName": "app" })).await;
    assert_eq!(testkit::text(&shown, "DashboardBody"), body);
    assert_eq!(
        testkit::text(&shown, "DashboardArn"),
        "arn:aws:cloudwatch::000000000000:dashboard/app"
    );
    let broken = json!({ "DashboardName": "app", "DashboardBody": "{}" });
    let refused = cloudwatch.ask("PutDashboard", broken).await.unwrap_err();
    assert_eq!(refused.code, "InvalidParameterInput");
    let names = json!({ "DashboardNames": ["app", "nobody"] });
    assert!(cloudwatch.ask("DeleteDashboards", names).await.is_err());
    cloudwatch.call("DeleteDashboards", json!({ "DashboardNames": ["app"] })).await;
    let gone = cloudwatch.ask("GetDashboard", json!({ "DashboardName": "app" })).await.unwrap_err();
    assert_eq!(gone.to_string(), "ResourceNotFound: Dashboard app does not exist");
}
