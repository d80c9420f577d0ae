//! Trails through their life, on a cloud in memory.

use std::collections::BTreeMap;

use expect_test::expect;
use neargate_api::model::s3::{Bucket, Configuration, Versioning};
use neargate_api::{Ctx, Service};
use neargate_eventlog::{Entry, EventLog, Limits};
use neargate_testkit as testkit;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::service;

/// A log whose directory lives as long as it.
fn log() -> (EventLog, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (EventLog::open(directory.path(), Limits::default()).unwrap(), directory)
}

async fn call(ctx: &Ctx, service: &Service, operation: &str, input: Value) -> String {
    let answer = testkit::call(ctx, service, operation, input).await;
    answer.unwrap_or_else(|error| error.to_string())
}

/// A bucket, with a policy that lets CloudTrail in or not.
async fn bucket(ctx: &Ctx, open: bool) {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":
        {"Service":"cloudtrail.amazonaws.com"},"Action":["s3:GetBucketAcl","s3:PutObject"],
        "Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/AWSLogs/000000000000/*"]}]}"#;
    let policy = Configuration { document: policy.into(), headers: BTreeMap::new() };
    let configurations = open.then(|| ("policy".to_owned(), policy)).into_iter().collect();
    let bucket = Bucket {
        region: "us-west-2".into(),
        name: "logs".into(),
        created_at: ctx.now,
        versioning: Versioning::Off,
        object_lock: false,
        tags: BTreeMap::new(),
        configurations,
    };
    ctx.write(move |tx| {
        tx.put(bucket);
        Ok(())
    })
    .await
    .unwrap();
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(service(log().0).unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_trail_needs_a_bucket_that_lets_it_in() {
    let (ctx, (log, _directory)) = (testkit::ctx(), log());
    let service = service(log);
    let input = || json!({ "Name": "trail", "S3BucketName": "logs" });
    expect!["S3BucketDoesNotExistException: S3 bucket logs does not exist!"]
        .assert_eq(&call(&ctx, &service, "CreateTrail", input()).await);
    bucket(&ctx, false).await;
    expect!["InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: logs"]
        .assert_eq(&call(&ctx, &service, "CreateTrail", input()).await);
    bucket(&ctx, true).await;
    call(&ctx, &service, "CreateTrail", input()).await;
    expect!["TrailAlreadyExistsException: Trail trail already exists for customer: 000000000000"]
        .assert_eq(&call(&ctx, &service, "CreateTrail", input()).await);
}

#[tokio::test]
async fn a_trail_is_shown_logs_and_goes() {
    let (ctx, (log, _directory)) = (testkit::ctx(), log());
    let service = service(log);
    bucket(&ctx, true).await;
    let input = json!({ "Name": "trail", "S3BucketName": "logs", "IsMultiRegionTrail": true,
        "EnableLogFileValidation": true });
    call(&ctx, &service, "CreateTrail", input).await;
    let name = || json!({ "Name": "trail" });
    expect![[r#"
        {
          "Trail": {
            "HasCustomEventSelectors": false,
            "HasInsightSelectors": false,
            "HomeRegion": "us-west-2",
            "IncludeGlobalServiceEvents": true,
            "IsMultiRegionTrail": true,
            "IsOrganizationTrail": false,
            "LogFileValidationEnabled": true,
            "Name": "trail",
            "S3BucketName": "logs",
            "TrailARN": "arn:aws:cloudtrail:us-west-2:000000000000:trail/trail"
          }
        }
    "#]]
    .assert_eq(&call(&ctx, &service, "GetTrail", name()).await);
    call(&ctx, &service, "StartLogging", name()).await;
    let status = call(&ctx, &service, "GetTrailStatus", name()).await;
    assert_eq!(testkit::text(&status, "IsLogging"), "true");
    assert_eq!(testkit::text(&status, "TimeLoggingStarted"), "2026-01-02T03:04:05Z");
    let elsewhere = Ctx { region: "eu-west-1".into(), ..ctx.clone() };
    let seen = call(&elsewhere, &service, "DescribeTrails", json!({})).await;
    assert_eq!(testkit::texts(&seen, "Name"), ["trail"]);
    expect!["InvalidHomeRegionException: The trail trail can be changed in its home region only: us-west-2."]
        .assert_eq(&call(&elsewhere, &service, "DeleteTrail", name()).await);
    let inert = service.inert_in(&ctx.snapshot());
    assert_eq!(
        inert.iter().map(|i| i.field.as_str()).collect::<Vec<_>>(),
        ["EnableLogFileValidation"]
    );
    assert_eq!(call(&ctx, &service, "DeleteTrail", name()).await.trim(), "{}");
    expect!["TrailNotFoundException: Unknown trail: arn:aws:cloudtrail:us-west-2:000000000000:trail/trail for the user: 000000000000"]
        .assert_eq(&call(&ctx, &service, "GetTrail", name()).await);
}

fn entry(ctx: &Ctx, number: i64, name: &str) -> Entry {
    Entry {
        at_ms: ctx.now.millis() + number * 1000,
        region: "us-west-2".into(),
        id: format!("id-{number}"),
        name: name.into(),
        source: "ecs.amazonaws.com".into(),
        read_only: name.starts_with("Describe"),
        username: Some("root".into()),
        access_key_id: Some("test".into()),
        resources: vec![("AWS::ECS::Cluster".into(), format!("arn:aws:ecs:r:a:cluster/c{number}"))],
        record: RawValue::from_string("{}".into()).unwrap(),
    }
}

#[tokio::test]
async fn events_are_found_by_attribute_and_time_in_pages() {
    let (ctx, (log, _directory)) = (testkit::ctx(), log());
    for number in 0..6 {
        let name = if number % 2 == 0 { "CreateCluster" } else { "DescribeClusters" };
        let entry = entry(&ctx, number, name);
        log.append(1, move || Some(entry));
    }
    let service = service(log);
    let found = async |input: Value| {
        let answer = call(&ctx, &service, "LookupEvents", input).await;
        (testkit::texts(&answer, "EventId"), testkit::texts(&answer, "NextToken").pop())
    };
    let by = |key: &str, value: &str| json!({ "LookupAttributes": [{ "AttributeKey": key, "AttributeValue": value }] });
    assert_eq!(found(by("EventName", "CreateCluster")).await.0, ["id-4", "id-2", "id-0"]);
    assert_eq!(found(by("ReadOnly", "true")).await.0, ["id-5", "id-3", "id-1"]);
    assert_eq!(found(by("ResourceName", "c3")).await.0, ["id-3"]);
    assert_eq!(found(by("Username", "nobody")).await.0, [""; 0]);
    let seconds = ctx.now.secs();
    let times = json!({ "StartTime": seconds + 2, "EndTime": seconds + 3 });
    assert_eq!(found(times).await.0, ["id-3", "id-2"]);
    let (first, token) = found(json!({ "MaxResults": 4 })).await;
    let (second, end) = found(json!({ "MaxResults": 4, "NextToken": token })).await;
    assert_eq!((first.len(), second, end), (4, vec!["id-1".to_owned(), "id-0".to_owned()], None));
    let bad = call(&ctx, &service, "LookupEvents", json!({ "NextToken": "?" })).await;
    assert!(bad.starts_with("InvalidNextTokenException"), "{bad}");
}
