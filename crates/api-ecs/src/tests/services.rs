//! Services as a client sees them.

use expect_test::expect;
use neargate_api::Ctx;
use neargate_testkit::{ctx, text};
use serde_json::{Value as Json, json};

use super::{definition, done, place, refused, request, with};

/// A cluster, a task definition of two containers' tasks, and its subnet's id.
pub async fn ground(ctx: &Ctx) -> String {
    let subnet = place(ctx).await;
    done(ctx, "RegisterTaskDefinition", definition(json!({}), json!({}))).await;
    subnet
}

/// A request to create the service `s`, with changes.
pub fn service(subnet: &str, changes: Json) -> Json {
    let base = json!({
        "cluster": "c",
        "serviceName": "s",
        "taskDefinition": "task",
        "desiredCount": 2,
        "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": [subnet] } },
    });
    with(base, changes)
}

#[tokio::test]
async fn zones_are_evened_out_where_the_maximum_has_room() {
    let ctx = ctx();
    let subnet = ground(&ctx).await;
    let tight = json!({ "maximumPercent": 100, "minimumHealthyPercent": 50 });
    let cases = [
        json!({ "serviceName": "default" }),
        json!({ "serviceName": "off", "availabilityZoneRebalancing": "DISABLED" }),
        json!({ "serviceName": "tight", "deploymentConfiguration": tight }),
    ];
    let mut shown = Vec::new();
    for case in cases {
        let made = done(&ctx, "CreateService", service(&subnet, case)).await;
        shown.push(text(&made, "availabilityZoneRebalancing"));
    }
    assert_eq!(shown, ["ENABLED", "DISABLED", "DISABLED"]);
    let on = json!({ "availabilityZoneRebalancing": "ENABLED", "deploymentConfiguration": tight });
    let why = "InvalidParameterException: Availability Zone Rebalancing does not support maximumPercent <= 100 % as \
               deployment configuration.";
    assert_eq!(refused(&ctx, "CreateService", service(&subnet, on)).await, why);
    let update =
        |name: &str, changes: Json| with(json!({ "cluster": "c", "service": name }), changes);
    let narrow = update("default", json!({ "deploymentConfiguration": tight }));
    assert_eq!(refused(&ctx, "UpdateService", narrow).await, why);
    let on = update("tight", json!({ "availabilityZoneRebalancing": "ENABLED" }));
    assert_eq!(refused(&ctx, "UpdateService", on).await, why);
    let both =
        json!({ "deploymentConfiguration": tight, "availabilityZoneRebalancing": "DISABLED" });
    done(&ctx, "UpdateService", update("default", both)).await;
    let same = done(&ctx, "UpdateService", update("off", json!({ "desiredCount": 1 }))).await;
    assert_eq!(text(&same, "availabilityZoneRebalancing"), "DISABLED");
}

#[tokio::test]
async fn a_client_token_makes_a_service_once() {
    let ctx = ctx();
    let subnet = ground(&ctx).await;
    let create = |changes: Json| service(&subnet, with(json!({ "clientToken": "once" }), changes));
    let first = done(&ctx, "CreateService", create(json!({}))).await;
    let grown = json!({ "cluster": "c", "service": "s", "desiredCount": 5 });
    done(&ctx, "UpdateService", grown).await;
    let again = done(&ctx, "CreateService", create(json!({}))).await;
    assert_eq!(text(&first, "serviceArn"), text(&again, "serviceArn"));
    let answer: Json = serde_json::from_str(&again).unwrap();
    assert_eq!(answer["service"]["desiredCount"], 5, "the service as it is now");
    let refused_all = [
        create(json!({ "desiredCount": 3 })),
        create(json!({ "serviceName": "other" })),
        create(json!({ "tags": [{ "key": "k", "value": "v" }] })),
        service(&subnet, json!({ "clientToken": "another" })),
        service(&subnet, json!({})),
    ];
    for input in refused_all {
        let why = refused(&ctx, "CreateService", input).await;
        assert_eq!(why, "InvalidParameterException: Creation of service was not idempotent.");
    }
}

#[tokio::test]
async fn a_service_that_has_tasks_is_deleted_by_force_alone() {
    let ctx = ctx();
    let subnet = ground(&ctx).await;
    done(&ctx, "CreateService", service(&subnet, json!({}))).await;
    let delete = |more: Json| with(json!({ "cluster": "c", "service": "s" }), more);
    let mut all = vec![
        refused(&ctx, "DeleteService", delete(json!({}))).await,
        refused(&ctx, "DeleteService", delete(json!({ "force": false }))).await,
    ];
    done(&ctx, "UpdateService", delete(json!({ "desiredCount": 0 }))).await;
    let deleted = done(&ctx, "DeleteService", delete(json!({}))).await;
    let answer: Json = serde_json::from_str(&deleted).unwrap();
    assert_eq!(answer["service"]["status"], "DRAINING");
    all.push(refused(&ctx, "DeleteService", delete(json!({}))).await);
    let forced = json!({ "serviceName": "forced" });
    done(&ctx, "CreateService", service(&subnet, forced)).await;
    let forced = json!({ "service": "forced", "force": true });
    let deleted = done(&ctx, "DeleteService", delete(forced)).await;
    let answer: Json = serde_json::from_str(&deleted).unwrap();
    assert_eq!(answer["service"]["status"], "DRAINING");
    all.push(refused(&ctx, "DeleteService", delete(json!({ "service": "other" }))).await);
    expect![[r#"
        InvalidParameterException: The service cannot be stopped while it is scaled above 0.
        InvalidParameterException: The service cannot be stopped while it is scaled above 0.
        ServiceNotActiveException: Service was not ACTIVE.
        ServiceNotFoundException: Service not found."#]]
    .assert_eq(&all.join("\n"));
}

#[tokio::test]
async fn overrides_name_every_container() {
    let ctx = ctx();
    let subnet = ground(&ctx).await;
    let overrides = |answer: &str| -> String {
        let answer: Json = serde_json::from_str(answer).unwrap();
        answer["tasks"][0]["overrides"].to_string()
    };
    let ran = done(&ctx, "RunTask", request(&subnet, json!({}))).await;
    expect![[r#"{"containerOverrides":[{"name":"main"}],"inferenceAcceleratorOverrides":[]}"#]]
        .assert_eq(&overrides(&ran));
    let given = json!({ "containerOverrides": [{ "name": "main", "command": ["true"] }], "cpu": "512", "memory": "1024" });
    let ran = done(&ctx, "RunTask", request(&subnet, json!({ "overrides": given }))).await;
    expect![[r#"{"containerOverrides":[{"command":["true"],"name":"main"}],"cpu":"512","inferenceAcceleratorOverrides":[],"memory":"1024"}"#]].assert_eq(&overrides(&ran));
}
