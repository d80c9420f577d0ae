//! Values put, and what is told of them.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::CloudWatch;

impl CloudWatch {
    /// Seconds since the epoch, so many before the request's time.
    fn before(&self, secs: i64) -> i64 {
        self.ctx.now.secs().div_euclid(60) * 60 - secs
    }

    async fn put(&self, data: Value) -> String {
        self.call("PutMetricData", json!({ "Namespace": "Shop", "MetricData": data })).await
    }

    async fn refused(&self, operation: &str, input: Value) -> String {
        self.ask(operation, input).await.expect_err("a refusal").to_string()
    }
}

/// Ten values of a metric in as many minutes, and a set of many in another.
async fn shop() -> CloudWatch {
    let cloudwatch = CloudWatch::new();
    let dimensions = json!([{ "Name": "Till", "Value": "1" }]);
    let sold = |n: i64| {
        json!({
            "MetricName": "Sold", "Dimensions": dimensions, "Unit": "Count",
            "Timestamp": cloudwatch.before(600 - n * 60), "Value": n,
        })
    };
    cloudwatch.put((0..10).map(sold).collect()).await;
    let waited = json!([{
        "MetricName": "Waited", "Unit": "Seconds", "Timestamp": cloudwatch.before(600),
        "Values": [1.0, 2.0, 10.0], "Counts": [5.0, 4.0, 1.0],
    }]);
    cloudwatch.put(waited).await;
    cloudwatch
}

#[tokio::test]
async fn metrics_are_listed_by_what_they_are() {
    let cloudwatch = shop().await;
    let named = |answer: String| {
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let metrics = answer["Metrics"].as_array().cloned().unwrap_or_default();
        metrics
            .iter()
            .map(|m| m["MetricName"].as_str().unwrap_or("?").to_owned())
            .collect::<Vec<_>>()
    };
    let list = async |input: Value| named(cloudwatch.call("ListMetrics", input).await);
    assert_eq!(list(json!({})).await, ["Sold", "Waited"]);
    assert_eq!(list(json!({ "Namespace": "AWS/ECS" })).await, [""; 0]);
    assert_eq!(list(json!({ "MetricName": "Sold", "RecentlyActive": "PT3H" })).await, ["Sold"]);
    assert_eq!(list(json!({ "Dimensions": [{ "Name": "Till" }] })).await, ["Sold"]);
    assert_eq!(list(json!({ "Dimensions": [{ "Name": "Till", "Value": "2" }] })).await, [""; 0]);
}

