//! Real containers from a busybox root: what a container is given, and how it
//! ends. Needs root and Debian's `busybox-static`.

#[path = "programs/place.rs"]
mod place;

use std::time::Duration;

use neargate_runtime::{ContainerSpec, ContainerState, ExecSpec, Happened, Mount, Ulimit};
use place::{Netns, Place, exit_of, printed, shell};

#[tokio::test]
async fn a_command_prints_and_ends() {
    let place = Place::new();
    let task =
        place.launch(vec![shell("app", "echo hello; echo oops >&2; printf tail; exit 3")]).await;
    task.start_container("app").await.unwrap();
    let exit = exit_of(&task, "app").await;
    assert_eq!((exit.code, exit.signal, exit.oom_killed, exit.unseen), (3, None, false, false));
    let mut lines = printed(&task, "app").await;
    lines.sort();
    assert_eq!(lines, ["err:oops", "out:hello", "out:tail"]);
    place.finish(task).await;
}

#[tokio::test]
async fn what_a_container_is_given() {
    let place = Place::new();
    let script = "
        id; cat /proc/self/status | grep -E 'CapEff|CapBnd|NoNewPrivs'; hostname; pwd; ulimit -n
        echo HOME=$HOME A=$A PATH=$PATH; touch /file 2>&1; touch /tmp/file && echo tmp-ok
        cat /etc/hosts /etc/resolv.conf; df -k /dev/shm | tail -1 | awk '{print $2}'
        mknod /tmp/disk b 254 0 2>&1; ls /proc/sys/kernel/hostname >/dev/null && echo $$";
    let spec = ContainerSpec {
        user: "app".into(),
        env: vec![("A".into(), "1".into()), ("A".into(), "two".into())],
        cwd: "/srv/made/here".into(),
        readonly_root: true,
        cap_drop: vec!["ALL".into()],
        cap_add: vec!["NET_BIND_SERVICE".into()],
        no_new_privileges: true,
        ulimits: vec![Ulimit { name: "nofile".into(), soft: 1000, hard: 2000 }],
        mounts: vec![Mount::Tmpfs { destination: "/tmp".into(), size: 1 << 20, options: vec![] }],
        shm_size: 8 << 20,
        hostname: Some("ip-10-0-1-2".into()),
        hosts: Some("127.0.0.1 localhost\n".into()),
        resolv_conf: Some("nameserver 169.254.169.253\n".into()),
        ..shell("app", script)
    };
    let task = place.launch(vec![spec]).await;
    task.start_container("app").await.unwrap();
    assert_eq!(exit_of(&task, "app").await.code, 0);
    let lines = printed(&task, "app").await;
    let expected = [
        "out:uid=1000(app) gid=1001(app) groups=50(staff)",
        "out:NoNewPrivs:\t1",
        "out:CapEff:\t0000000000000000",
        "out:CapBnd:\t0000000000000400",
        "out:ip-10-0-1-2",
        "out:/srv/made/here",
        "out:1000",
        "out:HOME=/home/app A=two PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "out:touch: /file: Read-only file system",
        "out:tmp-ok",
        "out:127.0.0.1 localhost",
        "out:nameserver 169.254.169.253",
        "out:8192",
        "out:mknod: /tmp/disk: Operation not permitted",
        "out:1",
    ];
    let mut lines = lines;
    let mut expected = expected.map(String::from).to_vec();
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);
    place.finish(task).await;
}

#[tokio::test]
async fn root_cannot_open_the_machines_disks() {
    let place = Place::new();
    let script =
        "mknod /disk b 254 0 && mknod /n c 1 3 && head -c 1 /disk; echo > /n && echo null-ok";
    let task = place.launch(vec![shell("app", script)]).await;
    task.start_container("app").await.unwrap();
    exit_of(&task, "app").await;
    let mut lines = printed(&task, "app").await;
    lines.sort();
    assert_eq!(lines, ["err:head: /disk: Operation not permitted", "out:null-ok"]);
    place.finish(task).await;
}

#[tokio::test]
async fn what_cannot_be_run_is_told_in_runcs_words() {
    let place = Place::new();
    let with = |name: &str, argv: &[&str], user: &str| ContainerSpec {
        argv: argv.iter().map(|arg| arg.to_string()).collect(),
        user: user.into(),
        ..shell(name, "")
    };
    let task = place
        .launch(vec![
            with("missing", &["foo"], ""),
            with("absent", &["/foo"], ""),
            with("plain", &["/etc/passwd"], ""),
            with("dir", &["/etc"], ""),
            with("user", &["true"], "nobody"),
        ])
        .await;
    let reasons = [
        ("missing", "exec: \"foo\": executable file not found in $PATH"),
        ("absent", "exec: \"/foo\": stat /foo: no such file or directory"),
        ("plain", "exec: \"/etc/passwd\": permission denied"),
        ("dir", "exec: \"/etc\": is a directory"),
        ("user", "unable to find user nobody: no matching entries in passwd file"),
    ];
    for (name, reason) in reasons {
        assert_eq!(task.start_container(name).await.unwrap_err().to_string(), reason);
        let state = task.containers().remove(name).unwrap();
        assert_eq!(state, ContainerState::StartFailed { reason: reason.into() });
        assert!(printed(&task, name).await.is_empty());
    }
    place.finish(task).await;
}

