//! What the kernel is asked for.

use expect_test::expect;

use super::*;

fn prepared() -> Prepared {
    Prepared {
        rootfs: "/tasks/t/containers/app/rootfs".into(),
        cgroup: "/ng/t/app/init".into(),
        cgroup_views: vec![("/sys/fs/cgroup/ng/t/app".into(), "/sys/fs/cgroup".into())],
        user: User { uid: 1000, gid: 1001, groups: vec![50], home: "/home/app".into() },
        binds: vec![
            Bind { source: "/v/deep".into(), destination: "/data/deep".into(), read_only: true },
            Bind { source: "/v/data".into(), destination: "/data".into(), read_only: false },
        ],
        ceiling: |_| 65_536,
    }
}

#[test]
fn a_process() {
    let container = ContainerSpec {
        argv: vec!["python".into(), "app.py".into()],
        env: vec![
            ("A".into(), "1".into()),
            ("PATH".into(), "/bin".into()),
            ("A".into(), "2".into()),
        ],
        cap_drop: vec!["ALL".into()],
        cap_add: vec!["NET_BIND_SERVICE".into()],
        no_new_privileges: true,
        ulimits: vec![
            Ulimit { name: "nofile".into(), soft: 1024, hard: 1_000_000 },
            Ulimit { name: "core".into(), soft: -1, hard: 0 },
        ],
        ..ContainerSpec::default()
    };
    let (process, notes) = process(&container, &prepared());
    let shown =
        format!("{}\n{}\n", serde_json::to_string_pretty(&process).unwrap(), notes.join("\n"));
    expect![[r#"
        {
          "args": [
            "python",
            "app.py"
          ],
          "capabilities": {
            "ambient": [],
            "bounding": [
              "CAP_NET_BIND_SERVICE"
            ],
            "effective": [
              "CAP_NET_BIND_SERVICE"
            ],
            "inheritable": [],
            "permitted": [
              "CAP_NET_BIND_SERVICE"
            ]
          },
          "cwd": "/",
          "env": [
            "PATH=/bin",
            "HOME=/home/app",
            "A=2"
          ],
          "noNewPrivileges": true,
          "rlimits": [
            {
              "hard": 65536,
              "soft": 1024,
              "type": "RLIMIT_NOFILE"
            },
            {
              "hard": 0,
              "soft": 0,
              "type": "RLIMIT_CORE"
            }
          ],
          "user": {
            "additionalGids": [
              50
            ],
            "gid": 1001,
            "uid": 1000
          }
        }
        ulimit nofile is 65536 instead of 1000000: raising it needs CAP_SYS_RESOURCE
    "#]]
    .assert_eq(&shown);
}

#[test]
fn mounts_lie_over_each_other_in_order() {
    let container = ContainerSpec {
        mounts: vec![Mount::Tmpfs {
            destination: "/tmp".into(),
            size: 1 << 20,
            options: vec!["noexec".into()],
        }],
        ..ContainerSpec::default()
    };
    let line = |mount: &Value| {
        let options: Vec<&str> =
            mount["options"].as_array().unwrap().iter().map(|o| o.as_str().unwrap()).collect();
        let text = |key: &str| mount[key].as_str().unwrap().to_owned();
        format!(
            "{} {} {} {}\n",
            text("destination"),
            text("type"),
            text("source"),
            options.join(",")
        )
    };
    let shown: String = mounts(&container, &prepared()).iter().map(line).collect();
    expect![[r#"
        /proc proc proc nosuid,noexec,nodev
        /dev tmpfs tmpfs nosuid,strictatime,mode=755,size=65536k
        /dev/pts devpts devpts nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5
        /sys sysfs sysfs nosuid,noexec,nodev,ro
        /dev/mqueue mqueue mqueue nosuid,noexec,nodev
        /dev/shm tmpfs shm nosuid,noexec,nodev,mode=1777,size=67108864
        /sys/fs/cgroup bind /sys/fs/cgroup/ng/t/app bind,ro,nosuid,noexec,nodev
        /data bind /v/data rbind,rprivate,rw
        /tmp tmpfs tmpfs nosuid,nodev,mode=1777,size=1048576,noexec
        /data/deep bind /v/deep rbind,rprivate,ro
    "#]]
    .assert_eq(&shown);
}
