//! Made, used, adopted, killed, moved, stopped, deleted.

use super::*;

#[test]
fn an_instance_serves_and_its_data_survive_everything() {
    on_stage(|stage| async move {
        let spec = stage.spec("db-1", 5432);
        let login = Login::to(&spec);
        let made = stage.postgres().ensure(spec.clone()).await.unwrap();
        assert_eq!(made.started, Started::Made);
        stage.ask(&login, "CREATE TABLE t (x int)").unwrap();
        stage.ask(&login, "INSERT INTO t VALUES (42)").unwrap();

        // The daemon died: another one adopts what runs.
        let postgres = stage.postgres();
        let adopted = postgres.ensure(spec.clone()).await.unwrap();
        assert_eq!((adopted.started, adopted.pid), (Started::Adopted, made.pid));
        assert_eq!(postgres.health("db-1").await.unwrap(), Health::Ready);

        // The server died, and none of its children may stay.
        let ended = postgres.ended("db-1");
        postgres.hand.process("db-1").unwrap().unwrap().signal(rustix::process::Signal::KILL);
        ended.await.unwrap();
        assert_eq!(postgres.health("db-1").await.unwrap(), Health::Down);
        let again = postgres.ensure(spec.clone()).await.unwrap();
        assert_eq!(again.started, Started::Again);
        assert_eq!(stage.ask(&login, "SELECT x FROM t").unwrap(), "42");

        // After a reboot of the machine, another server may have the old pid.
        postgres.stop("db-1").await.unwrap();
        assert_eq!(postgres.health("db-1").await.unwrap(), Health::Down);
        let other = postgres.ensure(stage.spec("db-2", 5439)).await.unwrap();
        let pid_file = stage.root().join("instances/db-1/data/postmaster.pid");
        std::fs::write(&pid_file, format!("{}\n", other.pid)).unwrap();
        assert_eq!(postgres.health("db-1").await.unwrap(), Health::Down);
        let again = postgres.ensure(spec.clone()).await.unwrap();
        assert_eq!(again.started, Started::Again);
        assert_eq!(postgres.health("db-2").await.unwrap(), Health::Ready);
        postgres.delete("db-2", None).await.unwrap();

        // Another port is another place.
        let mut elsewhere = spec.clone();
        elsewhere.port = 5433;
        assert_eq!(postgres.ensure(elsewhere.clone()).await.unwrap().started, Started::Moved);
        assert_eq!(stage.ask(&Login::to(&elsewhere), "SELECT x FROM t").unwrap(), "42");
        assert!(stage.ask(&login, "SELECT 1").unwrap_err().contains("refused"));

        // `neargate down` stops what runs, what was never finished too.
        std::fs::remove_file(stage.root().join("instances/db-1/made")).unwrap();
        assert_eq!(postgres.stop_all().await.unwrap(), 1);
        assert_eq!(postgres.stop_all().await.unwrap(), 0);
        assert!(stage.ask(&Login::to(&elsewhere), "SELECT 1").is_err());

        postgres.delete("db-1", None).await.unwrap();
        postgres.delete("db-1", None).await.unwrap();
        assert!(matches!(postgres.health("db-1").await, Err(PgError::UnknownInstance(_))));
    });
}

#[test]
fn the_master_is_rdss_master_and_the_superuser_stays_home() {
    on_stage(|stage| async move {
        stage.open_to_everybody();
        let mut spec = stage.spec("db-1", 5432);
        spec.force_ssl = true;
        let postgres = stage.postgres();
        postgres.ensure(spec.clone()).await.unwrap();
        let login = Login::to(&spec);

        let root = stage.dir.path().join("root.crt");
        std::fs::write(&root, postgres.authority().unwrap()).unwrap();
        let verified =
            Login { sslmode: "verify-full", root: root.display().to_string(), ..login.clone() };
        let asked = "SELECT current_user, pg_has_role('rds_superuser', 'member'), rolsuper, \
            rolcreatedb, rolcreaterole, current_database(), current_setting('rds.force_ssl') \
            FROM pg_roles WHERE rolname = current_user";
        assert_eq!(stage.ask(&verified, asked).unwrap(), "realworld|t|f|t|t|app-db|1");
        stage.ask(&login, "CREATE TABLE public.t (x int)").unwrap();
        stage.ask(&login, "CREATE ROLE app LOGIN PASSWORD 'app'").unwrap();
        stage.ask(&login, "CREATE EXTENSION pgcrypto").unwrap();

        let wrong_name = Login { host: "other.rds.test".into(), ..verified };
        assert!(stage.ask(&wrong_name, "SELECT 1").unwrap_err().contains("does not match host"));
        let plain = Login { sslmode: "disable", ..login.clone() };
        assert!(stage.ask(&plain, "SELECT 1").unwrap_err().contains("no encryption"));
        let wrong = Login { password: "wrong".into(), ..login.clone() };
        assert!(
            stage.ask(&wrong, "SELECT 1").unwrap_err().contains("password authentication failed")
        );
        let admin = Login { user: "rdsadmin".into(), ..login.clone() };
        assert!(stage.ask(&admin, "SELECT 1").unwrap_err().contains("rejects connection"));

        postgres.set_master_password("db-1", "realworld", "new'er").await.unwrap();
        assert!(stage.ask(&login, "SELECT 1").is_err());
        let new = Login { password: "new'er".into(), ..login };
        assert_eq!(stage.ask(&new, "SELECT 1").unwrap(), "1");

        // Loaded while it runs.
        spec.force_ssl = false;
        spec.parameters.insert("work_mem".into(), "7MB".into());
        assert_eq!(postgres.ensure(spec.clone()).await.unwrap().started, Started::Adopted);
        let plain = Login { sslmode: "disable", ..new };
        while stage.ask(&plain, "SHOW work_mem").as_deref() != Ok("7MB") {}
        postgres.delete("db-1", None).await.unwrap();
    });
}

