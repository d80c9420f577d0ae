//! The service, called as the edge would call it.

use expect_test::expect;
use neargate_api::Stored;
use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::model::ecs::{Controller, Service as EcsService, ServiceStatus};
use neargate_api::{Ctx, Record};
use neargate_testkit as testkit;
use serde_json::{Value, json};

use crate::service;

/// A cloud with the service `web` of two tasks in the cluster `c`.
async fn with_service() -> Ctx {
    let ctx = testkit::ctx();
    let web = EcsService {
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
    };
    let put = ctx.write(move |tx| {
        tx.put(web);
        Ok(())
    });
    put.await.expect("the store is in memory");
    ctx
}

/// `more` with the three members that name the target.
fn on_web(more: Value) -> Value {
    let mut input = json!({
        "ServiceNamespace": "ecs",
        "ResourceId": "service/c/web",
        "ScalableDimension": "ecs:service:DesiredCount",
    });
    if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
        input.extend(more);
    }
    input
}

fn cpu(target: f64) -> Value {
    json!({
        "PolicyName": "cpu",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
            "TargetValue": target,
        },
    })
}

async fn call(ctx: &Ctx, operation: &str, input: Value) -> String {
    match testkit::call(ctx, &service(), operation, input).await {
        Ok(answer) => answer,
        Err(error) => error.to_string(),
    }
}

async fn register(ctx: &Ctx, min: i32, max: i32) -> String {
    let bounds = on_web(json!({ "MinCapacity": min, "MaxCapacity": max }));
    call(ctx, "RegisterScalableTarget", bounds).await
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(service().unregistered(), [""; 0]);
}

