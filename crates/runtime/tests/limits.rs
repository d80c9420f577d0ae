//! Limits of tasks and containers, real and measured. Needs the controllers.

#[path = "programs/place.rs"]
mod place;

use std::time::Duration;

use neargate_runtime::{ContainerSpec, Happened, Limits, Ulimit};
use place::{Place, exit_of, printed, shell};

#[tokio::test]
async fn too_much_memory_ends_with_137() {
    let place = Place::new();
    let spec = ContainerSpec {
        limits: Limits { memory: Some(16 << 20), ..Limits::default() },
        ..shell("app", "tail /dev/zero")
    };
    // The shell is process 1 and survives its child: its code is the child's.
    let direct = ContainerSpec {
        argv: vec!["tail".into(), "/dev/zero".into()],
        name: "direct".into(),
        ..spec.clone()
    };
    let task = place.launch(vec![spec, direct]).await;
    for name in ["app", "direct"] {
        task.start_container(name).await.unwrap();
        let exit = exit_of(&task, name).await;
        assert_eq!((exit.code, exit.oom_killed), (137, true), "{name}");
        assert_eq!(task.stats().containers[name].oom_kills, 1);
        assert_eq!(task.stats().containers[name].memory_limit_bytes, Some(16 << 20));
    }
    place.finish(task).await;
}

#[tokio::test]
async fn limits_are_set_and_use_is_measured() {
    let place = Place::new();
    let limits = Limits {
        cpu_shares: Some(256),
        cpu_quota: Some(256),
        memory: Some(64 << 20),
        memory_reservation: None,
        pids: Some(50),
    };
    let busy = shell("app", "echo ready; while :; do :; done");
    let forker = ContainerSpec {
        limits: Limits { pids: Some(3), ..Limits::default() },
        ..shell("forker", "for i in 1 2 3 4 5; do sleep 9 & done")
    };
    let task = place.launch_limited(limits, vec![busy, forker]).await;
    task.start_container("app").await.unwrap();
    place::wait_for_line(&task, "app", "out:ready").await;
    let stats = loop {
        let stats = task.stats();
        if stats.task.cpu_ns > 20_000_000 {
            break stats;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(stats.task.memory_bytes > 0 && stats.task.memory_limit_bytes == Some(64 << 20));
    assert!(stats.containers["app"].pids >= 1 && stats.containers["app"].cpu_ns > 0);
    task.start_container("forker").await.unwrap();
    let lines = printed(&task, "forker").await;
    assert!(lines.iter().any(|line| line.contains("fork")), "{lines:?}");
    place.finish(task).await;
}

#[tokio::test]
async fn a_container_sees_its_own_limit() {
    let place = Place::new();
    let script = "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max 2>/dev/null
        touch memory/x x 2>/dev/null || echo read-only; mkdir memory/y y 2>/dev/null || echo no-groups";
    let spec = ContainerSpec {
        limits: Limits { memory: Some(32 << 20), ..Limits::default() },
        ..shell("app", script)
    };
    let task = place.launch(vec![spec]).await;
    task.start_container("app").await.unwrap();
    assert_eq!(printed(&task, "app").await, ["out:33554432", "out:read-only", "out:no-groups"]);
    place.finish(task).await;
}

#[tokio::test]
async fn the_tasks_quota_holds_its_containers_together() {
    let place = Place::new();
    let limits = Limits { cpu_quota: Some(256), ..Limits::default() };
    // Each counts the periods in which the group was held back; none would be
    // below a quarter of one CPU.
    let busy = "while :; do :; done";
    let task = place.launch_limited(limits, vec![shell("one", busy), shell("two", busy)]).await;
    task.start_container("one").await.unwrap();
    task.start_container("two").await.unwrap();
    let start = task.stats().task.cpu_ns;
    let begin = std::time::Instant::now();
    tokio::time::sleep(Duration::from_millis(1000)).await;
    let used = (task.stats().task.cpu_ns - start) as f64 / begin.elapsed().as_nanos() as f64;
    // A ceiling holds on a busy machine too; below it, nothing is promised.
    assert!(used < 0.35, "used {used} CPUs of 0.25");
    assert!(used > 0.01, "did not run");
    place.finish(task).await;
}

#[tokio::test]
async fn a_ulimit_above_the_machines_is_clamped_and_told() {
    let place = Place::new();
    let ulimits = vec![Ulimit { name: "nofile".into(), soft: 1024, hard: i64::MAX }];
    let spec = ContainerSpec { ulimits, ..shell("app", "ulimit -n") };
    let task = place.launch(vec![spec]).await;
    let mut events = task.events();
    task.start_container("app").await.unwrap();
    let Happened::Started { notes, .. } = events.next().await.unwrap().what else {
        panic!("no start")
    };
    assert_eq!(notes.len(), 1);
    assert!(notes[0].starts_with("ulimit nofile is "), "{notes:?}");
    assert_eq!(task.ended("app").await.unwrap().code, 0);
    assert_eq!(printed(&task, "app").await, ["out:1024"]);
    place.finish(task).await;
}
