//! Lines come in, by the operation that a client calls, and become metrics.

use neargate_api::{Ctx, Service};
use neargate_series::{Metric, Tier};
use neargate_testkit as testkit;
use serde_json::json;

use super::*;

/// When the test kit's clock stands.
const NOW: i64 = 1_767_323_045_000;

struct World {
    ctx: Ctx,
    logs: Service,
    metrics: LogMetrics,
    tally: Tally,
    _directory: tempfile::TempDir,
}

impl World {
    async fn new() -> World {
        let directory = tempfile::tempdir().unwrap();
        let ctx = testkit::ctx();
        let lines = LogLines::open(&directory.path().join("lines")).unwrap();
        let series = Arc::new(Series::open(&directory.path().join("metrics")).unwrap());
        let logs = neargate_api_logs::service(lines.clone());
        let metrics = LogMetrics::new(ctx.cloud.clone(), lines, series, Progress::default());
        let world = World { ctx, logs, metrics, tally: Tally::default(), _directory: directory };
        world.call("CreateLogGroup", json!({ "logGroupName": "app" })).await;
        let stream = json!({ "logGroupName": "app", "logStreamName": "s" });
        world.call("CreateLogStream", stream).await;
        world
    }

    async fn call(&self, operation: &str, input: serde_json::Value) {
        testkit::call(&self.ctx, &self.logs, operation, input).await.unwrap();
    }

    async fn put(&self, lines: &[&str]) {
        let event = |line: &&str| json!({ "timestamp": NOW, "message": line });
        let events: Vec<_> = lines.iter().map(event).collect();
        let put = json!({ "logGroupName": "app", "logStreamName": "s", "logEvents": events });
        self.call("PutLogEvents", put).await;
    }

    async fn filter(&self, pattern: &str, metric: serde_json::Value) {
        let filter = json!({
            "logGroupName": "app", "filterName": "f", "filterPattern": pattern,
            "metricTransformations": [metric],
        });
        self.call("PutMetricFilter", filter).await;
    }

    async fn turn(&mut self) -> Turned {
        self.metrics.turn("us-west-2/app", &mut self.tally).await.unwrap()
    }

    /// The number of values of a metric, and their sum.
    fn seen(&self, name: &str, dimensions: &[(&str, &str)]) -> Option<(f64, f64)> {
        let metric = Metric::new("us-west-2", "App", name, dimensions.iter().copied());
        let (id, _) = self.metrics.series.of(&metric).first().copied()?;
        let (from, to) = (Timestamp(NOW - 600_000), Timestamp(NOW + 600_000));
        let points = self.metrics.series.read(id, Tier::Minute, from, to).unwrap();
        let points: Vec<_> = points.into_iter().map(|(_, set)| set).collect();
        Some((points.iter().map(|set| set.count).sum(), points.iter().map(|set| set.sum).sum()))
    }
}

fn count(default: Option<f64>) -> serde_json::Value {
    let metric = json!({ "metricNamespace": "App", "metricName": "Errors", "metricValue": "1" });
    match default {
        Some(default) => with_default(metric, default),
        None => metric,
    }
}

fn with_default(mut metric: serde_json::Value, default: f64) -> serde_json::Value {
    metric["defaultValue"] = json!(default);
    metric
}

#[tokio::test]
async fn lines_after_the_filter_are_counted_once() {
    let mut world = World::new().await;
    world.put(&["ERROR of before"]).await;
    world.filter("ERROR", count(None)).await;
    world.put(&["ERROR a", "fine", "ERROR b"]).await;
    world.turn().await;
    assert_eq!(world.seen("Errors", &[]), Some((2.0, 2.0)));
    world.turn().await;
    world.tally = Tally::default();
    world.put(&["ERROR c"]).await;
    world.turn().await;
    assert_eq!(world.seen("Errors", &[]), Some((3.0, 3.0)));
}

#[tokio::test]
async fn another_version_of_a_filter_goes_on_where_the_last_one_was() {
    let mut world = World::new().await;
    world.filter("ERROR", count(None)).await;
    world.put(&["ERROR a", "WARN b"]).await;
    world.filter("WARN", count(None)).await;
    world.put(&["WARN c"]).await;
    world.turn().await;
    assert_eq!(world.seen("Errors", &[]), Some((2.0, 2.0)));
}

#[tokio::test]
async fn a_minute_without_a_match_has_the_default_value_when_it_is_over() {
    let mut world = World::new().await;
    world.filter("ERROR", count(Some(0.0))).await;
    world.put(&["fine"]).await;
    let turned = world.turn().await;
    // 03:04:00 and a minute, and a while for late lines.
    assert_eq!(turned.look_at, Some(Timestamp(NOW + 60_000)));
    assert_eq!(world.seen("Errors", &[]), None);
    world.ctx.cloud.clock.advance_millis(60_000);
    world.turn().await;
    assert_eq!(world.seen("Errors", &[]), Some((1.0, 0.0)));
}

#[tokio::test]
async fn dimensions_are_metrics_of_their_own_and_not_without_end() {
    let mut world = World::new().await;
    let metric = json!({
        "metricNamespace": "App", "metricName": "Latency", "metricValue": "$.ms",
        "unit": "Milliseconds", "dimensions": { "Path": "$.path" },
    });
    world.filter("{ $.ms = * }", metric).await;
    let lines: Vec<String> =
        (0..1005).map(|n| format!(r#"{{"path": "/{n}", "ms": {n}}}"#)).collect();
    world.put(&lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    world.put(&[r#"{"path": "/7", "ms": 1}"#]).await;
    world.turn().await;
    assert_eq!(world.seen("Latency", &[("Path", "/7")]), Some((2.0, 8.0)));
    assert_eq!(world.seen("Latency", &[("Path", "/999")]), Some((1.0, 999.0)));
    assert_eq!(world.seen("Latency", &[("Path", "/1000")]), None);
    assert!(world.tally.complaint().unwrap().ends_with("until the hour is over: f"));
}

#[tokio::test]
async fn a_group_without_filters_is_not_followed() {
    let mut world = World::new().await;
    assert!(world.turn().await.is_over);
    world.filter("ERROR", count(None)).await;
    assert!(!world.turn().await.is_over);
    world.call("DeleteMetricFilter", json!({ "logGroupName": "app", "filterName": "f" })).await;
    assert!(world.turn().await.is_over);
}