#[tokio::test]
async fn a_minimum_above_the_desired_count_raises_it_and_tells_so() {
    let ctx = with_service().await;
    register(&ctx, 3, 10).await;
    let key = EcsService::key_of("us-west-2", "c", "web");
    let web = ctx.snapshot().get::<EcsService>(&key).expect("the service");
    assert_eq!((web.key(), web.desired_count, web.steady), (key, 3, false));
    let told = call(&ctx, "DescribeScalingActivities", json!({ "ServiceNamespace": "ecs" })).await;
    expect![[r#"
        {
          "ScalingActivities": [
            {
              "ActivityId": "f4f55300-ca24-42f7-a603-4bc0bdee2210",
              "Cause": "minimum capacity was set to 3",
              "Description": "Setting desired count to 3.",
              "ResourceId": "service/c/web",
              "ScalableDimension": "ecs:service:DesiredCount",
              "ServiceNamespace": "ecs",
              "StartTime": 1767323045,
              "StatusCode": "InProgress",
              "StatusMessage": "Successfully set desired count to 3. Waiting for change to be fulfilled by ecs."
            }
          ]
        }
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn a_target_is_shown_and_its_bounds_are_checked() {
    let ctx = with_service().await;
    register(&ctx, 1, 4).await;
    let told = call(&ctx, "DescribeScalableTargets", json!({ "ServiceNamespace": "ecs" })).await;
    expect![[r#"
        {
          "ScalableTargets": [
            {
              "CreationTime": 1767323045,
              "MaxCapacity": 4,
              "MinCapacity": 1,
              "ResourceId": "service/c/web",
              "RoleARN": "arn:aws:iam::000000000000:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService",
              "ScalableDimension": "ecs:service:DesiredCount",
              "ScalableTargetARN": "arn:aws:application-autoscaling:us-west-2:000000000000:scalable-target/7017795636dcf0e66a33d67107a4788f63ae",
              "ServiceNamespace": "ecs",
              "SuspendedState": {
                "DynamicScalingInSuspended": false,
                "DynamicScalingOutSuspended": false,
                "ScheduledScalingSuspended": false
              }
            }
          ]
        }
    "#]].assert_eq(&told);
    expect!["ValidationException: Maximum capacity (4) must be greater than or equal to minimum capacity (5)."].assert_eq(&register(&ctx, 5, 4).await);
    let mut other = on_web(json!({ "MinCapacity": 1, "MaxCapacity": 2 }));
    other["ResourceId"] = "service/c/gone".into();
    expect!["ValidationException: ECS service doesn't exist: service/c/gone"]
        .assert_eq(&call(&ctx, "RegisterScalableTarget", other).await);
}

#[tokio::test]
async fn a_policy_has_its_alarms_and_keeps_them() {
    let ctx = with_service().await;
    expect!["ObjectNotFoundException: No scalable target registered for service namespace: ecs, resource ID: service/c/web, scalable dimension: ecs:service:DesiredCount"].assert_eq(&call(&ctx, "PutScalingPolicy", on_web(cpu(70.0))).await);
    register(&ctx, 1, 4).await;
    let first = call(&ctx, "PutScalingPolicy", on_web(cpu(70.0))).await;
    assert_eq!(first, call(&ctx, "PutScalingPolicy", on_web(cpu(60.0))).await);
    let told = call(&ctx, "DescribeScalingPolicies", json!({ "ServiceNamespace": "ecs" })).await;
    expect![[r#"
        {
          "ScalingPolicies": [
            {
              "Alarms": [
                {
                  "AlarmARN": "arn:aws:cloudwatch:us-west-2:000000000000:alarm:TargetTracking-service/c/web-AlarmHigh-3e8c86c9-36a8-4a72-af76-76ab5db43e0b",
                  "AlarmName": "TargetTracking-service/c/web-AlarmHigh-3e8c86c9-36a8-4a72-af76-76ab5db43e0b"
                },
                {
                  "AlarmARN": "arn:aws:cloudwatch:us-west-2:000000000000:alarm:TargetTracking-service/c/web-AlarmLow-33e3de0e-fdd6-45a8-86ef-579744a9ad7d",
                  "AlarmName": "TargetTracking-service/c/web-AlarmLow-33e3de0e-fdd6-45a8-86ef-579744a9ad7d"
                }
              ],
              "CreationTime": 1767323045,
              "PolicyARN": "arn:aws:autoscaling:us-west-2:000000000000:scalingPolicy:f4f55300-ca24-42f7-a603-4bc0bdee2210:resource/ecs/service/c/web:policyName/cpu",
              "PolicyName": "cpu",
              "PolicyType": "TargetTrackingScaling",
              "ResourceId": "service/c/web",
              "ScalableDimension": "ecs:service:DesiredCount",
              "ServiceNamespace": "ecs",
              "TargetTrackingScalingPolicyConfiguration": {
                "PredefinedMetricSpecification": {
                  "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
                },
                "TargetValue": 60.0
              }
            }
          ]
        }
    "#]].assert_eq(&told);
    let mut twin = on_web(cpu(50.0));
    twin["PolicyName"] = "twin".into();
    expect!["ValidationException: Only one TargetTrackingScaling policy for a given metric specification is allowed."].assert_eq(&call(&ctx, "PutScalingPolicy", twin).await);
    assert_eq!(service().inert_in(&ctx.snapshot()), []);
}

#[tokio::test]
async fn what_belongs_to_a_target_goes_with_it() {
    let ctx = with_service().await;
    register(&ctx, 1, 4).await;
    call(&ctx, "PutScalingPolicy", on_web(cpu(70.0))).await;
    let night = json!({
        "ScheduledActionName": "night",
        "Schedule": "cron(0 20 * * ? *)",
        "ScalableTargetAction": { "MinCapacity": 0, "MaxCapacity": 1 },
    });
    assert_eq!(call(&ctx, "PutScheduledAction", on_web(night)).await.trim(), "{}");
    assert_eq!(ctx.snapshot().count::<Alarm>(), 2);
    call(&ctx, "DeregisterScalableTarget", on_web(json!({}))).await;
    assert_eq!(service().inert_in(&ctx.snapshot()), []);
    assert_eq!(ctx.snapshot().count::<Alarm>(), 0);
    expect!["ObjectNotFoundException: No scalable target found for service namespace: ecs, resource ID: service/c/web, scalable dimension: ecs:service:DesiredCount"].assert_eq(&call(&ctx, "DeregisterScalableTarget", on_web(json!({}))).await);
}

/// The policy's alarms, a line each.
fn alarms(ctx: &Ctx) -> String {
    let mut lines = String::new();
    for alarm in ctx.snapshot().all::<Alarm>() {
        let AlarmDefinition::Metric(metric) = &alarm.definition else { continue };
        let dimensions = metric.dimensions.iter().flatten();
        let dimensions: Vec<_> = dimensions.map(|d| format!("{}={}", d.name, d.value)).collect();
        lines.push_str(&format!(
            "{}: {} of {} {} {} {} {} in {} of {} s\n",
            &alarm.name[..alarm.name.len() - 37],
            metric.statistic.as_deref().unwrap_or_default(),
            metric.namespace.as_deref().unwrap_or_default(),
            metric.metric_name.as_deref().unwrap_or_default(),
            dimensions.join(","),
            metric.comparison_operator.as_deref().unwrap_or_default(),
            metric.threshold.unwrap_or_default(),
            metric.evaluation_periods.unwrap_or_default(),
            metric.period.unwrap_or_default(),
        ));
    }
    lines
}

#[tokio::test]
async fn the_managed_alarms_are_those_of_the_target() {
    let ctx = with_service().await;
    register(&ctx, 1, 4).await;
    call(&ctx, "PutScalingPolicy", on_web(cpu(70.0))).await;
    let told = alarms(&ctx);
    call(&ctx, "PutScalingPolicy", on_web(cpu(50.0))).await;
    expect![[r#"
        TargetTracking-service/c/web-AlarmHigh: Average of AWS/ECS CPUUtilization ClusterName=c,ServiceName=web GreaterThanThreshold 70 in 3 of 60 s
        TargetTracking-service/c/web-AlarmLow: Average of AWS/ECS CPUUtilization ClusterName=c,ServiceName=web LessThanThreshold 63 in 15 of 60 s
        then
        TargetTracking-service/c/web-AlarmHigh: Average of AWS/ECS CPUUtilization ClusterName=c,ServiceName=web GreaterThanThreshold 50 in 3 of 60 s
        TargetTracking-service/c/web-AlarmLow: Average of AWS/ECS CPUUtilization ClusterName=c,ServiceName=web LessThanThreshold 45 in 15 of 60 s
    "#]].assert_eq(&format!("{told}then\n{}", alarms(&ctx)));
    let snapshot = ctx.snapshot();
    let described = snapshot.all::<Alarm>().map(|alarm| match &alarm.definition {
        AlarmDefinition::Metric(m) => (m.alarm_description.clone(), m.alarm_actions.clone()),
        AlarmDefinition::Composite(_) => (None, None),
    });
    let described: Vec<_> = described.collect();
    assert_eq!(described[0], described[1]);
    expect!["DO NOT EDIT OR DELETE. For TargetTrackingScaling policy arn:aws:autoscaling:us-west-2:000000000000:scalingPolicy:f4f55300-ca24-42f7-a603-4bc0bdee2210:resource/ecs/service/c/web:policyName/cpu."].assert_eq(described[0].0.as_deref().unwrap_or_default());
    let mut one_way = cpu(50.0);
    one_way["TargetTrackingScalingPolicyConfiguration"]["DisableScaleIn"] = true.into();
    call(&ctx, "PutScalingPolicy", on_web(one_way)).await;
    expect![[r#"
        TargetTracking-service/c/web-AlarmHigh: Average of AWS/ECS CPUUtilization ClusterName=c,ServiceName=web GreaterThanThreshold 50 in 3 of 60 s
    "#]].assert_eq(&alarms(&ctx));
    let gone = json!({ "PolicyName": "cpu" });
    call(&ctx, "DeleteScalingPolicy", on_web(gone)).await;
    assert_eq!(alarms(&ctx), "");
}

#[tokio::test]
async fn what_cannot_be_tracked_or_stepped_is_refused() {
    let ctx = with_service().await;
    register(&ctx, 1, 4).await;
    let tracked = |metric: Value| {
        json!({
            "PolicyName": "p",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "PredefinedMetricSpecification": metric,
                "TargetValue": 10,
            },
        })
    };
    let stepped = |kind: &str, steps: Value| {
        json!({
            "PolicyName": "s",
            "PolicyType": "StepScaling",
            "StepScalingPolicyConfiguration": { "AdjustmentType": kind, "StepAdjustments": steps },
        })
    };
    let requests = |label: &str| json!({ "PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label });
    let math = |queries: Value| {
        let mut input =
            tracked(json!({ "PredefinedMetricType": "ECSServiceAverageCPUUtilization" }));
        input["TargetTrackingScalingPolicyConfiguration"] =
            json!({ "CustomizedMetricSpecification": { "Metrics": queries }, "TargetValue": 10 });
        input
    };
    let mut said = String::new();
    for input in [
        tracked(json!({ "PredefinedMetricType": "ECSServiceAverageCPUUtilizationHighResolution" })),
        math(json!([{ "Id": "e1", "Expression": "m7 / 2" }])),
        math(json!([{ "Id": "e1", "Expression": "1 +" }])),
        tracked(json!({ "PredefinedMetricType": "ALBRequestCountPerTarget" })),
        tracked(requests("app/a/1/targets/b/2")),
        tracked(requests("app/a/1/targetgroup/b/2")),
        tracked(json!({ "PredefinedMetricType": "DynamoDBReadCapacityUtilization" })),
        stepped("ChangeInCapacity", json!([{ "ScalingAdjustment": 1 }])),
        stepped(
            "ChangeInCapacity",
            json!([
                { "ScalingAdjustment": 1, "MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10 },
                { "ScalingAdjustment": 2, "MetricIntervalLowerBound": 20 },
            ]),
        ),
        stepped(
            "ExactCapacity",
            json!([{ "ScalingAdjustment": -1, "MetricIntervalLowerBound": 0 }]),
        ),
        stepped(
            "ChangeInCapacity",
            json!([{ "ScalingAdjustment": 1, "MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 9 }]),
        ),
    ] {
        said.push_str(&call(&ctx, "PutScalingPolicy", on_web(input)).await);
        said.push('\n');
    }
    expect![[r#"
        ValidationException: The service has no high-resolution CPUUtilization: set its monitoring to a resolution of 20 seconds first.
        ValidationException: Error in expression 'e1': Undefined variable m7
        ValidationException: Error in expression 'e1': Error in expression: it ends too early
        ValidationException: ResourceLabel is required for ALBRequestCountPerTarget: app/NAME/ID/targetgroup/NAME/ID.
        ValidationException: The resource label app/a/1/targets/b/2 is not valid: it has to be app/NAME/ID/targetgroup/NAME/ID.
        ValidationException: The resource label app/a/1/targetgroup/b/2 is not valid: there is no such load balancer.
        ValidationException: Predefined metric type DynamoDBReadCapacityUtilization is not supported for ecs:service:DesiredCount.
        ValidationException: At least one of MetricIntervalLowerBound and MetricIntervalUpperBound must be specified.
        ValidationException: There must not be a gap between the intervals of StepAdjustments.
        ValidationException: ScalingAdjustment must be 0 or more for ExactCapacity.
        ValidationException: A StepAdjustment with a positive upper bound needs one whose upper bound is unspecified.
    "#]].assert_eq(&said);
}
