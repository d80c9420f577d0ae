//! Turns of the loop over a cloud in memory, whose metrics and alarms the tests make up.

use std::sync::Arc;

use expect_test::{Expect, expect};
use neargate_api::model::cloudwatch::Alarm;
use neargate_api::model::ecs::{Controller, Service as EcsService, ServiceStatus};
use neargate_api::{Ctx, Services, Stored, Timestamp};
use neargate_reconcile::Progress;
use neargate_series::{Datum, Metric, Series, StatisticSet, Unit};
use neargate_testkit as testkit;
use serde_json::{Value, json};

use crate::{Scaling, Seen};

struct World {
    ctx: Ctx,
    scaling: Scaling,
    seen: Seen,
    _metrics: tempfile::TempDir,
}

/// A cloud with the service `web` of two tasks in the cluster `c`, scaled between 2 and 10.
async fn world() -> World {
    let ctx = testkit::ctx();
    let metrics = tempfile::tempdir().expect("a directory");
    let series = Arc::new(Series::open(metrics.path()).expect("no metrics yet"));
    let services = Services::new(vec![
        neargate_api_application_autoscaling::service(),
        neargate_api_cloudwatch::service(series.clone()),
        neargate_api_ecs::service(),
    ]);
    let scaling = Scaling {
        cloud: ctx.cloud.clone(),
        services: Arc::new(services),
        series,
        progress: Progress::default(),
    };
    let seen = Seen { minute: 0, is_minute_due: false, alarms: 0 };
    let world = World { ctx, scaling, seen, _metrics: metrics };
    world.ask(&neargate_api_ecs::service(), "CreateCluster", json!({ "clusterName": "c" })).await;
    let web = web(&world.ctx);
    let put = world.ctx.write(move |tx| {
        tx.put(web);
        Ok(())
    });
    put.await.expect("the store is in memory");
    world.scale("RegisterScalableTarget", json!({ "MinCapacity": 2, "MaxCapacity": 10 })).await;
    world
}

fn web(ctx: &Ctx) -> EcsService {
    EcsService {
        region: ctx.region.clone(),
        cluster: "c".into(),
        name: "web".into(),
        arn: ctx.arn("ecs", "service/c/web"),
        status: ServiceStatus::Active,
        controller: Controller::Ecs,
        desired_count: 2,
        deployments: Vec::new(),
        last_completed: None,
        events: Default::default(),
        steady: true,
        rebalancing: None,
        asked_for: None,
        monitoring: None,
        created_at: ctx.now,
        deleted_at: None,
        wire: Stored::default(),
        tags: Default::default(),
    }
}

impl World {
    async fn ask(&self, service: &neargate_api::Service, operation: &str, input: Value) -> String {
        let answer = testkit::call(&self.ctx, service, operation, input).await;
        answer.unwrap_or_else(|error| error.to_string())
    }

    /// An operation on the target.
    async fn scale(&self, operation: &str, mut input: Value) -> String {
        input["ServiceNamespace"] = "ecs".into();
        input["ResourceId"] = "service/c/web".into();
        input["ScalableDimension"] = "ecs:service:DesiredCount".into();
        self.ask(&neargate_api_application_autoscaling::service(), operation, input).await
    }