#[tokio::test]
async fn an_executable_for_another_machine_ends_with_255() {
    let place = Place::new();
    place.write("foreign", b"\x7fELF nonsense", 0o755);
    let spec = ContainerSpec { argv: vec!["/foreign".into()], ..shell("app", "") };
    let task = place.launch(vec![spec]).await;
    task.start_container("app").await.unwrap();
    assert_eq!(exit_of(&task, "app").await.code, 255);
    assert_eq!(printed(&task, "app").await, ["err:exec /foreign: exec format error"]);
    place.finish(task).await;
}

#[tokio::test]
async fn stopping_asks_first_and_kills_later() {
    let place = Place::new();
    let polite = "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done";
    let deaf = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
    let task = place.launch(vec![shell("polite", polite), shell("deaf", deaf)]).await;
    for name in ["polite", "deaf"] {
        task.start_container(name).await.unwrap();
        place::wait_for_line(&task, name, "out:ready").await;
    }
    task.stop_container("polite", None, None).await.unwrap();
    assert_eq!(exit_of(&task, "polite").await.code, 7);
    task.stop_container("deaf", Some("SIGTERM"), Some(Duration::from_millis(200))).await.unwrap();
    let exit = exit_of(&task, "deaf").await;
    assert_eq!((exit.code, exit.signal, exit.oom_killed), (137, Some(9), false));
    task.stop_container("deaf", None, None).await.unwrap();
    place.finish(task).await;
}

#[tokio::test]
async fn an_init_hands_on_signals_and_reaps() {
    let place = Place::new();
    // Without an init, `sleep` as process 1 would ignore SIGTERM.
    let plain = ContainerSpec {
        argv: vec!["sleep".into(), "1000".into()],
        init: true,
        ..shell("plain", "")
    };
    let orphans = "(sleep 0.01 &) ; (sleep 0.01 &) ; sleep 0.2; ps -o stat,comm; exit 5";
    let orphans = ContainerSpec { init: true, ..shell("orphans", orphans) };
    let task = place.launch(vec![plain, orphans]).await;
    task.start_container("plain").await.unwrap();
    // Process 1 is a copy of the shim: its memory and program are not for containers.
    let peek = ["sh", "-c", "readlink /proc/1/exe || cat /proc/1/maps"].map(String::from);
    let outcome = task.exec(ExecSpec::new("plain", peek.to_vec())).await.unwrap();
    assert_ne!(outcome.code, 0, "{}", outcome.output);
    task.start_container("orphans").await.unwrap();
    assert_eq!(exit_of(&task, "orphans").await.code, 5);
    let lines = printed(&task, "orphans").await;
    assert!(!lines.iter().any(|line| line.contains("sleep")), "{lines:?}");
    task.stop_container("plain", None, Some(Duration::from_secs(20))).await.unwrap();
    assert_eq!(exit_of(&task, "plain").await.code, 143);
    place.finish(task).await;
}

#[tokio::test]
async fn execs_run_inside_and_are_cut_off() {
    let place = Place::new();
    let spec = ContainerSpec { user: "app".into(), ..shell("app", "sleep 1000") };
    let task = place.launch(vec![spec]).await;
    task.start_container("app").await.unwrap();
    let run = |script: &str| {
        let argv = ["sh", "-c", script].map(String::from).to_vec();
        ExecSpec { env: vec![("X".into(), "y".into())], ..ExecSpec::new("app", argv) }
    };
    let outcome = task.exec(run("id -u; echo $X >&2; exit 4")).await.unwrap();
    assert_eq!((outcome.code, outcome.has_timed_out), (4, false));
    let mut words: Vec<_> = outcome.output.split_whitespace().collect();
    words.sort();
    assert_eq!(words, ["1000", "y"]);

    let as_root = ExecSpec { user: Some("0".into()), ..run("id -u") };
    assert_eq!(task.exec(as_root).await.unwrap().output, "0\n");

    let long = ExecSpec { timeout_ms: Some(150), ..run("sleep 777 & sleep 777; echo never") };
    let outcome = task.exec(long).await.unwrap();
    assert_eq!((outcome.code, outcome.has_timed_out, &outcome.output[..]), (137, true, ""));
    let ps = task.exec(run("ps | grep -c '[s]leep 777'")).await.unwrap();
    assert_eq!(ps.output, "0\n");

    let missing = ExecSpec { argv: vec!["curl".into()], ..run("") };
    let outcome = task.exec(missing).await.unwrap();
    let reason = "exec: \"curl\": executable file not found in $PATH";
    assert_eq!((outcome.code, outcome.failure.as_deref()), (127, Some(reason)));

    let much = ExecSpec { max_output: 10, ..run("yes | head -c 1000000") };
    let outcome = task.exec(much).await.unwrap();
    assert_eq!((outcome.code, outcome.output.len(), outcome.is_truncated), (0, 10, true));
    place.finish(task).await;
}

