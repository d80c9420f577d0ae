//! What is written, on both versions.

use expect_test::{Expect, expect};

use super::*;

const UNIFIED: &str =
    "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const HYBRID: &str = "\
30 29 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
31 29 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
32 29 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 29 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
34 29 0:31 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
35 29 0:32 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices
";

fn shown(writes: Vec<Write>) -> String {
    let line = |write: Write| match write {
        Write::MakeDir(dir) => format!("mkdir {}\n", dir.display()),
        Write::Set { file, value, optional } => {
            format!("{} <- {value}{}\n", file.display(), if optional { " (optional)" } else { "" })
        }
    };
    writes.into_iter().map(line).collect()
}

fn check(mountinfo: &str, expected: Expect) {
    let layout = layout(mountinfo).unwrap();
    let path = Path::new("ng/t1");
    let all = Limits {
        cpu_shares: Some(512),
        cpu_quota: Some(256),
        memory: Some(536_870_912),
        memory_reservation: Some(268_435_456),
        pids: Some(100),
    };
    let mut writes = create(&layout, path);
    writes.extend(limits(&layout, path, &all));
    expected.assert_eq(&shown(writes));
}

#[test]
fn version_2() {
    check(
        UNIFIED,
        expect![[r#"
        /sys/fs/cgroup/cgroup.subtree_control <- +cpu (optional)
        /sys/fs/cgroup/cgroup.subtree_control <- +memory (optional)
        /sys/fs/cgroup/cgroup.subtree_control <- +pids (optional)
        mkdir /sys/fs/cgroup/ng
        /sys/fs/cgroup/ng/cgroup.subtree_control <- +cpu (optional)
        /sys/fs/cgroup/ng/cgroup.subtree_control <- +memory (optional)
        /sys/fs/cgroup/ng/cgroup.subtree_control <- +pids (optional)
        mkdir /sys/fs/cgroup/ng/t1
        /sys/fs/cgroup/ng/t1/cpu.weight <- 20
        /sys/fs/cgroup/ng/t1/cpu.max <- 25000 100000
        /sys/fs/cgroup/ng/t1/memory.max <- 536870912
        /sys/fs/cgroup/ng/t1/memory.swap.max <- 0 (optional)
        /sys/fs/cgroup/ng/t1/memory.low <- 268435456
        /sys/fs/cgroup/ng/t1/pids.max <- 100
    "#]],
    );
}

#[test]
fn version_1() {
    check(
        HYBRID,
        expect![[r#"
        mkdir /sys/fs/cgroup/cpu,cpuacct/ng
        mkdir /sys/fs/cgroup/cpu,cpuacct/ng/t1
        mkdir /sys/fs/cgroup/devices/ng
        mkdir /sys/fs/cgroup/devices/ng/t1
        mkdir /sys/fs/cgroup/memory/ng
        mkdir /sys/fs/cgroup/memory/ng/t1
        mkdir /sys/fs/cgroup/pids/ng
        mkdir /sys/fs/cgroup/pids/ng/t1
        /sys/fs/cgroup/cpu,cpuacct/ng/t1/cpu.shares <- 512
        /sys/fs/cgroup/cpu,cpuacct/ng/t1/cpu.cfs_period_us <- 100000
        /sys/fs/cgroup/cpu,cpuacct/ng/t1/cpu.cfs_quota_us <- 25000
        /sys/fs/cgroup/memory/ng/t1/memory.limit_in_bytes <- 536870912
        /sys/fs/cgroup/memory/ng/t1/memory.memsw.limit_in_bytes <- 536870912 (optional)
        /sys/fs/cgroup/memory/ng/t1/memory.swappiness <- 0 (optional)
        /sys/fs/cgroup/memory/ng/t1/memory.soft_limit_in_bytes <- 268435456
        /sys/fs/cgroup/pids/ng/t1/pids.max <- 100
    "#]],
    );
}

#[test]
fn version_1_devices() {
    let layout = layout(HYBRID).unwrap();
    expect![[r#"
        /sys/fs/cgroup/devices/ng/t1/devices.deny <- a
        /sys/fs/cgroup/devices/ng/t1/devices.allow <- c *:* m
        /sys/fs/cgroup/devices/ng/t1/devices.allow <- b *:* m
        /sys/fs/cgroup/devices/ng/t1/devices.allow <- c 1:3 rwm
        /sys/fs/cgroup/devices/ng/t1/devices.allow <- c 1:5 rwm
        /sys/fs/cgroup/devices/ng/t1/devices.allow <- c 1:7 rwm
        /sys/fs/cgroup/devices/ng/t1/devices.allow <- c 1:8 rwm
        /sys/fs/cgroup/devices/ng/t1/devices.allow <- c 1:9 rwm
        /sys/fs/cgroup/devices/ng/t1/devices.allow <- c 5:0 rwm
        /sys/fs/cgroup/devices/ng/t1/devices.allow <- c 5:2 rwm
        /sys/fs/cgroup/devices/ng/t1/devices.allow <- c 136:* rwm
    "#]]
    .assert_eq(&shown(devices(&layout, Path::new("ng/t1"))));
}

#[test]
fn no_limits_write_nothing() {
    for mountinfo in [UNIFIED, HYBRID] {
        let layout = layout(mountinfo).unwrap();
        assert_eq!(limits(&layout, Path::new("t"), &Limits::default()), []);
    }
}

#[test]
fn values() {
    assert_eq!(value_of("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "oom_kill"), Some(3));
    assert_eq!(weight_of_shares(2), 1);
    assert_eq!(weight_of_shares(1024), 39);
    assert_eq!(weight_of_shares(262_144), 10_000);
    assert_eq!(layout("1 2 0:1 / / rw - ext4 /dev/x rw"), None);
}