    async fn track_cpu(&self, target: f64) {
        let tracked = json!({
            "PolicyName": "cpu",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
                "TargetValue": target,
            },
        });
        self.scale("PutScalingPolicy", tracked).await;
    }

    /// A minute passes in which CPU is this, and the loop has its turns.
    async fn minute(&mut self, cpu: f64) {
        let clock = &self.ctx.cloud.clock;
        let at = Timestamp::from_secs(clock.now().secs().div_euclid(60) * 60);
        let dimensions = [("ClusterName", "c"), ("ServiceName", "web")];
        let datum = Datum {
            metric: Metric::new(&self.ctx.region, "AWS/ECS", "CPUUtilization", dimensions),
            unit: Unit::PERCENT,
            at,
            high_resolution: false,
            values: StatisticSet::of(cpu),
        };
        self.scaling.series.put(&[datum]).expect("a metric");
        clock.advance_millis(60_000);
        self.turns().await;
    }

    async fn turns(&mut self) {
        for _ in 0..2 {
            self.scaling.turn(&mut self.seen).await.expect("the store is in memory");
        }
    }

    /// Says the state of the alarm whose name has this in it.
    async fn alarm(&mut self, mark: &str, state: &str) {
        let snapshot = self.ctx.snapshot();
        let alarm = snapshot.all::<Alarm>().find(|alarm| alarm.name.contains(mark));
        let name = alarm.expect("an alarm").name.clone();
        let said = json!({ "AlarmName": name, "StateValue": state, "StateReason": "a test" });
        let cloudwatch = neargate_api_cloudwatch::service(self.scaling.series.clone());
        self.ask(&cloudwatch, "SetAlarmState", said).await;
        self.turns().await;
    }

    fn desired(&self) -> u32 {
        let key = EcsService::key_of("us-west-2", "c", "web");
        self.ctx.snapshot().get::<EcsService>(&key).expect("the service").desired_count
    }

    /// The activities, the oldest first, a line each.
    async fn check_activities(&self, expected: Expect) {
        let asked = json!({ "ServiceNamespace": "ecs", "IncludeNotScaledActivities": true });
        let service = neargate_api_application_autoscaling::service();
        let told = self.ask(&service, "DescribeScalingActivities", asked).await;
        let told: Value = serde_json::from_str(&told).expect("JSON");
        let list = told["ScalingActivities"].as_array().cloned().unwrap_or_default();
        let text =
            |activity: &Value, name: &str| activity[name].as_str().unwrap_or_default().to_owned();
        let mut lines = String::new();
        for activity in list.iter().rev() {
            let cause = text(activity, "Cause");
            let cause = cause.split(' ').map(|word| match word.split_once("-Alarm") {
                Some((_, kind)) => {
                    format!("…-Alarm{}-…", kind.split('-').next().unwrap_or_default())
                }
                None => word.to_owned(),
            });
            let cause: Vec<String> = cause.collect();
            lines.push_str(&format!(
                "{}: {} [{}] {} {}\n",
                text(activity, "StatusCode"),
                text(activity, "Description"),
                cause.join(" "),
                text(activity, "StatusMessage"),
                activity["NotScaledReasons"],
            ));
        }
        expected.assert_eq(&lines);
    }
}