#[tokio::test]
async fn a_volume_takes_the_images_content_and_is_shared() {
    let place = Place::new();
    place.write("data/seed", b"from the image", 0o640);
    place.own("data", 1000, 1001, 0o750);
    let volume = |destination: &str, read_only| Mount::Volume {
        volume: "scratch".into(),
        destination: destination.into(),
        read_only,
    };
    let writer = ContainerSpec {
        mounts: vec![volume("/data", false)],
        user: "app".into(),
        ..shell("writer", "cat /data/seed; echo; stat -c '%u:%g %a' /data; echo more > /data/new")
    };
    let reader = ContainerSpec {
        mounts: vec![volume("/shared", true)],
        ..shell("reader", "ls /shared | xargs; cat /shared/new; touch /shared/x 2>&1")
    };
    let task = place.launch(vec![writer, reader]).await;
    task.start_container("writer").await.unwrap();
    assert_eq!(exit_of(&task, "writer").await.code, 0);
    assert_eq!(printed(&task, "writer").await, ["out:from the image", "out:1000:1001 750"]);
    task.start_container("reader").await.unwrap();
    exit_of(&task, "reader").await;
    let expected = ["out:new seed", "out:more", "out:touch: /shared/x: Read-only file system"];
    assert_eq!(printed(&task, "reader").await, expected);
    place.finish(task).await;
}

#[tokio::test]
async fn containers_of_a_task_share_its_network_and_it_is_counted() {
    let place = Place::new();
    let netns = Netns::new();
    assert!(netns.ip(&["link", "add", "eth0", "type", "veth", "peer", "name", "eth1"]));
    let server = shell("server", "httpd -f -p 127.0.0.1:8080 -h /etc");
    let client = shell(
        "client",
        "until wget -qO- http://127.0.0.1:8080/passwd >/dev/null 2>&1; do sleep 0.05; done; echo got",
    );
    let mut spec = place.spec(vec![server, client]);
    spec.netns = Some(netns.path());
    let task = place.runtime.launch(spec).await.unwrap();
    for name in ["server", "client"] {
        task.start_container(name).await.unwrap();
    }
    assert_eq!(exit_of(&task, "client").await.code, 0);
    assert_eq!(printed(&task, "client").await, ["out:got"]);
    assert!(task.stats().networks.contains_key("eth0"), "{:?}", task.stats().networks);
    place.finish(task).await;
}

#[tokio::test]
async fn a_flood_is_kept_whole_and_trimmed() {
    let place = Place::new();
    let task = place.launch(vec![shell("app", "seq 1 2000000; echo end >&2")]).await;
    task.start_container("app").await.unwrap();
    let mut tail = task.logs("app", 0).unwrap();
    let (mut next, mut errors) = (1u64, 0);
    while let Some(batch) = tail.next(1 << 20).await.unwrap() {
        for line in &batch.lines {
            match line.stream {
                neargate_runtime::logs::Stream::Stderr => errors += 1,
                neargate_runtime::logs::Stream::Stdout => {
                    assert_eq!(line.bytes, next.to_string().as_bytes());
                    next += 1;
                }
            }
        }
        tail.trim(batch.next_offset).unwrap();
    }
    assert_eq!((next, errors), (2_000_001, 1));
    place.finish(task).await;
}

#[tokio::test]
async fn a_container_starts_again_with_its_files() {
    let place = Place::new();
    let task = place.launch(vec![shell("app", "echo x >> /count; wc -l < /count")]).await;
    let mut events = task.events();
    for _ in 0..2 {
        task.start_container("app").await.unwrap();
        assert!(matches!(events.next().await.unwrap().what, Happened::Started { .. }));
        assert!(matches!(events.next().await.unwrap().what, Happened::Exited(_)));
    }
    assert_eq!(printed(&task, "app").await, ["out:1", "out:2"]);
    place.finish(task).await;
}

/// Version 2 as the only hierarchy, in a mount namespace of its own. The
/// controllers stay with version 1 there, so nothing that sets a limit can be
/// among these.
#[test]
fn what_needs_no_controller_holds_on_version_2() {
    let mountinfo = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    if !mountinfo.contains(" /sys/fs/cgroup/unified ") {
        return;
    }
    let script = "
        for m in $(awk '$5 ~ \"^/sys/fs/cgroup/\" {print $5}' /proc/self/mountinfo); do umount $m; done
        mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"";
    let tests = [
        "a_command_prints_and_ends",
        "execs_run_inside_and_are_cut_off",
        "root_cannot_open_the_machines_disks",
        "stopping_asks_first_and_kills_later",
    ];
    let output = std::process::Command::new("unshare")
        .args(["-m", "--propagation", "private", "sh", "-c", script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .arg("--exact")
        .args(tests)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("4 passed"), "{text}");
}
