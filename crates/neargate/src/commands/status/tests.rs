//! What `neargate status` prints of a document.

use expect_test::expect;
use serde_json::json;

use super::*;

fn document() -> Value {
    let task = |id: &str, status: &str, more: Value| {
        let mut task = json!({
            "id": id, "status": status, "health": "UNKNOWN", "taskDefinition": "web:2",
            "capacityProvider": "FARGATE_SPOT", "availabilityZone": "us-west-2a",
            "address": "10.0.1.5", "since": "2026-01-02T03:00:00.000Z", "containers": [], "targets": [],
        });
        for (key, value) in more.as_object().unwrap() {
            task[key] = value.clone();
        }
        task
    };
    json!({
        "at": "2026-01-02T03:04:05.000Z",
        "tasks": [],
        "services": [{
            "cluster": "shop", "name": "web", "status": "ACTIVE",
            "desiredCount": 2, "runningCount": 1, "pendingCount": 1,
            "waitsFor": ["1 of 2 tasks to become healthy"],
            "deployments": [{
                "id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "IN_PROGRESS",
                "desiredCount": 2, "runningCount": 1, "pendingCount": 1, "taskDefinition": "web:2",
                "failedTasks": 2, "failureThreshold": 3, "updatedAt": "2026-01-02T03:04:00.000Z",
                "nextLaunchAt": "2026-01-02T03:04:09.000Z",
            }],
            "tasks": [
                task("aa", "RUNNING", json!({
                    "health": "HEALTHY",
                    "targets": [{ "targetGroup": "blue", "port": 8080, "state": "unhealthy",
                        "reason": "Target.ResponseCodeMismatch",
                        "description": "Health checks failed with these codes: [503]" }],
                })),
                task("bb", "STOPPED", json!({
                    "stoppedReason": "Essential container in task exited",
                    "containers": [{ "name": "main", "exitCode": 137,
                        "reason": "OutOfMemoryError: Container killed due to memory usage" }],
                })),
            ],
            "events": [{ "at": "2026-01-02T03:04:00.123Z", "message": "(service web) has started 1 tasks: (task aa)." }],
        }],
    })
}

#[test]
fn a_service_is_shown_whole() {
    expect![[r#"
        shop/web  ACTIVE  1 of 2 running, 1 pending
          waits for 1 of 2 tasks to become healthy
        deployments
          ecs-svc/1                       PRIMARY  IN_PROGRESS  1 of 2 running, 1 pending  web:2  2 failed, the circuit breaker acts at 3  5 s ago
          starts no task for another 4 s
        tasks
          aa  RUNNING  HEALTHY  FARGATE_SPOT  us-west-2a  10.0.1.5  web:2  4 min ago
          bb  STOPPED           FARGATE_SPOT  us-west-2a  10.0.1.5  web:2  4 min ago  Essential container in task exited; main: exit code 137, OutOfMemoryError: Container killed due to memory usage
        targets
          blue  10.0.1.5:8080  unhealthy  Target.ResponseCodeMismatch: Health checks failed with these codes: [503]
        events
          2026-01-02 03:04:00  (service web) has started 1 tasks: (task aa).
    "#]].assert_eq(&details(Paint { in_colour: false }, &document(), 10));
}

#[test]
fn services_are_a_line_each() {
    expect![[r#"
        shop/web  ACTIVE  1 of 2 running, 1 pending  IN_PROGRESS  waits for 1 of 2 tasks to become healthy
    "#]].assert_eq(&overview(Paint { in_colour: false }, &document()));
}
