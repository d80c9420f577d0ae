//! A place for one test: an image root, a runtime of its own, and the check
//! that nothing of it is left on the machine.

#![allow(clippy::unwrap_used, dead_code, reason = "each test program uses a part of this")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use neargate_runtime::logs::Stream;
use neargate_runtime::{Config, ContainerSpec, Exit, Happened, Limits, Runtime, Task, TaskSpec};

static COUNT: AtomicU32 = AtomicU32::new(0);

pub struct Place {
    dir: tempfile::TempDir,
    pub runtime: Runtime,
    pub prefix: String,
}

/// A container that runs a shell script; [`Place::launch`] gives it the layers.
pub fn shell(name: &str, script: &str) -> ContainerSpec {
    ContainerSpec {
        name: name.into(),
        argv: ["sh", "-c", script].map(String::from).to_vec(),
        ..ContainerSpec::default()
    }
}

/// A test that fails half-way leaves nothing either.
impl Drop for Place {
    fn drop(&mut self) {
        let runtime = self.runtime.clone();
        let clean_up = move || {
            let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let _ = tokio.unwrap().block_on(runtime.remove_orphans(&BTreeSet::new()));
            let _ = runtime.remove_cgroup();
        };
        let _ = std::thread::spawn(clean_up).join();
    }
}

/// A network namespace with `lo` up, pinned at a path as the `net` crate does
/// it; unpinned when dropped.
pub struct Netns {
    dir: tempfile::TempDir,
}

impl Netns {
    pub fn new() -> Netns {
        let netns = Netns { dir: tempfile::tempdir().unwrap() };
        fs::write(netns.path(), "").unwrap();
        let unshare = format!("--net={}", netns.path().display());
        assert!(Command::new("unshare").args([&unshare, "true"]).status().unwrap().success());
        assert!(netns.ip(&["link", "set", "lo", "up"]));
        netns
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("netns")
    }

    /// Runs `ip` inside; whether it succeeded.
    pub fn ip(&self, arguments: &[&str]) -> bool {
        let net = format!("--net={}", self.path().display());
        let mut command = Command::new("nsenter");
        command.args([&net, "ip"]).args(arguments).output().unwrap().status.success()
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-q").arg(self.path()).output();
    }
}

