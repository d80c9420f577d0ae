//! What is told of alarms.

use expect_test::expect;
use neargate_api::model::cloudwatch::{Alarm, AlarmState};
use serde_json::json;

use super::{REGION, World, now, record};

#[tokio::test]
async fn an_alarm_s_change_of_state_is_told() {
    let world = World::new().await;
    world.everything().await;
    let metric = json!({
        "Namespace": "AWS/ECS",
        "MetricName": "CPUUtilization",
        "Dimensions": [{ "Name": "ServiceName", "Value": "s" }],
        "Period": 60,
        "Statistic": "Average",
        "AlarmDescription": "CPU above 80 %",
    });
    let alarm: Alarm = record(json!({
        "region": REGION,
        "name": "cpu",
        "arn": "arn:aws:cloudwatch:us-west-2:000000000000:alarm:cpu",
        "definition": { "Metric": metric },
        "state": "InsufficientData",
        "state_reason": "Unchecked: Initial alarm creation",
        "state_updated_at": now().millis(),
        "state_transitioned_at": now().millis(),
        "configured_at": now().millis(),
        "tags": {},
    }));
    world.write(move |tx| tx.put(alarm)).await;
    assert!(world.lines().await.is_empty());
    let say = |alarm: &mut Alarm| {
        alarm.say(AlarmState::Alarm, "Threshold Crossed".into(), Some("{}".into()), now());
    };
    let key = Alarm::key_of(REGION, "cpu");
    world.write(move |tx| drop(tx.update::<Alarm>(&key, say))).await;
    world
        .check_last(expect![[r#"
        {
          "account": "000000000000",
          "detail": {
            "alarmName": "cpu",
            "configuration": {
              "description": "CPU above 80 %",
              "metrics": [
                {
                  "id": "0ac331cf-4bab-8b17-80a5-86e5e52c1051",
                  "metricStat": {
                    "metric": {
                      "dimensions": {
                        "ServiceName": "s"
                      },
                      "name": "CPUUtilization",
                      "namespace": "AWS/ECS"
                    },
                    "period": 60,
                    "stat": "Average"
                  },
                  "returnData": true
                }
              ]
            },
            "previousState": {
              "reason": "Unchecked: Initial alarm creation",
              "timestamp": "2026-01-02T03:04:05.000+0000",
              "value": "INSUFFICIENT_DATA"
            },
            "state": {
              "reason": "Threshold Crossed",
              "reasonData": "{}",
              "timestamp": "2026-01-02T03:04:05.000+0000",
              "value": "ALARM"
            }
          },
          "detail-type": "CloudWatch Alarm State Change",
          "id": "b3f2af6d-0fc7-40c5-853b-559647364cea",
          "region": "us-west-2",
          "resources": [
            "arn:aws:cloudwatch:us-west-2:000000000000:alarm:cpu"
          ],
          "source": "aws.cloudwatch",
          "time": "2026-01-02T03:04:05Z",
          "version": "0"
        }"#]])
        .await;
}
