//! Whole answers of the operations, on a cloud in memory and lines in a
//! directory of the test's own.

mod insights;

use expect_test::expect;
use neargate_api::{AwsError, Ctx, Service};
use neargate_loglines::LogLines;
use neargate_testkit as testkit;
use serde_json::{Value, json};

use crate::service;

/// 2026-01-02 at 03:04:05, when the test kit's clock stands.
const NOW: i64 = 1_767_323_045_000;
const DAY: i64 = 24 * 60 * 60 * 1000;

struct Logs {
    ctx: Ctx,
    service: Service,
    lines: LogLines,
    _directory: tempfile::TempDir,
}

impl Logs {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let lines = LogLines::open(directory.path()).unwrap();
        let service = service(lines.clone());
        Logs { ctx: testkit::ctx(), service, lines, _directory: directory }
    }

    async fn ask(&self, operation: &str, input: Value) -> Result<String, AwsError> {
        testkit::call(&self.ctx, &self.service, operation, input).await
    }

    async fn call(&self, operation: &str, input: Value) -> String {
        let answer = self.ask(operation, input).await;
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    async fn refused(&self, operation: &str, input: Value) -> String {
        self.ask(operation, input).await.expect_err(operation).to_string()
    }

    /// A group with a stream for each name.
    async fn with(self, streams: &[&str]) -> Self {
        self.call("CreateLogGroup", json!({ "logGroupName": "/ecs/app", "tags": { "a": "1" } }))
            .await;
        for stream in streams {
            let input = json!({ "logGroupName": "/ecs/app", "logStreamName": stream });
            self.call("CreateLogStream", input).await;
        }
        self
    }

    async fn put(&self, stream: &str, events: &[(i64, &str)]) -> String {
        let events: Vec<Value> = events
            .iter()
            .map(|(time, message)| json!({ "timestamp": NOW + time, "message": message }))
            .collect();
        let input =
            json!({ "logGroupName": "/ecs/app", "logStreamName": stream, "logEvents": events });
        self.call("PutLogEvents", input).await
    }
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(Logs::new().service.unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_group_is_shown_as_it_was_made() {
    let logs = Logs::new().with(&["one"]).await;
    let retention = json!({ "logGroupName": "/ecs/app", "retentionInDays": 3 });
    logs.call("PutRetentionPolicy", retention).await;
    logs.put("one", &[(0, "hello")]).await;
    let shown = logs.call("DescribeLogGroups", json!({ "logGroupNamePrefix": "/ecs" })).await;
    expect![[r#"
        {
          "logGroups": [
            {
              "arn": "arn:aws:logs:us-west-2:000000000000:log-group:/ecs/app:*",
              "creationTime": 1767323045000,
              "deletionProtectionEnabled": false,
              "logGroupArn": "arn:aws:logs:us-west-2:000000000000:log-group:/ecs/app",
              "logGroupClass": "STANDARD",
              "logGroupName": "/ecs/app",
              "metricFilterCount": 0,
              "retentionInDays": 3,
              "storedBytes": 31
            }
          ]
        }
    "#]]
    .assert_eq(&shown);
    let retention = json!({ "logGroupName": "/ecs/app", "retentionInDays": 4 });
    let refused = logs.refused("PutRetentionPolicy", retention).await;
    assert!(refused.starts_with("InvalidParameterException: 1 validation error"), "{refused}");
    let again = logs.refused("CreateLogGroup", json!({ "logGroupName": "/ecs/app" })).await;
    assert_eq!(again, "ResourceAlreadyExistsException: The specified log group already exists");
}

#[tokio::test]
async fn events_come_back_by_time_and_pattern() {
    let logs = Logs::new().with(&["one", "two"]).await;
    let put = logs.put("one", &[(-15 * DAY, "old"), (0, "GET /"), (20, "ERROR x")]).await;
    assert_eq!(testkit::text(&put, "tooOldLogEventEndIndex"), "1");
    logs.put("two", &[(10, "ERROR y")]).await;
    let input =
        json!({ "logGroupName": "/ecs/app", "logStreamName": "one", "startFromHead": true });
    let read = logs.call("GetLogEvents", input).await;
    assert_eq!(testkit::texts(&read, "message"), ["GET /", "ERROR x"]);
    let forward = testkit::text(&read, "nextForwardToken");
    let input = json!({ "logGroupName": "/ecs/app", "logStreamName": "one", "nextToken": forward });
    let end = logs.call("GetLogEvents", input).await;
    assert_eq!(testkit::text(&end, "nextForwardToken"), forward);
    let input = json!({ "logGroupName": "/ecs/app", "filterPattern": "ERROR" });
    let found = logs.call("FilterLogEvents", input).await;
    assert_eq!(testkit::texts(&found, "message"), ["ERROR y", "ERROR x"]);
    let missing = json!({ "logGroupName": "/ecs/app", "logStreamName": "three" });
    let refused = logs.refused("GetLogEvents", missing).await;
    assert_eq!(refused, "ResourceNotFoundException: The specified log stream does not exist.");
}

#[tokio::test]
async fn streams_are_ordered_by_name_or_last_event() {
    let logs = Logs::new().with(&["a", "b", "c"]).await;
    logs.put("a", &[(30, "x")]).await;
    logs.put("b", &[(10, "x")]).await;
    let order = async |order: Value| {
        let mut input = json!({ "logGroupName": "/ecs/app" });
        input.as_object_mut().unwrap().extend(order.as_object().unwrap().clone());
        testkit::texts(&logs.call("DescribeLogStreams", input).await, "logStreamName")
    };
    assert_eq!(order(json!({})).await, ["a", "b", "c"]);
    assert_eq!(order(json!({ "descending": true })).await, ["c", "b", "a"]);
    assert_eq!(order(json!({ "orderBy": "LastEventTime" })).await, ["c", "b", "a"]);
    let newest = json!({ "orderBy": "LastEventTime", "descending": true, "limit": 2 });
    assert_eq!(order(newest).await, ["a", "b"]);
    let input = json!({ "logGroupName": "/ecs/app", "orderBy": "LastEventTime", "logStreamNamePrefix": "a" });
    let refused = logs.refused("DescribeLogStreams", input).await;
    assert!(refused.contains("Cannot order by LastEventTime"), "{refused}");
}

#[tokio::test]
async fn a_deleted_name_begins_empty_and_a_protected_one_stays() {
    let logs = Logs::new().with(&["one"]).await;
    logs.put("one", &[(0, "secret")]).await;
    let protect = json!({ "logGroupIdentifier": "/ecs/app", "deletionProtectionEnabled": true });
    logs.call("PutLogGroupDeletionProtection", protect).await;
    let refused = logs.refused("DeleteLogGroup", json!({ "logGroupName": "/ecs/app" })).await;
    assert!(refused.starts_with("ValidationException"), "{refused}");
    let protect = json!({ "logGroupIdentifier": "/ecs/app", "deletionProtectionEnabled": false });
    logs.call("PutLogGroupDeletionProtection", protect).await;
    logs.call("DeleteLogGroup", json!({ "logGroupName": "/ecs/app" })).await;
    let logs = logs.with(&["one"]).await;
    let found = logs.call("FilterLogEvents", json!({ "logGroupName": "/ecs/app" })).await;
    assert_eq!(testkit::texts(&found, "message"), [""; 0]);
}

#[tokio::test]
async fn a_metric_filter_is_kept_and_tested() {
    let logs = Logs::new().with(&[]).await;
    let metric = json!({ "metricName": "errors", "metricNamespace": "app", "metricValue": "1" });
    let filter = |pattern: &str| {
        json!({
            "logGroupName": "/ecs/app", "filterName": "errors", "filterPattern": pattern,
            "metricTransformations": [metric],
        })
    };
    let refused = logs.refused("PutMetricFilter", filter("{ $.x = ")).await;
    assert!(refused.starts_with("InvalidParameterException"), "{refused}");
    logs.call("PutMetricFilter", filter("ERROR")).await;
    let shown = logs.call("DescribeMetricFilters", json!({ "logGroupName": "/ecs/app" })).await;
    expect![[r#"
        {
          "metricFilters": [
            {
              "applyOnTransformedLogs": false,
              "creationTime": 1767323045000,
              "filterName": "errors",
              "filterPattern": "ERROR",
              "logGroupName": "/ecs/app",
              "metricTransformations": [
                {
                  "metricName": "errors",
                  "metricNamespace": "app",
                  "metricValue": "1",
                  "unit": "None"
                }
              ]
            }
          ]
        }
    "#]]
    .assert_eq(&shown);
    assert!(logs.service.inert_in(&logs.ctx.snapshot()).is_empty());
    let input =
        json!({ "filterPattern": "[ip, code = 5*]", "logEventMessages": ["a 200", "b 503"] });
    let tested = logs.call("TestMetricFilter", input).await;
    expect![[r#"
        {
          "matches": [
            {
              "eventMessage": "b 503",
              "eventNumber": 2,
              "extractedValues": {
                "$code": "503",
                "$ip": "b"
              }
            }
          ]
        }
    "#]]
    .assert_eq(&tested);
}

#[tokio::test]
async fn tags_are_the_same_by_arn_and_by_name() {
    let logs = Logs::new().with(&[]).await;
    let arn = "arn:aws:logs:us-west-2:000000000000:log-group:/ecs/app";
    logs.call("TagResource", json!({ "resourceArn": arn, "tags": { "b": "2" } })).await;
    logs.call("UntagLogGroup", json!({ "logGroupName": "/ecs/app", "tags": ["a"] })).await;
    let listed = logs.call("ListTagsLogGroup", json!({ "logGroupName": "/ecs/app" })).await;
    assert_eq!(listed, logs.call("ListTagsForResource", json!({ "resourceArn": arn })).await);
    assert_eq!(testkit::text(&listed, "b"), "2");
    assert_eq!(testkit::texts(&listed, "a"), [""; 0]);
}
