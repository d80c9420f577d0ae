//! What is left, and what is told, after the death of a daemon, of a shim, or
//! of a launch in the middle.

#[path = "programs/place.rs"]
mod place;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};

use neargate_runtime::{Adopted, ContainerState, Orphan};
use place::{Netns, Place, exit_of, is_running, printed, shell, wait_for_line};

fn kill_9(pid: i32) {
    let status = Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill");
    assert!(status.success());
}

#[tokio::test]
async fn a_task_outlives_its_daemon_and_is_adopted() {
    let place = Place::new();
    let spec = place.spec(vec![
        shell("app", "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done"),
        shell("short", "echo done; exit 6"),
        shell("never", "true"),
    ]);
    fs::write(place.path("spec.json"), serde_json::to_vec(&spec).unwrap()).unwrap();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_neargate-test-daemon"))
        .args([place.path("tasks"), place.path("spec.json")])
        .args([env!("CARGO_BIN_EXE_neargate-test-shim"), &place.prefix])
        .args(["app", "short"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let stdout = daemon.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut ready).unwrap();
    assert_eq!(ready, "started\n");
    daemon.kill().unwrap();
    daemon.wait().unwrap();

    let Adopted::Running(task) = place.runtime.adopt("task1").await.unwrap() else {
        panic!("not running")
    };
    assert_eq!(exit_of(&task, "short").await.code, 6);
    assert_eq!(printed(&task, "short").await, ["out:done"]);
    let states = task.containers();
    assert!(states["app"].is_running());
    assert_eq!(states["never"], ContainerState::Created);

    // A second daemon's handle goes too; the third still has everything.
    drop(task);
    let Adopted::Running(task) = place.runtime.adopt("task1").await.unwrap() else {
        panic!("not running")
    };
    wait_for_line(&task, "app", "out:up").await;
    task.stop_container("app", None, None).await.unwrap();
    assert_eq!(exit_of(&task, "app").await.code, 9);
    place.finish(task).await;
}

#[tokio::test]
async fn a_killed_shim_takes_its_containers_along_and_it_is_told() {
    let place = Place::new();
    let scripts = [shell("app", "echo up; sleep 1000"), shell("short", "exit 0")];
    let task = place.launch(scripts.to_vec()).await;
    for name in ["app", "short"] {
        task.start_container(name).await.unwrap();
    }
    wait_for_line(&task, "app", "out:up").await;
    exit_of(&task, "short").await;
    let ContainerState::Running { pid, .. } = task.containers()["app"] else { panic!("ended") };
    kill_9(place.shim_pid());

    let exit = exit_of(&task, "app").await;
    assert_eq!((exit.code, exit.unseen, exit.oom_killed), (137, true, false));
    assert!(!is_running(pid));
    assert_eq!(printed(&task, "app").await, ["out:up"]);
    assert!(task.start_container("app").await.is_err());
    assert!(!task.has_shim());
    drop(task);

    // A later daemon sees the same, and no second end.
    let Adopted::Lost(task) = place.runtime.adopt("task1").await.unwrap() else {
        panic!("not lost")
    };
    assert_eq!(task.containers()["app"], ContainerState::Exited(exit));
    task.stop_container("app", None, None).await.unwrap();
    place.finish(task).await;
}

#[tokio::test]
async fn a_shim_killed_while_no_daemon_watched_is_found_lost() {
    let place = Place::new();
    let task = place.launch(vec![shell("app", "echo up; sleep 1000")]).await;
    task.start_container("app").await.unwrap();
    wait_for_line(&task, "app", "out:up").await;
    let ContainerState::Running { pid, .. } = task.containers()["app"] else { panic!("ended") };
    drop(task);
    kill_9(place.shim_pid());
    let Adopted::Lost(task) = place.runtime.adopt("task1").await.unwrap() else {
        panic!("not lost")
    };
    assert!(!is_running(pid));
    assert!(exit_of(&task, "app").await.unseen);
    assert_eq!(printed(&task, "app").await, ["out:up"]);
    place.finish(task).await;
}

#[tokio::test]
async fn after_a_reboot_a_task_is_gone() {
    let place = Place::new();
    assert!(matches!(place.runtime.adopt("task1").await.unwrap(), Adopted::Gone));
    let task = place.launch(vec![shell("app", "exit 0")]).await;
    task.start_container("app").await.unwrap();
    exit_of(&task, "app").await;
    drop(task);
    kill_9(place.shim_pid());
    let charter = fs::read_to_string(place.task_dir().join("task.json")).unwrap();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    fs::write(place.task_dir().join("task.json"), charter.replace(boot.trim(), "earlier")).unwrap();
    assert!(matches!(place.runtime.adopt("task1").await.unwrap(), Adopted::Gone));
    place.runtime.delete("task1").await.unwrap();
    place.runtime.delete("task1").await.unwrap();
    place.check_clean();
}

#[tokio::test]
async fn what_nobody_knows_is_found_and_removed() {
    let place = Place::new();
    let task = place.launch(vec![shell("app", "sleep 1000")]).await;
    task.start_container("app").await.unwrap();
    drop(task);
    fs::create_dir(place.path("tasks/cut-short")).unwrap();
    let orphan = |id: &str, has_cgroup, is_alive| Orphan {
        task_id: id.into(),
        has_dir: true,
        has_cgroup,
        is_alive,
    };
    let known = BTreeSet::from(["task1".to_owned()]);
    assert_eq!(place.runtime.orphans(&known).unwrap(), [orphan("cut-short", false, false)]);
    let shim = place.shim_pid();
    let removed = place.runtime.remove_orphans(&BTreeSet::new()).await.unwrap();
    assert_eq!(removed, [orphan("cut-short", false, false), orphan("task1", true, true)]);
    assert!(!is_running(shim));
    place.check_clean();
}

#[tokio::test]
async fn deleting_ends_what_runs() {
    let place = Place::new();
    let task = place.launch(vec![shell("app", "trap '' TERM; sleep 1000 & sleep 1000")]).await;
    task.start_container("app").await.unwrap();
    let ContainerState::Running { pid, .. } = task.containers()["app"] else { panic!("ended") };
    let mut events = task.events();
    let exec = neargate_runtime::ExecSpec::new("app", vec!["sleep".into(), "1000".into()]);
    let pending = tokio::spawn({
        let task = task.clone();
        async move { task.exec(exec).await }
    });
    place.finish(task).await;
    assert!(!is_running(pid));
    let _ = pending.await.unwrap();
    while events.next().await.is_some() {}
}

#[tokio::test]
async fn a_launch_that_fails_leaves_nothing() {
    let place = Place::new();
    let runtime = place.runtime_with_shim("/bin/false");
    let spec = place.spec(vec![shell("app", "true")]);
    assert!(runtime.launch(spec.clone()).await.is_err());
    let mut invalid = spec.clone();
    invalid.containers[0].user = "\n".into();
    invalid.containers[0].argv.clear();
    assert!(place.runtime.launch(invalid).await.unwrap_err().to_string().contains("no command"));
    let task = place.runtime.launch(spec.clone()).await.unwrap();
    let again = place.runtime.launch(spec).await.unwrap_err();
    assert_eq!(again.to_string(), "task task1 exists");
    place.finish(task).await;
}

#[tokio::test]
async fn names_may_be_as_long_as_ecs_lets_them() {
    let place = Place::new();
    let name = "n".repeat(255);
    let task = place.launch(vec![shell(&name, "sleep 1000")]).await;
    task.start_container(&name).await.unwrap();
    let exec = neargate_runtime::ExecSpec::new(&name, vec!["true".into()]);
    assert_eq!(task.exec(exec).await.unwrap().code, 0);
    place.finish(task).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_at_once_stay_apart() {
    let place = Place::new();
    let mut running = tokio::task::JoinSet::new();
    for number in 0..24 {
        let (one, two) = (format!("echo {number}"), format!("exit {number}"));
        let mut spec = place.spec(vec![shell("one", &one), shell("two", &two)]);
        spec.id = format!("task-{number}");
        let runtime = place.runtime.clone();
        running.spawn(async move {
            let task = runtime.launch(spec).await.unwrap();
            let (one, two) = tokio::join!(task.start_container("one"), task.start_container("two"));
            one.and(two).unwrap();
            assert_eq!(exit_of(&task, "two").await.code, number);
            assert_eq!(printed(&task, "one").await, [format!("out:{number}")]);
            task.delete().await.unwrap();
        });
    }
    running.join_all().await;
    place.check_clean();
}

#[tokio::test]
async fn a_shim_asked_to_end_stops_its_containers_first() {
    let place = Place::new();
    let script = "trap 'echo bye; exit 4' TERM; echo up; while :; do sleep 0.05; done";
    let task = place.launch(vec![shell("app", script)]).await;
    task.start_container("app").await.unwrap();
    wait_for_line(&task, "app", "out:up").await;
    let term = Command::new("kill").arg(place.shim_pid().to_string()).status();
    assert!(term.expect("kill").success());
    let exit = exit_of(&task, "app").await;
    assert_eq!((exit.code, exit.unseen), (4, false));
    assert_eq!(printed(&task, "app").await, ["out:up", "out:bye"]);
    place.finish(task).await;
}

#[tokio::test]
async fn a_task_does_not_keep_the_networks_of_others() {
    let place = Place::new();
    let (gone, stays) = (Netns::new(), Netns::new());
    let pair = ["link", "add", "there", "type", "veth", "peer", "name", "here"];
    assert!(stays.ip(&pair));
    let holder = Command::new("nsenter")
        .arg(format!("--net={}", gone.path().display()))
        .args(["sleep", "1000"])
        .spawn();
    let mut holder = holder.expect("nsenter");
    // Before it is there, its namespace is this machine's, and there the link would stay.
    let inode = |path: &str| fs::metadata(path).map(|namespace| namespace.ino());
    let theirs = format!("/proc/{}/ns/net", holder.id());
    let wanted = inode(&gone.path().to_string_lossy()).expect("the namespace");
    while inode(&theirs).expect("nsenter's namespace") != wanted {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    while !stays.ip(&["link", "set", "there", "netns", &holder.id().to_string()])
        || stays.ip(&["link", "show", "there"])
    {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    holder.kill().expect("kill");
    holder.wait().expect("wait");

    let task = place.launch(vec![shell("app", "sleep 1000")]).await;
    task.start_container("app").await.unwrap();
    // The file stays: removing it would let go of every copy of the mount.
    assert!(Command::new("umount").arg(gone.path()).status().expect("umount").success());
    // The pair goes when its other end's namespace truly does.
    while stays.ip(&["link", "show", "here"]) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    drop(stays);
    place.finish(task).await;
}