#[test]
fn instances_are_made_side_by_side_and_run_as_nobody_important() {
    on_stage(|stage| async move {
        let postgres = stage.postgres();
        let specs = [1, 2, 3].map(|n| stage.spec(&format!("db-{n}"), 5430 + n));
        let made = specs.clone().map(|spec| {
            let postgres = postgres.clone();
            tokio::spawn(async move { postgres.ensure(spec).await.unwrap() })
        });
        for (task, spec) in made.into_iter().zip(&specs) {
            let pid = task.await.unwrap().pid;
            assert_eq!(stage.ask(&Login::to(spec), "SELECT 1").unwrap(), "1");
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
            let uid = status.lines().find(|line| line.starts_with("Uid:")).unwrap();
            assert_ne!(uid.split_whitespace().nth(1), Some("0"), "{uid}");
        }
        for spec in &specs {
            postgres.delete(&spec.id, None).await.unwrap();
        }
    });
}

/// A control group of the test's own in the unified hierarchy, if there is one.
struct Group(PathBuf);

impl Group {
    fn make() -> Option<Self> {
        let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(Path::new);
        let root = roots.into_iter().find(|root| root.join("cgroup.controllers").exists())?;
        let group = Self(root.join(format!("neargate-test-{}", std::process::id())));
        std::fs::create_dir(&group.0).unwrap();
        Some(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[test]
fn a_server_and_its_children_live_in_the_groups_that_are_given() {
    on_stage(|stage| async move {
        let Some(group) = Group::make() else { return };
        let mut spec = stage.spec("db-1", 5432);
        spec.cgroups = vec![group.0.clone()];
        let postgres = stage.postgres();
        let pid = postgres.ensure(spec.clone()).await.unwrap().pid;
        let members = std::fs::read_to_string(group.0.join("cgroup.procs")).unwrap();
        assert!(members.lines().any(|line| line == pid.to_string()), "{members}");
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        assert!(children.split_whitespace().count() > 3, "{children}");
        for child in children.split_whitespace() {
            assert!(members.lines().any(|line| line == child), "{child} of {children}");
        }
        postgres.delete("db-1", None).await.unwrap();
        // Only an empty group can be removed.
        std::fs::remove_dir(&group.0).unwrap();
    });
}

/// A server below a closed directory has a copy of the mounts of its start;
/// that must not keep other interfaces alive.
#[test]
fn a_server_keeps_nobody_elses_namespace() {
    on_stage(|stage| async move {
        let postgres = stage.postgres();
        let pid = postgres.ensure(stage.spec("db-1", 5432)).await.unwrap().pid;
        let client = stage.dir.path().join("netns/eni/eni-client");
        let sees_client = || {
            let mounts = std::fs::read_to_string(format!("/proc/{pid}/mountinfo")).unwrap();
            mounts.lines().any(|line| line.contains(client.to_str().unwrap()))
        };
        assert!(sees_client());
        stage.network.detach_eni("eni-client").await.unwrap();
        stage.network.quiesce().await;
        assert!(!sees_client());
        postgres.delete("db-1", None).await.unwrap();
    });
}

#[test]
fn what_was_half_made_is_made_again() {
    on_stage(|stage| async move {
        let spec = stage.spec("db-1", 5432);
        let postgres = stage.postgres();
        let first = postgres.ensure(spec.clone()).await.unwrap();
        // As if the daemon had died between the server's start and the end.
        std::fs::remove_file(stage.root().join("instances/db-1/made")).unwrap();
        let second = stage.postgres().ensure(spec.clone()).await.unwrap();
        assert_eq!(second.started, Started::Made);
        assert_ne!(second.pid, first.pid);
        assert_eq!(stage.ask(&Login::to(&spec), "SELECT 1").unwrap(), "1");
        postgres.delete("db-1", None).await.unwrap();
    });
}
