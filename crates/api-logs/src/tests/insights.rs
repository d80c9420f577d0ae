//! Queries of Logs Insights and live tails, as their clients see them.

use std::time::Duration;

use neargate_api::types::logs::StartLiveTailRequest;
use neargate_testkit as testkit;
use serde_json::{Value, json};

use super::{Logs, NOW};
use crate::live_tail;

async fn logs() -> Logs {
    let logs = Logs::new().with(&["a", "b"]).await;
    logs.put("a", &[(-3000, r#"{"level": "ERROR", "ms": 12}"#), (-2000, "plain")]).await;
    logs.put("b", &[(-1000, r#"{"level": "INFO", "ms": 3, "user": {"id": 7}}"#)]).await;
    logs
}

fn query(text: &str) -> Value {
    json!({
        "logGroupNames": ["/ecs/app"], "queryString": text,
        "startTime": NOW / 1000 - 60, "endTime": NOW / 1000,
    })
}

impl Logs {
    async fn start(&self, text: &str) -> String {
        testkit::text(&self.call("StartQuery", query(text)).await, "queryId")
    }

    async fn results(&self, id: &str) -> String {
        for _ in 0..1000 {
            let answer = self.call("GetQueryResults", json!({ "queryId": id })).await;
            if !["Scheduled", "Running"].contains(&testkit::text(&answer, "status").as_str()) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the query {id} does not end");
    }
}

#[tokio::test]
async fn a_query_is_started_and_its_results_are_fetched() {
    let logs = logs().await;
    let id = logs.start("filter ispresent(ms) | stats sum(ms) as total by level").await;
    let answer: Value = serde_json::from_str(&logs.results(&id).await).unwrap();
    let row = |level: &str, total: &str| json!([{ "field": "level", "value": level }, { "field": "total", "value": total }]);
    assert_eq!(answer["results"], json!([row("ERROR", "12"), row("INFO", "3")]));
    assert_eq!(answer["statistics"]["recordsScanned"].as_f64(), Some(3.0));
    assert_eq!(answer["statistics"]["recordsMatched"].as_f64(), Some(2.0));
    let described = logs.call("DescribeQueries", json!({ "status": "Complete" })).await;
    assert_eq!(testkit::text(&described, "queryId"), id);
    let stopped = logs.refused("StopQuery", json!({ "queryId": id })).await;
    assert!(stopped.starts_with("InvalidParameterException"), "{stopped}");
}

#[tokio::test]
async fn a_row_leads_to_its_event() {
    let logs = logs().await;
    let id = logs.start("fields level | filter user.id = 7").await;
    let answer: Value = serde_json::from_str(&logs.results(&id).await).unwrap();
    let row = answer["results"][0].as_array().unwrap();
    let ptr = row.iter().find(|cell| cell["field"] == "@ptr").unwrap()["value"].as_str().unwrap();
    let record = logs.call("GetLogRecord", json!({ "logRecordPointer": ptr })).await;
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["logRecord"]["user.id"], "7");
    assert_eq!(record["logRecord"]["@logStream"], "b");
    let wrong = logs.refused("GetLogRecord", json!({ "logRecordPointer": "x" })).await;
    assert!(wrong.starts_with("InvalidParameterException"), "{wrong}");
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_refused_with_its_place() {
    let logs = logs().await;
    let refused = logs.ask("StartQuery", query("fields level | filtre a = 1")).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "MalformedQueryException: unexpected symbol found filtre at line 1 and position 15"
    );
    let (_, about) = &refused.members[0];
    assert_eq!(about["location"], json!({ "startCharOffset": 15, "endCharOffset": 21 }));
    let other = json!({
        "logGroupName": "/nobody", "queryString": "limit 1", "startTime": 0, "endTime": 1,
    });
    assert!(logs.refused("StartQuery", other).await.starts_with("ResourceNotFoundException"));
    let missing = logs.refused("GetQueryResults", json!({ "queryId": "none" })).await;
    assert!(missing.starts_with("ResourceNotFoundException"), "{missing}");
}

#[tokio::test]
async fn fields_of_a_group_and_kept_queries_are_listed() {
    let logs = logs().await;
    let fields = logs.call("GetLogGroupFields", json!({ "logGroupName": "/ecs/app" })).await;
    assert_eq!(testkit::texts(&fields, "name").last().unwrap(), "user.id");
    let kept = json!({ "name": "errors", "queryString": "filter level = 'ERROR'" });
    let id = testkit::text(&logs.call("PutQueryDefinition", kept).await, "queryDefinitionId");
    let listed = json!({ "queryDefinitionNamePrefix": "err" });
    let listed = logs.call("DescribeQueryDefinitions", listed).await;
    assert_eq!(testkit::text(&listed, "queryDefinitionId"), id);
    logs.call("DeleteQueryDefinition", json!({ "queryDefinitionId": id })).await;
    let listed = logs.call("DescribeQueryDefinitions", json!({})).await;
    assert_eq!(testkit::texts(&listed, "queryDefinitionId"), [""; 0]);
}

#[tokio::test]
async fn a_live_tail_has_what_comes_and_matches() {
    let logs = logs().await;
    let arn = "arn:aws:logs:us-west-2:000000000000:log-group:/ecs/app";
    let input = StartLiveTailRequest {
        log_group_identifiers: vec![arn.into()],
        log_stream_names: Some(vec!["a".into()]),
        log_event_filter_pattern: Some("{ $.ms > 10 }".into()),
        ..Default::default()
    };
    let lines = logs.lines.clone();
    let (_, mut events) = live_tail::call(logs.ctx.clone(), lines, input).await.unwrap();
    let first = events.recv().await.unwrap();
    assert_eq!(first.name, "sessionStart");
    logs.put("a", &[(0, r#"{"ms": 11}"#), (0, r#"{"ms": 9}"#)]).await;
    logs.put("b", &[(0, r#"{"ms": 12}"#)]).await;
    let second = events.recv().await.unwrap();
    assert_eq!(second.name, "sessionUpdate");
    let told: Value = serde_json::from_slice(&second.payload).unwrap();
    assert_eq!(told["sessionMetadata"], json!({ "sampled": false }));
    let messages: Vec<&Value> =
        told["sessionResults"].as_array().unwrap().iter().map(|event| &event["message"]).collect();
    assert_eq!(messages, [r#"{"ms": 11}"#]);
}
