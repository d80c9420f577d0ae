//! The service, called as the edge would call it.

use expect_test::expect;
use neargate_api::Stored;
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
              "ActivityId": "3f4a671f-bade-461c-9664-3638d9441b7e",
              "Cause": "minimum capacity was set to 3",
              "Description": "Setting desired count to 3.",
              "EndTime": 1767323045,
              "ResourceId": "service/c/web",
              "ScalableDimension": "ecs:service:DesiredCount",
              "ServiceNamespace": "ecs",
              "StartTime": 1767323045,
              "StatusCode": "Successful",
              "StatusMessage": "Successfully set desired count to 3. Change successfully fulfilled by ecs."
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
              "ScalableTargetARN": "arn:aws:application-autoscaling:us-west-2:000000000000:scalable-target/b896b216d8efea9e17017795636dcf0e66a3",
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
                  "AlarmARN": "arn:aws:cloudwatch:us-west-2:000000000000:alarm:TargetTracking-service/c/web-AlarmHigh-6251a2af-7751-41a7-b819-71381bb381a9",
                  "AlarmName": "TargetTracking-service/c/web-AlarmHigh-6251a2af-7751-41a7-b819-71381bb381a9"
                },
                {
                  "AlarmARN": "arn:aws:cloudwatch:us-west-2:000000000000:alarm:TargetTracking-service/c/web-AlarmLow-15727142-c64f-4c34-84d3-ccc0075db8b7",
                  "AlarmName": "TargetTracking-service/c/web-AlarmLow-15727142-c64f-4c34-84d3-ccc0075db8b7"
                }
              ],
              "CreationTime": 1767323045,
              "PolicyARN": "arn:aws:autoscaling:us-west-2:000000000000:scalingPolicy:3f4a671f-bade-461c-9664-3638d9441b7e:resource/ecs/service/c/web:policyName/cpu",
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
    assert_eq!(service().inert_in(&ctx.snapshot()).len(), 1);
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
    assert_eq!(service().inert_in(&ctx.snapshot()).len(), 2);
    call(&ctx, "DeregisterScalableTarget", on_web(json!({}))).await;
    assert_eq!(service().inert_in(&ctx.snapshot()), []);
    expect!["ObjectNotFoundException: No scalable target found for service namespace: ecs, resource ID: service/c/web, scalable dimension: ecs:service:DesiredCount"].assert_eq(&call(&ctx, "DeregisterScalableTarget", on_web(json!({}))).await);
}
