//! StartTask where there are no container instances.

use expect_test::expect;
use neargate_testkit::ctx;
use serde_json::{Value as Json, json};

use super::services::ground;
use super::{definition, done, refused, with};

#[tokio::test]
async fn every_container_instance_is_missing() {
    let ctx = ctx();
    let subnet = ground(&ctx).await;
    let on_ec2 = json!({
        "family": "on-ec2",
        "containerDefinitions": [{ "name": "main", "image": "busybox", "memory": 64 }],
    });
    done(&ctx, "RegisterTaskDefinition", on_ec2).await;
    let network = json!({ "awsvpcConfiguration": { "subnets": [subnet] } });
    let arn =
        "arn:aws:ecs:us-west-2:000000000000:container-instance/c/0123456789abcdef0123456789abcdef";
    let given = json!({ "cluster": "c", "containerInstances": [arn, "i"] });
    let of_fargate = json!({ "taskDefinition": "task", "networkConfiguration": network });
    let answer = done(&ctx, "StartTask", with(given.clone(), of_fargate)).await;
    expect![[r#"
        {
          "failures": [
            {
              "arn": "arn:aws:ecs:us-west-2:000000000000:container-instance/c/0123456789abcdef0123456789abcdef",
              "reason": "MISSING"
            },
            {
              "arn": "i",
              "reason": "MISSING"
            }
          ],
          "tasks": []
        }
    "#]]
    .assert_eq(&answer);
    let of_ec2 = json!({ "taskDefinition": "on-ec2" });
    assert_eq!(done(&ctx, "StartTask", with(given, of_ec2)).await, answer);
    assert_eq!(ctx.snapshot().count::<neargate_api::model::ecs::Task>(), 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_first() {
    let ctx = ctx();
    let subnet = ground(&ctx).await;
    let inactive = definition(json!({ "family": "old" }), json!({}));
    done(&ctx, "RegisterTaskDefinition", inactive).await;
    done(&ctx, "DeregisterTaskDefinition", json!({ "taskDefinition": "old:1" })).await;
    let on_ec2 = definition(
        json!({ "family": "on-ec2", "networkMode": "bridge", "requiresCompatibilities": ["EC2"] }),
        json!({}),
    );
    done(&ctx, "RegisterTaskDefinition", on_ec2).await;
    let given = |changes: Json| {
        let network = json!({ "awsvpcConfiguration": { "subnets": [subnet] } });
        let base = json!({
            "cluster": "c", "taskDefinition": "task", "containerInstances": ["i"],
            "networkConfiguration": network,
        });
        with(base, changes)
    };
    let nowhere = json!({ "awsvpcConfiguration": { "subnets": ["subnet-0"] } });
    let cases = [
        json!({ "cluster": "nothing" }),
        json!({ "taskDefinition": "nothing:1" }),
        json!({ "taskDefinition": "old:1" }),
        json!({ "containerInstances": [] }),
        json!({ "containerInstances": vec!["i"; 11] }),
        json!({ "networkConfiguration": null }),
        json!({ "networkConfiguration": nowhere }),
        json!({ "taskDefinition": "on-ec2" }),
    ];
    let mut all = String::new();
    for case in cases {
        let why = refused(&ctx, "StartTask", given(case.clone())).await;
        all.push_str(&format!("{case}\n    {why}\n"));
    }
    expect![[r#"
        {"cluster":"nothing"}
            ClusterNotFoundException: Cluster not found.
        {"taskDefinition":"nothing:1"}
            ClientException: TaskDefinition not found.
        {"taskDefinition":"old:1"}
            ClientException: TaskDefinition is inactive
        {"containerInstances":[]}
            ClientException: Container instances cannot be empty.
        {"containerInstances":["i","i","i","i","i","i","i","i","i","i","i"]}
            InvalidParameterException: At most 10 container instances can be given: there are 11.
        {"networkConfiguration":null}
            InvalidParameterException: Network Configuration must be provided when networkMode 'awsvpc' is specified.
        {"networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-0"]}}}
            InvalidParameterException: Error retrieving subnet information for [subnet-0]: The subnet ID 'subnet-0' does not exist (ErrorCode: InvalidSubnetID.NotFound)
        {"taskDefinition":"on-ec2"}
            InvalidParameterException: Network Configuration is not valid for the given networkMode of this task definition.
    "#]].assert_eq(&all);
}
