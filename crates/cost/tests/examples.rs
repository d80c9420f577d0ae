//! What the examples cost. `dev.json` and `prod.json` are what `terraform show -json` prints of
//! their plans, as far as prices look at it.

use expect_test::expect;
use neargate_cost::{estimate, read};

fn cost(document: &str) -> String {
    let resources = read(document).expect("a plan");
    estimate(&resources, "us-west-2").expect("a region with prices").to_string()
}

#[test]
fn dev() {
    expect![[r#"
        module.ecs.aws_lb.this                                          23.73  a load balancer and its 2 public addresses
        module.database.aws_db_instance.this                            13.98  db.t4g.micro with 20 GB of gp3
        module.ecs.aws_ecs_cluster.this                                 11.10  Container Insights of one service
        module.networking.aws_vpc_endpoint.interface["ecr.api"]          7.30  an endpoint of ecr.api in one zone
        module.networking.aws_vpc_endpoint.interface["ecr.dkr"]          7.30  an endpoint of ecr.dkr in one zone
        module.networking.aws_vpc_endpoint.interface["logs"]             7.30  an endpoint of logs in one zone
        module.networking.aws_vpc_endpoint.interface["secretsmanager"]   7.30  an endpoint of secretsmanager in one zone
        module.ecs.aws_ecs_service.rolling_fixed[0]                      2.70  1 task of 0.25 vCPU and 0.5 GB, on Spot
        module.database.aws_secretsmanager_secret.this                   0.40  a secret
        together                                                        81.11  US dollars a month

        Not counted, or taken for granted:
          Container Insights at its 37 metrics of a cluster with one service, each as one of the account's own; enhanced costs by task instead
          Spot at 30% of the price on demand; it moves, and is not always there
          backups no larger than the database's storage, which is free
          endpoints in one zone, as a plan does not know the subnets that it makes
          load balancers in two zones, where a plan does not know their subnets
          no images: $0.10 a GB and month
          no logs: $0.50 a GB, and $0.03 for each month that a GB is kept
          no traffic at the load balancer: an LCU (25 connections a second, or 1 GB an hour) is $0.008 an hour
          no traffic through interface endpoints: $0.01 a GB

        48 other resources cost nothing by themselves.
        Prices of 2025-06-01, for us-east-1 and us-west-2. Written down from what is known of AWS's public prices on demand, and not checked against its price list: AWS's calculator has the last word.
    "#]].assert_eq(&cost(include_str!("dev.json")));
}

#[test]
fn prod() {
    expect![[r#"
        module.ecs.aws_ecs_service.rolling_autoscaled[0]                 36.04 to 180.20  2 to 10 tasks of 0.5 vCPU and 1 GB
        module.database.aws_db_instance.this                                       51.32  db.t4g.small with 20 GB of gp3, in two zones
        module.ecs.aws_lb.this                                                     23.73  a load balancer and its 2 public addresses
        module.ecs.aws_ecs_cluster.this                                            11.10  Container Insights of one service
        module.networking.aws_vpc_endpoint.interface["ecr.api"]                     7.30  an endpoint of ecr.api in one zone
        module.networking.aws_vpc_endpoint.interface["ecr.dkr"]                     7.30  an endpoint of ecr.dkr in one zone
        module.networking.aws_vpc_endpoint.interface["logs"]                        7.30  an endpoint of logs in one zone
        module.networking.aws_vpc_endpoint.interface["secretsmanager"]              7.30  an endpoint of secretsmanager in one zone
        module.ecs.aws_cloudwatch_dashboard.this[0]                                 3.00  a dashboard
        module.database.aws_secretsmanager_secret.this                              0.40  a secret
        module.ecs.aws_appautoscaling_policy.cpu[0]                                 0.20  the two alarms of target tracking
        module.ecs.aws_appautoscaling_policy.memory[0]                              0.20  the two alarms of target tracking
        module.ecs.aws_cloudwatch_metric_alarm.this["cpu"]                          0.10  an alarm
        module.ecs.aws_cloudwatch_metric_alarm.this["errors_5xx"]                   0.10  an alarm
        module.ecs.aws_cloudwatch_metric_alarm.this["memory"]                       0.10  an alarm
        module.ecs.aws_cloudwatch_metric_alarm.this["response_time"]                0.10  an alarm
        module.ecs.aws_cloudwatch_metric_alarm.this["running_tasks"]                0.10  an alarm
        together                                                        155.69 to 299.85  US dollars a month

        Not counted, or taken for granted:
          Container Insights at its 37 metrics of a cluster with one service, each as one of the account's own; enhanced costs by task instead
          backups no larger than the database's storage, which is free
          dashboards at their price; an account's first three are free
          endpoints in one zone, as a plan does not know the subnets that it makes
          load balancers in two zones, where a plan does not know their subnets
          no images: $0.10 a GB and month
          no logs: $0.50 a GB, and $0.03 for each month that a GB is kept
          no traffic at the load balancer: an LCU (25 connections a second, or 1 GB an hour) is $0.008 an hour
          no traffic through interface endpoints: $0.01 a GB

        53 other resources cost nothing by themselves.
        Prices of 2025-06-01, for us-east-1 and us-west-2. Written down from what is known of AWS's public prices on demand, and not checked against its price list: AWS's calculator has the last word.
    "#]].assert_eq(&cost(include_str!("prod.json")));
}

#[test]
fn a_state_is_read_too_and_other_documents_are_refused() {
    let state = r#"{"version": 4, "serial": 1, "resources": [
        {"mode": "data", "type": "aws_region", "name": "here", "instances": [{"attributes": {}}]},
        {"module": "module.web", "mode": "managed", "type": "aws_eip", "name": "nat",
         "instances": [{"index_key": 0, "attributes": {}}, {"index_key": "b", "attributes": {}}]},
        {"mode": "managed", "type": "aws_instance", "name": "box", "instances": [{"attributes": {}}]}]}"#;
    let estimate = estimate(&read(state).expect("a state"), "us-east-1").expect("prices");
    let lines: Vec<_> = estimate.lines.iter().map(|line| line.address.as_str()).collect();
    assert_eq!(lines, ["module.web.aws_eip.nat[\"b\"]", "module.web.aws_eip.nat[0]"]);
    assert_eq!(estimate.unknown, ["aws_instance.box"]);
    let refused = |text: &str| read(text).expect_err("not a stack").to_string();
    expect!["this is a Terraform state of format 3: `terraform refresh` brings it to format 4"]
        .assert_eq(&refused(r#"{"version": 3, "serial": 1}"#));
    expect!["this is neither a Terraform state of format 4 nor what `terraform show -json` prints: it has none of `resources`, `planned_values` and `values`"].assert_eq(&refused("[]"));
    expect!["this is not JSON: expected value at line 1 column 1"]
        .assert_eq(&refused("resource {"));
    let nowhere = neargate_cost::estimate(&[], "eu-north-1").expect_err("no prices").to_string();
    expect!["the price table has no prices of eu-north-1: it has those of us-east-1 and us-west-2; --region takes one of them"].assert_eq(&nowhere);
}

#[test]
fn a_service_costs_by_where_its_tasks_run() {
    let service = |strategy: &str, count: u32| {
        let state = format!(
            r#"{{"version": 4, "resources": [
            {{"mode": "managed", "type": "aws_ecs_service", "name": "web", "instances": [{{"attributes": {{
                "name": "web", "desired_count": {count}, "task_definition": "arn:web:3",
                "capacity_provider_strategy": {strategy},
                "network_configuration": [{{"assign_public_ip": true}}]}}}}]}},
            {{"mode": "managed", "type": "aws_ecs_task_definition", "name": "other", "instances": [{{"attributes": {{
                "arn": "arn:web:1", "cpu": "4096", "memory": "8192"}}}}]}},
            {{"mode": "managed", "type": "aws_ecs_task_definition", "name": "web", "instances": [{{"attributes": {{
                "arn": "arn:web:3", "cpu": "1024", "memory": "2048",
                "ephemeral_storage": [{{"size_in_gib": 120}}],
                "runtime_platform": [{{"cpu_architecture": "ARM64"}}]}}}}]}}]}}"#
        );
        let estimate = estimate(&read(&state).expect("a state"), "us-west-2").expect("prices");
        let line = &estimate.lines[0];
        format!("{:.2} {}", line.low, line.what)
    };
    let on_demand = r#"[{"capacity_provider": "FARGATE", "weight": 1}]"#;
    let mixed = r#"[{"capacity_provider": "FARGATE", "base": 1, "weight": 1},
                    {"capacity_provider": "FARGATE_SPOT", "weight": 3}]"#;
    let all = [service("[]", 1), service(on_demand, 2), service(mixed, 1), service(mixed, 5)];
    expect![[r#"
        40.59 1 task of 1 vCPU and 2 GB
        81.18 2 tasks of 1 vCPU and 2 GB
        40.59 1 task of 1 vCPU and 2 GB
        125.37 5 tasks of 1 vCPU and 2 GB, of which 3 of 5 on Spot"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn a_plan_says_what_it_changes() {
    let database = |class: &str| {
        format!(
            r#"{{"mode": "managed", "type": "aws_db_instance", "name": "db", "instances": [{{"attributes": {{
                "instance_class": "{class}", "allocated_storage": 20, "storage_type": "gp3"}}}}]}}"#
        )
    };
    let other = |kind: &str, attributes: &str| {
        format!(
            r#"{{"mode": "managed", "type": "{kind}", "name": "x", "instances": [{{"attributes": {attributes}}}]}}"#
        )
    };
    let state = |all: &[String]| {
        let state = format!(r#"{{"version": 4, "resources": [{}]}}"#, all.join(", "));
        read(&state).expect("a state")
    };
    let before = state(&[
        database("db.t4g.micro"),
        other("aws_nat_gateway", "{}"),
        other("aws_kms_key", "{}"),
    ]);
    let after =
        state(&[database("db.t4g.small"), other("aws_lb", "{}"), other("aws_kms_key", "{}")]);
    let told = |before: &[_], after: &[_]| {
        let change = neargate_cost::change(before, after, "us-west-2").expect("prices");
        change.to_string()
    };
    expect![[r#"
          a month               now   then
        - aws_nat_gateway.x   32.85      -  a NAT gateway
        ~ aws_db_instance.db  13.98  25.66  db.t4g.small with 20 GB of gp3
        + aws_lb.x                -  23.73  a load balancer and its 2 public addresses
          aws_kms_key.x        1.00   1.00  a key
          together            47.83  50.39  US dollars: 2.56 more than now

        Not counted, or taken for granted:
          backups no larger than the database's storage, which is free
          load balancers in two zones, where a plan does not know their subnets
          no traffic at the load balancer: an LCU (25 connections a second, or 1 GB an hour) is $0.008 an hour

        0 other resources cost nothing by themselves.
        Prices of 2025-06-01, for us-east-1 and us-west-2. Written down from what is known of AWS's public prices on demand, and not checked against its price list: AWS's calculator has the last word.
    "#]].assert_eq(&told(&before, &after));
    let last = |told: String| {
        told.lines().find(|line| line.contains("together")).unwrap_or_default().trim().to_owned()
    };
    let all = [last(told(&[], &before)), last(told(&before, &[])), last(told(&before, &before))];
    expect![[r#"
          together            0.00  47.83  US dollars: 47.83 more than now
          together            47.83  0.00  US dollars: 47.83 less than now
          together            47.83  47.83  US dollars: as much as now"#]]
    .assert_eq(&all.join("\n"));
}
