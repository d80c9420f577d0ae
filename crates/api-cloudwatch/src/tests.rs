//! Whole answers of the operations, on a cloud in memory.

use std::sync::Arc;

use expect_test::expect;
use neargate_api::model::cloudwatch::AlarmAction;
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
    assert_eq!(cloudwatch.service.inert_in(&cloudwatch.ctx.snapshot()), []);
}

#[tokio::test]
async fn a_change_of_state_leaves_its_actions_to_be_done() {
    let cloudwatch = CloudWatch::new().with_alarm("cpu").await;
    let state = json!({ "AlarmName": "cpu", "StateValue": "ALARM", "StateReason": "testing" });
    cloudwatch.call("SetAlarmState", state.clone()).await;
    cloudwatch.call("SetAlarmState", state).await;
    let left: Vec<_> = cloudwatch.ctx.snapshot().all::<AlarmAction>().collect();
    assert_eq!(left.len(), 1);
    expect![[r#"ALARM: "cpu" in US West (Oregon)"#]].assert_eq(&left[0].subject);
    expect![[r#"{"AlarmName":"cpu","AlarmDescription":null,"AWSAccountId":"000000000000","AlarmConfigurationUpdatedTimestamp":"2026-01-02T03:04:05.000+0000","NewStateValue":"ALARM","NewStateReason":"testing","StateChangeTime":"2026-01-02T03:04:05.000+0000","Region":"US West (Oregon)","AlarmArn":"arn:aws:cloudwatch:us-west-2:000000000000:alarm:cpu","OldStateValue":"INSUFFICIENT_DATA","OKActions":[],"AlarmActions":["arn:aws:sns:us-west-2:000000000000:alarms"],"InsufficientDataActions":[],"Trigger":{"MetricName":"CPUUtilization","Namespace":"AWS/ECS","StatisticType":"Statistic","Statistic":"AVERAGE","Unit":null,"Dimensions":[{"name":"ClusterName","value":"app"}],"Period":60,"EvaluationPeriods":2,"ComparisonOperator":"GreaterThanThreshold","Threshold":80.0,"TreatMissingData":"notBreaching","EvaluateLowSampleCountPercentile":""}}"#]].assert_eq(&left[0].message);
    cloudwatch.call("DisableAlarmActions", json!({ "AlarmNames": ["cpu"] })).await;
    let state = json!({ "AlarmName": "cpu", "StateValue": "OK", "StateReason": "testing" });
    cloudwatch.call("SetAlarmState", state).await;
    assert_eq!(cloudwatch.ctx.snapshot().count::<AlarmAction>(), 1);
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

/// The reason and the state of an alarm.
async fn state_of(cloudwatch: &CloudWatch, name: &str) -> String {
    let input = json!({ "AlarmNames": [name], "AlarmTypes": ["CompositeAlarm", "MetricAlarm"] });
    let shown = cloudwatch.call("DescribeAlarms", input).await;
    let of = |member: &str| testkit::text(&shown, member);
    let held = testkit::texts(&shown, "ActionsSuppressedBy").join("");
    format!("{} {held}: {}", of("StateValue"), of("StateReason"))
}

async fn set(cloudwatch: &mut CloudWatch, name: &str, state: &str) {
    let input = json!({ "AlarmName": name, "StateValue": state, "StateReason": "set" });
    cloudwatch.call("SetAlarmState", input).await;
    settle(cloudwatch, 0).await;
}

async fn settle(cloudwatch: &mut CloudWatch, secs: i64) {
    cloudwatch.ctx.now = cloudwatch.ctx.now.plus_secs(secs);
    let now = cloudwatch.ctx.now;
    let settled = cloudwatch.ctx.write(move |tx| {
        crate::composite::settle(tx, now);
        Ok(())
    });
    settled.await.unwrap();
}

#[tokio::test]
async fn a_composite_alarm_follows_its_rule_and_its_suppressor() {
    let mut cloudwatch = CloudWatch::new().with_alarm("cpu").await.with_alarm("deploy").await;
    let composite = json!({
        "AlarmName": "any", "AlarmRule": "ALARM(cpu)", "ActionsSuppressor": "deploy",
        "ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 120,
        "AlarmActions": ["arn:aws:sns:us-west-2:000000000000:any"],
    });
    cloudwatch.call("PutCompositeAlarm", composite).await;
    let above = json!({ "AlarmName": "above", "AlarmRule": "NOT OK(any)" });
    cloudwatch.call("PutCompositeAlarm", above).await;
    settle(&mut cloudwatch, 0).await;
    expect!["OK WaitPeriod: arn:aws:cloudwatch:us-west-2:000000000000:alarm:any was created and its alarm rule evaluates to OK"]
        .assert_eq(&state_of(&cloudwatch, "any").await);
    settle(&mut cloudwatch, 90).await;
    set(&mut cloudwatch, "cpu", "ALARM").await;
    expect!["ALARM WaitPeriod: arn:aws:cloudwatch:us-west-2:000000000000:alarm:cpu transitioned to ALARM at Friday 02 January, 2026 03:04:05 UTC"]
        .assert_eq(&state_of(&cloudwatch, "any").await);
    expect!["ALARM : arn:aws:cloudwatch:us-west-2:000000000000:alarm:any transitioned to ALARM at Friday 02 January, 2026 03:05:35 UTC"]
        .assert_eq(&state_of(&cloudwatch, "above").await);
    let published = |cloudwatch: &CloudWatch| {
        let all = cloudwatch.ctx.snapshot().all::<AlarmAction>().collect::<Vec<_>>();
        all.iter().filter(|action| action.alarm == "any").count()
    };
    set(&mut cloudwatch, "deploy", "ALARM").await;
    settle(&mut cloudwatch, 600).await;
    assert!(state_of(&cloudwatch, "any").await.starts_with("ALARM Alarm:"));
    set(&mut cloudwatch, "deploy", "OK").await;
    settle(&mut cloudwatch, 119).await;
    assert!(state_of(&cloudwatch, "any").await.starts_with("ALARM ExtensionPeriod:"));
    assert_eq!(published(&cloudwatch), 0);
    settle(&mut cloudwatch, 1).await;
    assert!(state_of(&cloudwatch, "any").await.starts_with("ALARM :"));
    assert_eq!(published(&cloudwatch), 1);
    // Back before the wait is over: nothing is told of it.
    set(&mut cloudwatch, "cpu", "OK").await;
    set(&mut cloudwatch, "cpu", "ALARM").await;
    settle(&mut cloudwatch, 60).await;
    assert!(state_of(&cloudwatch, "any").await.starts_with("ALARM :"));
    assert_eq!(published(&cloudwatch), 1);
}

#[tokio::test]
async fn alarms_in_a_cycle_are_told_and_not_evaluated() {
    let mut cloudwatch = CloudWatch::new().with_alarm("cpu").await;
    let rule = |name: &str, rule: &str| json!({ "AlarmName": name, "AlarmRule": rule });
    cloudwatch.call("PutCompositeAlarm", rule("a", "ALARM(cpu)")).await;
    cloudwatch.call("PutCompositeAlarm", rule("b", "NOT ALARM(a)")).await;
    settle(&mut cloudwatch, 0).await;
    cloudwatch.call("PutCompositeAlarm", rule("a", "ALARM(b)")).await;
    settle(&mut cloudwatch, 0).await;
    assert!(state_of(&cloudwatch, "a").await.starts_with("OK"));
    assert_eq!(cloudwatch.service.inert_in(&cloudwatch.ctx.snapshot()).len(), 2);
}
