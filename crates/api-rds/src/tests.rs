//! The operations against a cloud in memory.

use neargate_api::model::ec2::{Cidr, Subnet};
use neargate_api::{Ctx, StoreError};
use neargate_testkit as testkit;
use serde_json::{Value as Json, json};

use super::service;

/// A VPC with a subnet in each of two zones, and two subnets in the first.
async fn ctx() -> Ctx {
    let ctx = testkit::ctx();
    let subnet = |id: &str, third: u8, zone: &str| Subnet {
        region: "us-west-2".into(),
        subnet_id: id.into(),
        vpc_id: "vpc-1".into(),
        cidr: format!("10.0.{third}.0/24").parse::<Cidr>().unwrap(),
        zone: zone.into(),
        default_for_az: false,
        map_public_ip_on_launch: false,
        hostname_type: "ip-name".into(),
        resource_name_dns_a: false,
        enable_dns64: false,
    };
    let subnets = [
        subnet("subnet-a", 1, "us-west-2a"),
        subnet("subnet-b", 2, "us-west-2b"),
        subnet("subnet-aa", 3, "us-west-2a"),
    ];
    let write = ctx.cloud.store.write(move |tx| {
        for subnet in subnets {
            tx.put(subnet);
        }
        Ok::<_, StoreError>(())
    });
    write.await.unwrap();
    ctx
}

async fn call(ctx: &Ctx, operation: &str, input: Json) -> Result<String, String> {
    testkit::call(ctx, &service(), operation, input).await.map_err(|e| e.to_string())
}

async fn with_group() -> Ctx {
    let ctx = ctx().await;
    let group = json!({
        "DBSubnetGroupName": "Private",
        "DBSubnetGroupDescription": "for databases",
        "SubnetIds": ["subnet-a", "subnet-b"],
    });
    call(&ctx, "CreateDBSubnetGroup", group).await.unwrap();
    ctx
}