impl Place {
    pub fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("neargate-test-{}-{count}", std::process::id());
        make_image(&dir.path().join("image"));
        fs::create_dir(dir.path().join("upper-layer")).unwrap();
        let shim = vec![env!("CARGO_BIN_EXE_neargate-test-shim").into()];
        let config = Config::new(dir.path().join("tasks"), shim, &prefix);
        Place { runtime: Runtime::new(config).unwrap(), prefix, dir }
    }

    /// Puts a file into the image's second layer.
    pub fn write(&self, path: &str, bytes: &[u8], mode: u32) {
        let path = self.layer().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Gives a directory of the image and its files to a user.
    pub fn own(&self, path: &str, uid: u32, gid: u32, mode: u32) {
        let path = self.layer().join(path);
        for entry in fs::read_dir(&path).unwrap() {
            chown(entry.unwrap().path(), Some(uid), Some(gid)).unwrap();
        }
        chown(&path, Some(uid), Some(gid)).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn layer(&self) -> PathBuf {
        self.path("upper-layer")
    }

    pub async fn launch(&self, containers: Vec<ContainerSpec>) -> Task {
        self.launch_limited(Limits::default(), containers).await
    }

    pub async fn launch_limited(&self, limits: Limits, containers: Vec<ContainerSpec>) -> Task {
        let spec = TaskSpec { limits, ..self.spec(containers) };
        self.runtime.launch(spec).await.unwrap()
    }

    /// A task of these containers, with the layers of the image.
    pub fn spec(&self, containers: Vec<ContainerSpec>) -> TaskSpec {
        let layers = vec![self.path("image"), self.layer()];
        let with_layers = |spec| ContainerSpec { layers: layers.clone(), ..spec };
        let containers = containers.into_iter().map(with_layers).collect();
        TaskSpec { id: "task1".into(), containers, ..TaskSpec::default() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Another runtime of the same place.
    pub fn runtime_with_shim(&self, shim: &str) -> Runtime {
        let config = Config::new(self.path("tasks"), vec![shim.into()], &self.prefix);
        Runtime::new(config).unwrap()
    }

    /// Deletes the task, and checks that nothing is left.
    pub async fn finish(self, task: Task) {
        let shim = self.shim_pid();
        task.delete().await.unwrap();
        task.delete().await.unwrap();
        assert!(!is_running(shim), "the shim is left");
        self.check_clean();
    }

    pub fn check_clean(self) {
        assert_eq!(self.runtime.orphans(&BTreeSet::new()).unwrap(), []);
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        assert!(!mounts.contains(self.dir.path().to_str().unwrap()), "a mount is left");
        self.runtime.remove_cgroup().unwrap();
        let left = Command::new("find").args(["/sys/fs/cgroup", "-name", &self.prefix]).output();
        assert_eq!(String::from_utf8(left.unwrap().stdout).unwrap(), "", "a cgroup is left");
    }

    pub fn task_dir(&self) -> PathBuf {
        self.path("tasks/task1")
    }

    pub fn shim_pid(&self) -> i32 {
        let text = fs::read_to_string(self.task_dir().join("shim.json")).unwrap();
        let shim: serde_json::Value = serde_json::from_str(&text).unwrap();
        shim["pid"].as_i64().unwrap() as i32
    }
}

/// Whether a process is there and no zombie.
pub fn is_running(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.starts_with(" Z"))
}

/// Waits for a container's (first) end.
pub async fn exit_of(task: &Task, container: &str) -> Exit {
    let mut events = task.events();
    while let Some(event) = events.next().await {
        match event.what {
            Happened::Exited(exit) if event.container == container => return exit,
            _ => {}
        }
    }
    panic!("{container} was deleted before it ended");
}

/// All that a container printed, to its end, as `out:line` and `err:line`.
pub async fn printed(task: &Task, container: &str) -> Vec<String> {
    let mut tail = task.logs(container, 0).unwrap();
    let mut lines = Vec::new();
    while let Some(batch) = tail.next(1 << 20).await.unwrap() {
        lines.extend(batch.lines.iter().map(shown));
    }
    lines
}

/// Waits until a container has printed a line.
pub async fn wait_for_line(task: &Task, container: &str, line: &str) {
    let mut tail = task.logs(container, 0).unwrap();
    while let Some(batch) = tail.next(1 << 20).await.unwrap() {
        if batch.lines.iter().any(|printed| shown(printed) == line) {
            return;
        }
    }
    panic!("{container} ended before it printed {line}");
}

fn shown(line: &neargate_runtime::logs::Line) -> String {
    let stream = match line.stream {
        Stream::Stdout => "out",
        Stream::Stderr => "err",
    };
    format!("{stream}:{}", String::from_utf8_lossy(&line.bytes))
}

fn make_image(root: &Path) {
    for dir in ["bin", "etc", "home/app", "tmp", "proc", "sys", "dev"] {
        fs::create_dir_all(root.join(dir)).unwrap();
    }
    let busybox =
        ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|path| Path::new(path).exists());
    let busybox = busybox.expect("these tests need Debian's busybox-static");
    fs::copy(busybox, root.join("bin/busybox")).unwrap();
    let applets = Command::new(busybox).arg("--list").output().unwrap();
    for applet in String::from_utf8(applets.stdout).unwrap().lines() {
        if applet != "busybox" {
            symlink("busybox", root.join("bin").join(applet)).unwrap();
        }
    }
    let passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n";
    fs::write(root.join("etc/passwd"), passwd).unwrap();
    fs::write(root.join("etc/group"), "root:x:0:\napp:x:1001:\nstaff:x:50:app\n").unwrap();
}