#[tokio::test]
async fn statistics_are_of_each_period() {
    let cloudwatch = shop().await;
    let answer = cloudwatch
        .call(
            "GetMetricStatistics",
            json!({
                "Namespace": "Shop", "MetricName": "Sold", "Period": 300,
                "Dimensions": [{ "Name": "Till", "Value": "1" }],
                "StartTime": cloudwatch.before(600), "EndTime": cloudwatch.before(0),
                "Statistics": ["Sum", "Average", "SampleCount", "Minimum", "Maximum"],
                "ExtendedStatistics": ["p90"],
            }),
        )
        .await;
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let mut told = String::new();
    for point in answer["Datapoints"].as_array().expect("datapoints") {
        let of = |name: &str| point[name].to_string();
        told.push_str(&format!(
            "{} values, sum {}, average {}, from {} to {}, p90 {}, in {}\n",
            of("SampleCount"),
            of("Sum"),
            of("Average"),
            of("Minimum"),
            of("Maximum"),
            point["ExtendedStatistics"]["p90"],
            of("Unit"),
        ));
    }
    expect![[r#"
        5.0 values, sum 10.0, average 2.0, from 0.0 to 4.0, p90 4.0, in "Count"
        5.0 values, sum 35.0, average 7.0, from 5.0 to 9.0, p90 9.0, in "Count"
    "#]]
    .assert_eq(&told);
}

#[tokio::test]
async fn data_of_many_metrics_come_newest_first_and_in_pages() {
    let cloudwatch = shop().await;
    let stat = |name: &str, dimensions: Value, stat: &str| {
        let metric = json!({ "Namespace": "Shop", "MetricName": name, "Dimensions": dimensions });
        json!({ "Metric": metric, "Period": 300, "Stat": stat })
    };
    let sold = stat("Sold", json!([{ "Name": "Till", "Value": "1" }]), "Sum");
    let input = |token: Option<&str>, most: i64| {
        json!({
            "StartTime": cloudwatch.before(600), "EndTime": cloudwatch.before(0),
            "MetricDataQueries": [
                { "Id": "sold", "MetricStat": sold, "Label": "${PROP('Dim.Till')}: ${AVG} in ${DATAPOINT_COUNT}, ${WHAT}" },
                { "Id": "waited", "MetricStat": stat("Waited", json!([]), "tm90") },
                { "Id": "hidden", "MetricStat": stat("Waited", json!([]), "p50"), "ReturnData": false },
            ],
            "NextToken": token, "MaxDatapoints": most,
        })
    };
    let told = |answer: &str| {
        let answer: Value = serde_json::from_str(answer).expect("JSON");
        let results = answer["MetricDataResults"].as_array().expect("results");
        let line =
            |r: &Value| format!("{} {} {} {}\n", r["Id"], r["Label"], r["Values"], r["StatusCode"]);
        let lines: String = results.iter().map(line).collect();
        format!("{lines}next: {}\n", answer["NextToken"])
    };
    let check = |answer: &str, expected: Expect| expected.assert_eq(&told(answer));
    check(
        &cloudwatch.call("GetMetricData", input(None, 100)).await,
        expect![[r#"
        "sold" "1: 22.5 in 2, ${WHAT}" [35.0,10.0] "Complete"
        "waited" "Waited" [1.4444444444444444] "Complete"
        next: null
    "#]],
    );
    check(
        &cloudwatch.call("GetMetricData", input(None, 1)).await,
        expect![[r#"
        "sold" "1: 22.5 in 2, ${WHAT}" [35.0] "PartialData"
        next: "1"
    "#]],
    );
    check(
        &cloudwatch.call("GetMetricData", input(Some("1"), 1)).await,
        expect![[r#"
        "sold" "1: 22.5 in 2, ${WHAT}" [10.0] "Complete"
        next: "2"
    "#]],
    );
    check(
        &cloudwatch.call("GetMetricData", input(Some("2"), 1)).await,
        expect![[r#"
        "waited" "Waited" [1.4444444444444444] "Complete"
        next: null
    "#]],
    );
}

#[tokio::test]
async fn what_cannot_be_put_or_asked_is_refused() {
    let cloudwatch = shop().await;
    let mut told = String::new();
    for data in [
        json!([]),
        json!([{ "MetricName": "a" }]),
        json!([{ "MetricName": "a", "Value": 1, "Values": [1.0] }]),
        json!([{ "MetricName": "a", "Value": 1e200 }]),
        json!([{ "MetricName": "a", "Values": [1.0, 2.0], "Counts": [1.0] }]),
        json!([{ "MetricName": "a", "Value": 1, "StorageResolution": 5 }]),
        json!([{ "MetricName": "a", "Value": 1, "Timestamp": cloudwatch.before(15 * 86_400) }]),
        json!([{ "MetricName": "a", "Value": 1, "Timestamp": cloudwatch.before(-3 * 3600) }]),
        json!([{ "MetricName": "a", "StatisticValues": { "SampleCount": 2, "Sum": 3, "Minimum": 2, "Maximum": 1 } }]),
    ] {
        let input = json!({ "Namespace": "Shop", "MetricData": data });
        told.push_str(&cloudwatch.refused("PutMetricData", input).await);
        told.push('\n');
    }
    let value = json!([{ "MetricName": "a", "Value": 1 }]);
    let aws = json!({ "Namespace": "AWS/ECS", "MetricData": value });
    told.push_str(&cloudwatch.refused("PutMetricData", aws).await);
    expect![[r#"
        MissingParameter: The parameter MetricData is required.
        MissingParameter: At least one of the parameters must be specified: MetricData.member.1.Value, MetricData.member.1.Values, MetricData.member.1.StatisticValues.
        InvalidParameterCombination: The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.
        InvalidParameterValue: The value 100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000 for parameter MetricData.member.1.Value is invalid.
        InvalidParameterValue: The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.
        InvalidParameterValue: The value 5 for parameter MetricData.member.1.StorageResolution is invalid: it is 1 or 60.
        InvalidParameterValue: The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks.
        InvalidParameterValue: The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in the future.
        InvalidParameterValue: The parameter MetricData.member.1.StatisticValues.Minimum must be less than or equal to MetricData.member.1.StatisticValues.Maximum.
        InvalidParameterValue: The value AWS/ECS for parameter Namespace is invalid."#]].assert_eq(&told);

    let mut told = String::new();
    let asked = |change: Value| {
        let mut input = json!({
            "Namespace": "Shop", "MetricName": "Sold", "Period": 60, "Statistics": ["Sum"],
            "StartTime": cloudwatch.before(600), "EndTime": cloudwatch.before(0),
        });
        input
            .as_object_mut()
            .expect("an object")
            .extend(change.as_object().expect("an object").clone());
        input
    };
    for change in [
        json!({ "Statistics": [] }),
        json!({ "Period": 70 }),
        json!({ "EndTime": cloudwatch.before(600) }),
        json!({ "StartTime": cloudwatch.before(86_400 * 2) }),
        json!({ "ExtendedStatistics": ["p101"] }),
    ] {
        told.push_str(&cloudwatch.refused("GetMetricStatistics", asked(change)).await);
        told.push('\n');
    }
    expect![[r#"
        ValidationError: 1 validation error detected: Value '[]' at 'Statistics' failed to satisfy constraint: Member must have length greater than or equal to 1
        InvalidParameterValue: The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.
        InvalidParameterValue: The parameter StartTime must be less than the parameter EndTime.
        InvalidParameterCombination: You have requested up to 2880 datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.
        InvalidParameterValue: The value p101 for parameter Stat is not supported.
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn expressions_are_answered_with_their_labels() {
    let cloudwatch = shop().await;
    let sold = json!({ "Id": "m1", "ReturnData": false, "MetricStat": {
        "Metric": { "Namespace": "Shop", "MetricName": "Sold", "Dimensions": [{ "Name": "Till", "Value": "1" }] },
        "Period": 300, "Stat": "Sum" } });
    let ask = async |queries: Value| {
        let input = json!({
            "StartTime": cloudwatch.before(900), "EndTime": cloudwatch.before(0), "ScanBy": "TimestampAscending",
            "MetricDataQueries": queries, "LabelOptions": { "Timezone": "+0130" },
        });
        cloudwatch.ask("GetMetricData", input).await
    };
    let answer = ask(json!([
        sold,
        { "Id": "e1", "Expression": "m1 * 2" },
        { "Id": "e2", "Expression": "e1 / SUM(e1) * 100", "Label": "share, last ${LAST} at ${LAST_TIME}" },
        { "Id": "e3", "Expression": "SEARCH('{Shop,Till} sold', 'Maximum', 300)", "Label": "till" },
    ]))
    .await
    .unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let results = answer["MetricDataResults"].as_array().unwrap();
    let shown: String = results
        .iter()
        .map(|result| format!("{} {} {}\n", result["Id"], result["Label"], result["Values"]))
        .collect();
    expect![[r#"
        "e1" "e1" [20.0,70.0]
        "e2" "share, last 77.778 at 2026-01-02T04:29:00.000+01:30" [22.22222222222222,77.77777777777779]
        "e3" "till Sold" [4.0,9.0]
    "#]]
    .assert_eq(&shown);
    let refused = async |expression: &str| {
        let e1 = json!({ "Id": "e1", "Expression": expression });
        ask(json!([sold, e1])).await.unwrap_err().to_string()
    };
    assert_eq!(
        refused("m1 + m7").await,
        "ValidationError: Error in expression 'e1': Undefined variable m7"
    );
    assert_eq!(
        refused("e1 + 1").await,
        "ValidationError: Error in expression 'e1': e1 is in a circular dependency"
    );
    assert!(refused("SUM(m1)").await.ends_with("must return a time series, and not a scalar"));
    assert!(refused("SELECT AVG(x) FROM Shop").await.contains("Metrics Insights"));
}

#[tokio::test]
async fn a_detector_is_told_and_a_band_is_learned() {
    let cloudwatch = shop().await;
    let single = json!({ "Namespace": "Shop", "MetricName": "Sold", "Stat": "Sum",
        "Dimensions": [{ "Name": "Till", "Value": "1" }] });
    let detector = json!({ "SingleMetricAnomalyDetector": single });
    cloudwatch.call("PutAnomalyDetector", detector.clone()).await;
    let shown = cloudwatch.call("DescribeAnomalyDetectors", json!({ "Namespace": "Shop" })).await;
    assert_eq!(neargate_testkit::text(&shown, "StateValue"), "TRAINED");
    cloudwatch.call("DeleteAnomalyDetector", detector.clone()).await;
    let refused = cloudwatch.refused("DeleteAnomalyDetector", detector).await;
    assert!(refused.contains("does not exist"), "{refused}");
    let math = json!({ "MetricMathAnomalyDetector": { "MetricDataQueries": [] } });
    assert!(cloudwatch.refused("PutAnomalyDetector", math).await.contains("metric math"));
}

#[tokio::test]
async fn a_widget_is_a_picture() {
    let cloudwatch = shop().await;
    let widget = json!({
        "width": 300, "height": 200, "title": "Sold", "period": 60, "stat": "Sum", "start": "-PT15M",
        "metrics": [["Shop", "Sold", "Till", "1", { "id": "m1" }], [{ "expression": "RUNNING_SUM(m1)" }]],
    });
    let input = json!({ "MetricWidget": widget.to_string() });
    let answer = cloudwatch.call("GetMetricWidgetImage", input).await;
    // A PNG's beginning, in base64.
    assert!(neargate_testkit::text(&answer, "MetricWidgetImage").starts_with("iVBORw0KGgo"));
    let refused = async |widget: &str| {
        cloudwatch.refused("GetMetricWidgetImage", json!({ "MetricWidget": widget })).await
    };
    assert!(refused("{").await.starts_with("ValidationError: Invalid metric widget: the JSON"));
    assert!(refused("{}").await.ends_with("it has no metrics"));
    assert!(refused(r#"{"metrics": [], "width": 9999}"#).await.contains("between 1 and 2000"));
}
