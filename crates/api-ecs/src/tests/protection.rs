//! Task protection as a client sees it.

use expect_test::expect;
use neargate_api::Ctx;
use neargate_api::model::ecs::Task;
use neargate_testkit::{ctx, text};
use serde_json::{Value as Json, json};

use super::services::ground;
use super::{done, refused, request, with};

/// A task, of a service or of none; gives its id.
async fn task(ctx: &Ctx, subnet: &str, service: Option<&'static str>) -> String {
    let arn = text(&done(ctx, "RunTask", request(subnet, json!({}))).await, "taskArn");
    let id = Task::id_in(&arn).to_owned();
    let key = Task::key_of(&ctx.region, "c", &id);
    let owned = ctx.write(move |tx| {
        tx.update::<Task>(&key, |task| task.service = service.map(str::to_owned));
        Ok(())
    });
    owned.await.unwrap();
    id
}

fn update(tasks: &[&str], more: Json) -> Json {
    with(json!({ "cluster": "c", "tasks": tasks, "protectionEnabled": true }), more)
}

#[tokio::test]
async fn a_service_s_task_is_protected_until_a_time() {
    let ctx = ctx();
    let subnet = ground(&ctx).await;
    let of_service = task(&ctx, &subnet, Some("s")).await;
    let alone = task(&ctx, &subnet, None).await;
    let input = update(&[&of_service, &alone, "nobody"], json!({ "expiresInMinutes": 60 }));
    let told = |answer: String| answer.replace(&of_service, "TASK").replace(&alone, "ALONE");
    expect![[r#"
        {
          "failures": [
            {
              "arn": "arn:aws:ecs:us-west-2:000000000000:task/c/ALONE",
              "detail": "The task is not part of a service.",
              "reason": "TASK_NOT_VALID"
            },
            {
              "arn": "arn:aws:ecs:us-west-2:000000000000:task/c/nobody",
              "reason": "MISSING"
            }
          ],
          "protectedTasks": [
            {
              "expirationDate": 1767326645,
              "protectionEnabled": true,
              "taskArn": "arn:aws:ecs:us-west-2:000000000000:task/c/TASK"
            }
          ]
        }
    "#]]
    .assert_eq(&told(done(&ctx, "UpdateTaskProtection", input).await));
    let get = json!({ "cluster": "c", "tasks": [of_service] });
    expect![[r#"
        {
          "failures": [],
          "protectedTasks": [
            {
              "expirationDate": 1767326645,
              "protectionEnabled": true,
              "taskArn": "arn:aws:ecs:us-west-2:000000000000:task/c/TASK"
            }
          ]
        }
    "#]]
    .assert_eq(&told(done(&ctx, "GetTaskProtection", get.clone()).await));
    let off = update(&[&of_service], json!({ "protectionEnabled": false }));
    done(&ctx, "UpdateTaskProtection", off).await;
    expect![[r#"
        {
          "failures": [],
          "protectedTasks": [
            {
              "protectionEnabled": false,
              "taskArn": "arn:aws:ecs:us-west-2:000000000000:task/c/TASK"
            }
          ]
        }
    "#]]
    .assert_eq(&told(done(&ctx, "GetTaskProtection", get).await));
}

#[tokio::test]
async fn what_cannot_be_asked_of_a_protection() {
    let ctx = ctx();
    ground(&ctx).await;
    let many = vec!["t"; 11];
    let mut all = Vec::new();
    for input in [
        update(&["t"], json!({ "expiresInMinutes": 0 })),
        update(&["t"], json!({ "expiresInMinutes": 2881 })),
        update(&[], json!({})),
        update(&many, json!({})),
        update(&["t"], json!({ "cluster": "other" })),
    ] {
        all.push(refused(&ctx, "UpdateTaskProtection", input).await);
    }
    for input in [json!({ "cluster": "c" }), json!({ "cluster": "other", "tasks": ["t"] })] {
        all.push(refused(&ctx, "GetTaskProtection", input).await);
    }
    expect![[r#"
        InvalidParameterException: expiresInMinutes must be between 1 and 2880.
        InvalidParameterException: expiresInMinutes must be between 1 and 2880.
        InvalidParameterException: Specify 1 to 10 tasks.
        InvalidParameterException: Specify 1 to 10 tasks.
        ClusterNotFoundException: Cluster not found.
        InvalidParameterException: Specify 1 to 100 tasks.
        ClusterNotFoundException: Cluster not found."#]]
    .assert_eq(&all.join("\n"));
}
