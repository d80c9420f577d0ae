//! Data that outlive their instance.

use super::*;

#[test]
fn a_snapshot_is_the_data_of_its_moment() {
    on_stage(|stage| async move {
        let postgres = stage.postgres();
        let spec = stage.spec("db-1", 5432);
        let login = Login::to(&spec);
        postgres.ensure(spec.clone()).await.unwrap();
        stage.ask(&login, "CREATE TABLE t AS SELECT 1 AS x").unwrap();
        postgres.take_snapshot("db-1", "live").await.unwrap();
        stage.ask(&login, "INSERT INTO t VALUES (2)").unwrap();
        let refused = postgres.take_snapshot("db-1", "live").await.unwrap_err().to_string();
        assert_eq!(refused, "snapshot live exists already");
        postgres.delete("db-1", Some("final")).await.unwrap();
        assert_eq!(postgres.snapshots().unwrap(), ["final", "live"]);

        for (name, expected, port) in [("live", "1", 5433), ("final", "2", 5434)] {
            let mut restored = stage.spec(&format!("db-{name}"), port);
            restored.restore_from = Some(name.into());
            restored.master_password = "another".into();
            postgres.ensure(restored.clone()).await.unwrap();
            let rows = stage.ask(&Login::to(&restored), "SELECT count(*) FROM t").unwrap();
            assert_eq!(rows, expected, "{name}");
            postgres.delete(&restored.id, None).await.unwrap();
            postgres.delete_snapshot(name).await.unwrap();
        }
        assert_eq!(postgres.snapshots().unwrap(), Vec::<String>::new());
    });
}
