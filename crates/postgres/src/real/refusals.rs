//! What can't be done says why, and leaves nothing.

use super::*;

async fn refused(stage: &Stage, change: impl FnOnce(&mut InstanceSpec)) -> String {
    let mut spec = stage.spec("db-1", 5432);
    change(&mut spec);
    let refused = stage.postgres().ensure(spec).await.unwrap_err().to_string();
    assert!(stage.postgres().health("db-1").await.is_err());
    refused
}

#[test]
fn wrong_requests_are_refused_before_anything_is_made() {
    on_stage(|stage| async move {
        let told = refused(&stage, |spec| spec.master_username = "rdsadmin".into()).await;
        assert!(told.contains("are reserved"), "{told}");
        let told = refused(&stage, |spec| spec.restore_from = Some("none".into())).await;
        assert_eq!(told, "snapshot none does not exist");
        let told = refused(&stage, |spec| spec.major_version = Some(7)).await;
        assert!(told.starts_with("PostgreSQL 7 is needed for db-1 and only "), "{told}");
        let told = refused(&stage, |spec| {
            spec.parameters.insert("port".into(), "1".into());
        })
        .await;
        assert_eq!(told, "parameter port: can't be modified");
        let told = refused(&stage, |spec| spec.id = "../x".into()).await;
        assert!(told.starts_with("DB instance identifier \"../x\" can't be used"), "{told}");
        assert_eq!(stage.postgres().instances().unwrap(), Vec::<String>::new());
    });
}

#[test]
fn a_server_that_does_not_start_says_why_in_its_own_words() {
    on_stage(|stage| async move {
        let told = refused(&stage, |spec| {
            spec.parameters.insert("work_mem".into(), "lots".into());
        })
        .await;
        assert!(told.contains("invalid value for parameter \"work_mem\": \"lots\""), "{told}");
        let told = refused(&stage, |spec| spec.listen = [10, 0, 9, 9].into()).await;
        assert!(told.contains("could not bind IPv4 address \"10.0.9.9\""), "{told}");
        // And the next try is as if nothing had been.
        let postgres = stage.postgres();
        let spec = stage.spec("db-1", 5432);
        postgres.ensure(spec.clone()).await.unwrap();
        assert_eq!(stage.ask(&Login::to(&spec), "SELECT 1").unwrap(), "1");
        postgres.delete("db-1", None).await.unwrap();
    });
}

#[test]
fn a_machine_without_postgresql_is_told_what_to_install() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { root: dir.path().join("rds"), bin: Some("/nowhere".into()), user: None };
    let told = Postgres::new(config).err().unwrap().to_string();
    assert_eq!(
        told,
        "no PostgreSQL server was found in /nowhere: install it (Debian, Ubuntu: apt install \
         postgresql) or name the directory of its programs"
    );
}