fn database() -> Json {
    json!({
        "DBInstanceIdentifier": "Realworld-Dev",
        "Engine": "postgres",
        "EngineVersion": "16",
        "DBInstanceClass": "db.t3.micro",
        "AllocatedStorage": 20,
        "StorageType": "gp3",
        "MasterUsername": "realworld",
        "MasterUserPassword": "not-kept-anywhere",
        "DBName": "realworld",
        "DBSubnetGroupName": "private",
    })
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(service().unregistered(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_new_instance_is_creating_and_keeps_no_password() {
    let ctx = with_group().await;
    let answer = call(&ctx, "CreateDBInstance", database()).await.unwrap();
    for (name, value) in [
        ("DBInstanceIdentifier", "realworld-dev"),
        ("DBInstanceStatus", "creating"),
        ("EngineVersion", "16.14"),
        ("DBParameterGroupName", "default.postgres16"),
        ("Iops", "3000"),
        ("DBSubnetGroupName", "private"),
    ] {
        assert_eq!(testkit::text(&answer, name), value, "{answer}");
    }
    assert!(!answer.contains("<Endpoint>"), "{answer}");
    let kept = ctx.snapshot().all::<neargate_api::model::rds::DbInstance>().next().unwrap();
    assert!(!serde_json::to_string(&*kept).unwrap().contains("not-kept-anywhere"));
    assert_eq!(
        call(&ctx, "CreateDBInstance", database()).await,
        Err("DBInstanceAlreadyExists: DB instance already exists".into())
    );
}

#[tokio::test]
async fn what_create_refuses() {
    let ctx = with_group().await;
    for (field, value, code) in [
        ("Engine", json!("mysql"), "InvalidParameterValue: Invalid DB engine: mysql"),
        ("EngineVersion", json!("9.6"), "InvalidParameterCombination: Cannot find version 9.6"),
        ("DBInstanceClass", json!("db.x.y"), "InvalidParameterValue: Invalid DB Instance class"),
        ("AllocatedStorage", json!(5), "InvalidParameterValue: Invalid storage size"),
        ("MasterUserPassword", json!("short"), "InvalidParameterValue: The parameter Master"),
        ("MasterUsername", json!("rdsadmin"), "InvalidParameterValue: MasterUsername rdsadmin"),
        ("DBSubnetGroupName", json!("none"), "DBSubnetGroupNotFoundFault: DB subnet group 'none'"),
        ("DBParameterGroupName", json!("none"), "DBParameterGroupNotFound: DBParameterGroup not"),
        ("DBParameterGroupName", json!("default.postgres15"), "InvalidParameterCombination: The P"),
        ("Port", json!(80), "InvalidParameterValue: Invalid port 80"),
        ("DBInstanceIdentifier", json!("a--b"), "InvalidParameterValue: The parameter DBInst"),
        ("BackupRetentionPeriod", json!(36), "InvalidParameterValue: Invalid backup retention"),
        ("PreferredMaintenanceWindow", json!("sun:09:00-sun:10:00"), "InvalidParameterValue: The"),
        ("VpcSecurityGroupIds", json!(["sg-none"]), "InvalidParameterValue: Invalid security"),
    ] {
        let mut input = database();
        input[field] = value;
        let refused = call(&ctx, "CreateDBInstance", input).await.unwrap_err();
        assert!(refused.starts_with(code), "{field}: {refused}");
    }
}

#[tokio::test]
async fn deleting_needs_a_word_about_the_final_snapshot() {
    let ctx = with_group().await;
    let mut input = database();
    input["DeletionProtection"] = json!(true);
    call(&ctx, "CreateDBInstance", input).await.unwrap();
    let delete = |more: Json| {
        let mut input = json!({ "DBInstanceIdentifier": "realworld-dev" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let refused = call(&ctx, "DeleteDBInstance", delete(json!({}))).await.unwrap_err();
    assert_eq!(
        refused,
        "InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion protection and try again."
    );
    let missing = call(&ctx, "DescribeDBInstances", json!({ "DBInstanceIdentifier": "x" })).await;
    assert_eq!(missing, Err("DBInstanceNotFound: DBInstance x not found.".into()));
    let group = json!({ "DBSubnetGroupName": "private" });
    let used = call(&ctx, "DeleteDBSubnetGroup", group).await.unwrap_err();
    assert!(used.starts_with("InvalidDBSubnetGroupStateFault"), "{used}");
}

#[tokio::test]
async fn a_subnet_group_covers_two_zones() {
    let ctx = ctx().await;
    let input = json!({
        "DBSubnetGroupName": "one",
        "DBSubnetGroupDescription": "one zone",
        "SubnetIds": ["subnet-a", "subnet-aa"],
    });
    assert_eq!(
        call(&ctx, "CreateDBSubnetGroup", input).await,
        Err("DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: us-west-2a. Add subnets to cover at least 2 AZs.".into())
    );
}

#[tokio::test]
async fn parameters_are_shown_back_by_source_and_checked() {
    let ctx = ctx().await;
    let group = json!({
        "DBParameterGroupName": "own",
        "DBParameterGroupFamily": "postgres16",
        "Description": "mine",
    });
    call(&ctx, "CreateDBParameterGroup", group).await.unwrap();
    let set = |name: &str, value: &str, method: &str| {
        json!({
            "DBParameterGroupName": "own",
            "Parameters": [{ "ParameterName": name, "ParameterValue": value, "ApplyMethod": method }],
        })
    };
    let modify = async |input| call(&ctx, "ModifyDBParameterGroup", input).await.map(drop);
    assert_eq!(modify(set("log_min_duration_statement", "500", "immediate")).await, Ok(()));
    assert_eq!(
        modify(set("max_connections", "50", "immediate")).await,
        Err("InvalidParameterCombination: cannot use immediate apply method for static parameter"
            .into())
    );
    assert_eq!(
        modify(set("nonsense", "1", "immediate")).await,
        Err("InvalidParameterValue: Could not find parameter with name: nonsense".into())
    );
    let user = json!({ "DBParameterGroupName": "own", "Source": "user" });
    let shown = call(&ctx, "DescribeDBParameters", user).await.unwrap();
    assert_eq!(testkit::texts(&shown, "ParameterName"), ["log_min_duration_statement"]);
    assert_eq!(testkit::text(&shown, "ParameterValue"), "500");
}
