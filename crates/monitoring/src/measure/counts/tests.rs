use std::fmt::Write;

use expect_test::expect;
use neargate_api::types::ecs;
use neargate_api::{Stored, Timestamp};
use neargate_testkit::ctx;

use super::*;

fn cluster(name: &str, insights: &str) -> Cluster {
    let setting = ecs::ClusterSetting {
        name: Some("containerInsights".into()),
        value: Some(insights.into()),
    };
    Cluster {
        region: "us-west-2".into(),
        name: name.into(),
        arn: format!("arn:aws:ecs:us-west-2:000000000000:cluster/{name}"),
        active: true,
        settings: vec![Stored(setting)],
        configuration: None,
        service_connect_defaults: None,
        capacity_providers: Vec::new(),
        default_capacity_provider_strategy: Vec::new(),
        tags: Default::default(),
    }
}

fn service(cluster: &str, name: &str) -> Service {
    Service {
        region: "us-west-2".into(),
        cluster: cluster.into(),
        name: name.into(),
        arn: format!("arn:aws:ecs:us-west-2:000000000000:service/{cluster}/{name}"),
        status: ServiceStatus::Active,
        controller: Controller::Ecs,
        desired_count: 2,
        deployments: Vec::new(),
        last_completed: None,
        events: Default::default(),
        steady: false,
        rebalancing: None,
        asked_for: None,
        created_at: Timestamp::default(),
        deleted_at: None,
        wire: Default::default(),
        tags: Default::default(),
    }
}

#[tokio::test]
async fn a_service_without_tasks_is_told_to_have_none_and_a_cluster_without_insights_nothing() {
    let ctx = ctx();
    ctx.write(|tx| {
        tx.put(cluster("prod", "enabled"));
        tx.put(cluster("dev", "disabled"));
        tx.put(service("prod", "web"));
        tx.put(service("dev", "web"));
        let gone = Service { status: ServiceStatus::Inactive, ..service("prod", "old") };
        tx.put(gone);
        Ok(())
    })
    .await
    .unwrap();
    let mut told = Told::default();
    tell(&ctx.snapshot(), &mut told);
    let mut lines = String::new();
    for datum in told.minutes(0, 1).flatten() {
        let service = datum.metric.dimension("ServiceName").unwrap_or("-");
        let cluster = datum.metric.dimension("ClusterName").unwrap();
        let (name, sum) = (&datum.metric.name, datum.values.sum);
        writeln!(lines, "{cluster} {service} {name} {sum}").unwrap();
    }
    expect![[r#"
        prod web DeploymentCount 0
        prod web DesiredTaskCount 2
        prod web PendingTaskCount 0
        prod web RunningTaskCount 0
        prod - ServiceCount 1
        prod - TaskCount 0
        prod web TaskSetCount 0
    "#]]
    .assert_eq(&lines);
}