#[tokio::test]
async fn an_alarm_above_the_target_scales_out_by_ecs_own_operation() {
    let mut world = world().await;
    world.track_cpu(50.0).await;
    world.minute(120.0).await;
    assert_eq!(world.desired(), 2, "no alarm is in ALARM");
    world.alarm("-AlarmHigh-", "ALARM").await;
    assert_eq!(world.desired(), 5, "2 × 120 ÷ 50");
    for _ in 0..4 {
        world.minute(120.0).await;
    }
    assert_eq!(world.desired(), 5, "the cooldown goes on");
    world.minute(120.0).await;
    assert_eq!(world.desired(), 10, "no more than the maximum");
    world.minute(120.0).await;
    world.minute(120.0).await;
    world.check_activities(expect![[r#"
        Overridden: Setting desired count to 5. [monitor alarm …-AlarmHigh-… in state ALARM triggered policy cpu] Successfully set desired count to 5. Found it was later changed to 10. null
        InProgress: Setting desired count to 10. [monitor alarm …-AlarmHigh-… in state ALARM triggered policy cpu] Successfully set desired count to 10. Waiting for change to be fulfilled by ecs. null
        Failed: Attempting to scale due to alarm triggered [monitor alarm …-AlarmHigh-… in state ALARM triggered policy cpu]  [{"Code":"AlreadyAtMaxCapacity","MaxCapacity":10}]
    "#]]).await;
}

#[tokio::test]
async fn metric_math_is_tracked() {
    let mut world = world().await;
    let cpu = json!({ "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": [
        { "Name": "ClusterName", "Value": "c" }, { "Name": "ServiceName", "Value": "web" },
    ] });
    let half = json!([
        { "Id": "m1", "MetricStat": { "Metric": cpu, "Stat": "Average" }, "ReturnData": false },
        { "Id": "e1", "Expression": "m1 / 2" },
    ]);
    let tracked = json!({
        "PolicyName": "half",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "CustomizedMetricSpecification": { "Metrics": half },
            "TargetValue": 20,
        },
    });
    world.scale("PutScalingPolicy", tracked).await;
    world.minute(100.0).await;
    world.alarm("-AlarmHigh-", "ALARM").await;
    assert_eq!(world.desired(), 5, "2 × (100 ÷ 2) ÷ 20");
}

#[tokio::test]
async fn scaling_in_is_told_where_it_is_not_done() {
    let mut world = world().await;
    world.track_cpu(50.0).await;
    world.alarm("-AlarmLow-", "ALARM").await;
    world.check_activities(expect![""]).await;
    world.minute(20.0).await;
    world.minute(20.0).await;
    world.scale("RegisterScalableTarget", json!({ "MinCapacity": 6 })).await;
    world.scale("RegisterScalableTarget", json!({ "MinCapacity": 1 })).await;
    let suspended = json!({ "SuspendedState": { "DynamicScalingInSuspended": true } });
    world.scale("RegisterScalableTarget", suspended).await;
    world.minute(20.0).await;
    assert_eq!(world.desired(), 6, "scaling in is suspended");
    let told = world.scaling.progress.all();
    expect!["service/c/web: cpu wants to scale in, which is suspended"]
        .assert_eq(&told["scaling"].waits_for.join("\n"));
    let resumed = json!({ "SuspendedState": { "DynamicScalingInSuspended": false } });
    world.scale("RegisterScalableTarget", resumed).await;
    world.minute(20.0).await;
    world.minute(40.0).await;
    world.check_activities(expect![[r#"
        Failed: Attempting to scale due to alarm triggered [monitor alarm …-AlarmLow-… in state ALARM triggered policy cpu]  [{"Code":"AlreadyAtMinCapacity","MinCapacity":2}]
        Overridden: Setting desired count to 6. [minimum capacity was set to 6] Successfully set desired count to 6. Found it was later changed to 3. null
        InProgress: Setting desired count to 3. [monitor alarm …-AlarmLow-… in state ALARM triggered policy cpu] Successfully set desired count to 3. Waiting for change to be fulfilled by ecs. null
        Failed: Attempting to scale due to alarm triggered [monitor alarm …-AlarmLow-… in state ALARM triggered policy cpu]  [{"Code":"AutoScalingAnticipatedFlapping","CurrentCapacity":3}]
    "#]]).await;
}

#[tokio::test]
async fn an_alarm_of_the_user_takes_steps() {
    let mut world = world().await;
    let steps = json!({
        "PolicyName": "steps",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {
            "AdjustmentType": "ChangeInCapacity",
            "Cooldown": 60,
            "StepAdjustments": [
                { "MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1 },
                { "MetricIntervalLowerBound": 20, "ScalingAdjustment": 3 },
            ],
        },
    });
    let arn = testkit::text(&world.scale("PutScalingPolicy", steps).await, "PolicyARN");
    let busy = json!({
        "AlarmName": "busy", "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average",
        "Dimensions": [{ "Name": "ClusterName", "Value": "c" }, { "Name": "ServiceName", "Value": "web" }],
        "Period": 60, "EvaluationPeriods": 1, "Threshold": 50, "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": [arn],
    });
    let cloudwatch = neargate_api_cloudwatch::service(world.scaling.series.clone());
    world.ask(&cloudwatch, "PutMetricAlarm", busy).await;
    world.minute(55.0).await;
    world.alarm("busy", "ALARM").await;
    assert_eq!(world.desired(), 3);
    world.minute(80.0).await;
    assert_eq!(world.desired(), 6, "each minute again, while it is in ALARM");
    world.alarm("busy", "OK").await;
    world.minute(80.0).await;
    assert_eq!(world.desired(), 6);
    world.check_activities(expect![[r#"
        Overridden: Setting desired count to 3. [monitor alarm busy in state ALARM triggered policy steps] Successfully set desired count to 3. Found it was later changed to 6. null
        InProgress: Setting desired count to 6. [monitor alarm busy in state ALARM triggered policy steps] Successfully set desired count to 6. Waiting for change to be fulfilled by ecs. null
    "#]]).await;
}

#[tokio::test]
async fn scheduled_actions_set_bounds_and_bring_the_capacity_within() {
    let mut world = world().await;
    // It is 03:04:05.
    let actions = [
        json!({
            "ScheduledActionName": "once", "Schedule": "at(2026-01-01T22:06:00)", "Timezone": "America/New_York",
            "ScalableTargetAction": { "MinCapacity": 4 },
        }),
        json!({
            "ScheduledActionName": "each", "Schedule": "rate(2 minutes)",
            "StartTime": "2026-01-02T03:07:00Z", "EndTime": "2026-01-02T03:09:30Z",
            "ScalableTargetAction": { "MinCapacity": 1, "MaxCapacity": 3 },
        }),
        json!({
            "ScheduledActionName": "cron", "Schedule": "cron(11 3 * * ? *)",
            "ScalableTargetAction": { "MinCapacity": 5, "MaxCapacity": 6 },
        }),
    ];
    for mut action in actions {
        for time in ["StartTime", "EndTime"] {
            if let Some(at) = action[time].as_str().and_then(Timestamp::parse_iso8601) {
                action[time] = at.secs().into();
            }
        }
        let answer = world.scale("PutScheduledAction", action).await;
        assert_eq!(answer.trim(), "{}");
    }
    let mut told = String::new();
    for _ in 0..8 {
        world.minute(10.0).await;
        let at = world.ctx.cloud.clock.now().iso8601_secs();
        told.push_str(&format!("{at} {}\n", world.desired()));
    }
    expect![[r#"
        2026-01-02T03:05:05Z 2
        2026-01-02T03:06:05Z 4
        2026-01-02T03:07:05Z 3
        2026-01-02T03:08:05Z 3
        2026-01-02T03:09:05Z 3
        2026-01-02T03:10:05Z 3
        2026-01-02T03:11:05Z 5
        2026-01-02T03:12:05Z 5
    "#]]
    .assert_eq(&told);
    world.check_activities(expect![[r#"
        Successful: Setting min capacity to 4 [scheduled action name once was triggered] Successfully set min capacity to 4 null
        Overridden: Setting desired count to 4. [minimum capacity was set to 4] Successfully set desired count to 4. Found it was later changed to 3. null
        Successful: Setting min capacity to 1 and max capacity to 3 [scheduled action name each was triggered] Successfully set min capacity to 1 and max capacity to 3 null
        Overridden: Setting desired count to 3. [maximum capacity was set to 3] Successfully set desired count to 3. Found it was later changed to 5. null
        Successful: Setting min capacity to 1 and max capacity to 3 [scheduled action name each was triggered] Successfully set min capacity to 1 and max capacity to 3 null
        Successful: Setting min capacity to 5 and max capacity to 6 [scheduled action name cron was triggered] Successfully set min capacity to 5 and max capacity to 6 null
        InProgress: Setting desired count to 5. [minimum capacity was set to 5] Successfully set desired count to 5. Waiting for change to be fulfilled by ecs. null
    "#]]).await;
    let listed = world.scale("DescribeScheduledActions", json!({})).await;
    assert_eq!(testkit::texts(&listed, "ScheduledActionName"), ["cron", "each"], "one comes once");
    let atlantis = json!({
        "ScheduledActionName": "x", "Schedule": "rate(1 hour)", "Timezone": "Europe/Atlantis",
        "ScalableTargetAction": { "MinCapacity": 5 },
    });
    expect!["ValidationException: The timezone Europe/Atlantis is not a valid timezone of the IANA database."].assert_eq(&world.scale("PutScheduledAction", atlantis).await);
}

#[tokio::test]
async fn a_forecast_scales_out_before_its_hour() {
    let mut world = world().await;
    let predict = |mode: &str, more: Value| {
        let mut configuration = json!({
            "MetricSpecifications": [{
                "TargetValue": 50,
                "PredefinedMetricPairSpecification": { "PredefinedMetricType": "ECSServiceCPUUtilization" },
            }],
            "Mode": mode,
        });
        if let (Some(all), Value::Object(more)) = (configuration.as_object_mut(), more) {
            all.extend(more);
        }
        json!({
            "PolicyName": "ahead",
            "PolicyType": "PredictiveScaling",
            "PredictiveScalingPolicyConfiguration": configuration,
        })
    };
    world.scale("PutScalingPolicy", predict("ForecastOnly", json!({}))).await;
    let hour = |hour: &str| Timestamp::parse_iso8601(hour).expect("a time").secs();
    let asked = json!({
        "PolicyName": "ahead",
        "StartTime": hour("2026-01-02T03:00:00Z"),
        "EndTime": hour("2026-01-02T06:00:00Z"),
    });
    world.minute(10.0).await;
    let before = world.scale("GetPredictiveScalingForecast", asked.clone()).await;
    expect!["ValidationException: There is no forecast yet: it needs at least 24 hours of data of the load metric."].assert_eq(&before);
    // Each morning at four there is much to do, for twelve tasks.
    let dimensions = [("ClusterName", "c"), ("ServiceName", "web")];
    let history = (-72..0).map(|ago: i64| Datum {
        metric: Metric::new(&world.ctx.region, "AWS/ECS", "CPUUtilization", dimensions),
        unit: Unit::PERCENT,
        at: Timestamp::from_secs(hour("2026-01-02T03:00:00Z") + ago * 3600),
        high_resolution: false,
        values: StatisticSet::of(if (ago + 3).rem_euclid(24) == 4 { 600.0 } else { 150.0 }),
    });
    world.scaling.series.put(&history.collect::<Vec<_>>()).expect("metrics");
    world.minute(10.0).await;
    let told = world.scale("GetPredictiveScalingForecast", asked).await;
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let values = json!([told["LoadForecast"][0]["Values"], told["CapacityForecast"]["Values"]]);
    expect!["[[9000.0,36000.0,9000.0],[3.0,12.0,3.0]]"].assert_eq(&values.to_string());
    assert_eq!(world.desired(), 2, "it only forecasts");
    world.scale("PutScalingPolicy", predict("ForecastAndScale", json!({}))).await;
    world.minute(10.0).await;
    assert_eq!(world.desired(), 3, "of three in the morning");
    world.ctx.cloud.clock.advance_millis(47 * 60_000);
    world.minute(10.0).await;
    assert_eq!(world.desired(), 10, "five minutes before, and no more than the maximum");
    let more =
        json!({ "MaxCapacityBreachBehavior": "IncreaseMaxCapacity", "MaxCapacityBuffer": 10 });
    world.scale("PutScalingPolicy", predict("ForecastAndScale", more)).await;
    world.minute(10.0).await;
    assert_eq!(world.desired(), 12);
    world.check_activities(expect![[r#"
        Overridden: Setting desired count to 3. [predictive scaling policy ahead forecast a capacity of 3] Successfully set desired count to 3. Found it was later changed to 10. null
        Overridden: Setting desired count to 10. [predictive scaling policy ahead forecast a capacity of 10] Successfully set desired count to 10. Found it was later changed to 12. null
        InProgress: Setting desired count to 12. [predictive scaling policy ahead forecast a capacity of 12] Successfully set desired count to 12. Waiting for change to be fulfilled by ecs. null
    "#]]).await;
}
