//! Task definitions and tasks as a client sees them: what is refused, and in which words.

mod deployments;
mod protection;
mod services;
mod start;

use expect_test::expect;
use neargate_api::{AwsError, Ctx};
use neargate_testkit::{call, ctx, text, texts};
use serde_json::{Value as Json, json};

async fn ask(ctx: &Ctx, operation: &str, input: Json) -> Result<String, AwsError> {
    call(ctx, &crate::service(), operation, input).await
}

async fn done(ctx: &Ctx, operation: &str, input: Json) -> String {
    ask(ctx, operation, input).await.unwrap()
}

async fn refused(ctx: &Ctx, operation: &str, input: Json) -> String {
    let error = ask(ctx, operation, input).await.unwrap_err();
    format!("{}: {}", error.code, error.message)
}

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(crate::service().unregistered(), [""; 0]);
}

/// `base` with the members of `changes`.
fn with(mut base: Json, changes: Json) -> Json {
    let Json::Object(changes) = changes else { panic!("changes are members") };
    for (name, value) in changes {
        base[name] = value;
    }
    base
}

/// A task definition of one container, with changes of both.
fn definition(task: Json, container: Json) -> Json {
    let container = with(json!({ "name": "main", "image": "busybox" }), container);
    let base = json!({
        "family": "task",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::000000000000:role/execution",
        "containerDefinitions": [container],
    });
    with(base, task)
}

#[tokio::test]
async fn tasks_that_fargate_does_not_run() {
    let ctx = ctx();
    let cases = [
        json!({ "memory": "8192" }),
        json!({ "cpu": null }),
        json!({ "networkMode": "bridge" }),
        json!({ "ipcMode": "task" }),
        json!({ "pidMode": "host" }),
        json!({ "placementConstraints": [{ "type": "memberOf" }] }),
        json!({ "ephemeralStorage": { "sizeInGiB": 20 } }),
        json!({ "volumes": [{ "name": "v", "host": { "sourcePath": "/" } }] }),
        json!({ "volumes": [{ "name": "v", "efsVolumeConfiguration": { "fileSystemId": "fs-1" } }] }),
        json!({ "runtimePlatform": { "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE" } }),
    ];
    let mut all = String::new();
    for case in cases {
        let why =
            refused(&ctx, "RegisterTaskDefinition", definition(case.clone(), json!({}))).await;
        all.push_str(&format!("{case}\n    {why}\n"));
    }
    expect![[r#"
        {"memory":"8192"}
            ClientException: No Fargate configuration exists for given values: for the CPU sizes 256, 512, 1024, 2048, 4096, 8192 and 16384 the memory sizes are in the table "Task CPU and memory" of the ECS developer guide.
        {"cpu":null}
            ClientException: Fargate requires that 'cpu' be defined at the task level.
        {"networkMode":"bridge"}
            ClientException: Fargate only supports network mode 'awsvpc'.
        {"ipcMode":"task"}
            ClientException: Tasks using the Fargate launch type do not support ipcMode.
        {"pidMode":"host"}
            ClientException: Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is 'task'.
        {"placementConstraints":[{"type":"memberOf"}]}
            ClientException: Placement constraints are not supported with FARGATE launch type.
        {"ephemeralStorage":{"sizeInGiB":20}}
            ClientException: EphemeralStorage must be between 21 and 200 GiB.
        {"volumes":[{"host":{"sourcePath":"/"},"name":"v"}]}
            ClientException: host.sourcePath should not be set for volumes in Fargate.
        {"volumes":[{"efsVolumeConfiguration":{"fileSystemId":"fs-1"},"name":"v"}]}
            ClientException: Neargate has no volumes with efsVolumeConfiguration; use an empty volume (a name alone).
        {"runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2022_CORE"}}
            ClientException: Neargate runs Linux containers only: operatingSystemFamily cannot be WINDOWS_SERVER_2022_CORE.
    "#]].assert_eq(&all);
}

#[tokio::test]
async fn containers_that_fargate_does_not_run() {
    let ctx = ctx();
    let log = |options: Json| json!({ "logConfiguration": { "logDriver": "awslogs", "options": options } });
    let complete = |more: Json| {
        let base =
            json!({ "awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p" });
        log(with(base, more))
    };
    let cases = [
        json!({ "privileged": true }),
        json!({ "links": ["other"] }),
        json!({ "dockerSecurityOptions": ["no-new-privileges"] }),
        json!({ "extraHosts": [{ "hostname": "h", "ipAddress": "10.0.0.1" }] }),
        json!({ "linuxParameters": { "sharedMemorySize": 64 } }),
        json!({ "linuxParameters": { "capabilities": { "add": ["SYS_PTRACE", "NET_ADMIN"] } } }),
        json!({ "stopTimeout": 121 }),
        json!({ "startTimeout": 1 }),
        json!({ "cpu": 512 }),
        json!({ "memory": 1024 }),
        json!({ "memory": 100, "memoryReservation": 200 }),
        json!({ "essential": false }),
        json!({ "ulimits": [{ "name": "nofile", "softLimit": 2, "hardLimit": 1 }] }),
        json!({ "dependsOn": [{ "containerName": "other", "condition": "START" }] }),
        json!({ "volumesFrom": [{ "sourceContainer": "other" }] }),
        json!({ "mountPoints": [{ "sourceVolume": "v", "containerPath": "/v" }] }),
        json!({ "environment": [{ "name": "A", "value": "" }], "secrets": [{ "name": "A", "valueFrom": "p" }] }),
        json!({ "environmentFiles": [{ "type": "s3", "value": "arn:aws:s3:::b/file.txt" }] }),
        json!({ "restartPolicy": { "enabled": true, "restartAttemptPeriod": 59 } }),
        json!({ "portMappings": [{ "containerPort": 80, "hostPort": 81 }] }),
        json!({ "firelensConfiguration": { "type": "fluentbit" } }),
        log(json!({ "awslogs-group": "g" })),
        complete(json!({ "awslogs-colour": "red" })),
        complete(json!({ "awslogs-multiline-pattern": "(" })),
        complete(json!({ "awslogs-multiline-pattern": "^a", "awslogs-datetime-format": "%Y" })),
        complete(json!({ "mode": "lazy" })),
    ];
    let mut all = String::new();
    for case in cases {
        let why =
            refused(&ctx, "RegisterTaskDefinition", definition(json!({}), case.clone())).await;
        all.push_str(&format!("{case}\n    {why}\n"));
    }
    expect![[r#"
        {"privileged":true}
            ClientException: Fargate compatible task definitions do not support privileged
        {"links":["other"]}
            ClientException: Links are not supported when networkMode=awsvpc.
        {"dockerSecurityOptions":["no-new-privileges"]}
            ClientException: Fargate compatible task definitions do not support dockerSecurityOptions
        {"extraHosts":[{"hostname":"h","ipAddress":"10.0.0.1"}]}
            ClientException: extraHosts are not supported when networkMode=awsvpc.
        {"linuxParameters":{"sharedMemorySize":64}}
            ClientException: Fargate compatible task definitions do not support sharedMemorySize
        {"linuxParameters":{"capabilities":{"add":["SYS_PTRACE","NET_ADMIN"]}}}
            ClientException: Fargate compatible task definitions do not support adding the capabilities [NET_ADMIN]: SYS_PTRACE alone can be added.
        {"stopTimeout":121}
            ClientException: Invalid stopTimeout for container 'main': Fargate allows 2 to 120 seconds.
        {"startTimeout":1}
            ClientException: Invalid startTimeout for container 'main': Fargate allows 2 to 120 seconds.
        {"cpu":512}
            ClientException: The sum of all container cpu values cannot be greater than the value of the task cpu.
        {"memory":1024}
            ClientException: Invalid setting for container 'main'. The memory of a container cannot be greater than that of the task.
        {"memory":100,"memoryReservation":200}
            ClientException: Invalid setting for container 'main'. The memory limit must be greater than or equal to memoryReservation.
        {"essential":false}
            ClientException: At least one container in the task definition must be essential.
        {"ulimits":[{"hardLimit":1,"name":"nofile","softLimit":2}]}
            ClientException: Invalid ulimit nofile of container 'main': the soft limit cannot be greater than the hard limit.
        {"dependsOn":[{"condition":"START","containerName":"other"}]}
            ClientException: Container dependency other does not exist.
        {"volumesFrom":[{"sourceContainer":"other"}]}
            ClientException: The container 'other' of volumesFrom does not exist.
        {"mountPoints":[{"containerPath":"/v","sourceVolume":"v"}]}
            ClientException: Unknown volume 'v'. Declare it in 'volumes'.
        {"environment":[{"name":"A","value":""}],"secrets":[{"name":"A","valueFrom":"p"}]}
            ClientException: The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'A'.
        {"environmentFiles":[{"type":"s3","value":"arn:aws:s3:::b/file.txt"}]}
            ClientException: Invalid environment file 'arn:aws:s3:::b/file.txt' of container 'main': the ARN of an S3 object whose name ends in .env is needed.
        {"restartPolicy":{"enabled":true,"restartAttemptPeriod":59}}
            ClientException: Invalid restartAttemptPeriod of container 'main': 60 to 1800 seconds are allowed.
        {"portMappings":[{"containerPort":80,"hostPort":81}]}
            ClientException: When networkMode=awsvpc, the host ports and container ports in port mappings must match.
        {"firelensConfiguration":{"type":"fluentbit"}}
            ClientException: Neargate does not run containers with firelensConfiguration yet (container 'main').
        {"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g"}}}
            ClientException: Log driver awslogs requires options: awslogs-region, awslogs-stream-prefix
        {"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-colour":"red","awslogs-group":"g","awslogs-region":"r","awslogs-stream-prefix":"p"}}}
            ClientException: Log driver awslogs disallows options: awslogs-colour
        {"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g","awslogs-multiline-pattern":"(","awslogs-region":"r","awslogs-stream-prefix":"p"}}}
            ClientException: Invalid start pattern of the logs of container 'main': regex parse error:
            (
            ^
        error: unclosed group
        {"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-datetime-format":"%Y","awslogs-group":"g","awslogs-multiline-pattern":"^a","awslogs-region":"r","awslogs-stream-prefix":"p"}}}
            ClientException: You cannot configure both the awslogs-datetime-format and awslogs-multiline-pattern options.
        {"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g","awslogs-region":"r","awslogs-stream-prefix":"p","mode":"lazy"}}}
            ClientException: Invalid log mode 'lazy' of container 'main': blocking and non-blocking are allowed.
    "#]].assert_eq(&all);
}

/// A cluster and a subnet; gives the subnet's id.
async fn place(ctx: &Ctx) -> String {
    done(ctx, "CreateCluster", json!({ "clusterName": "c" })).await;
    let ec2 = neargate_api_ec2::service();
    let vpc = call(ctx, &ec2, "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })).await.unwrap();
    let subnet = json!({ "CidrBlock": "10.0.1.0/24", "VpcId": text(&vpc, "vpcId") });
    text(&call(ctx, &ec2, "CreateSubnet", subnet).await.unwrap(), "subnetId")
}

fn request(subnet: &str, changes: Json) -> Json {
    let base = json!({
        "cluster": "c",
        "taskDefinition": "task",
        "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": [subnet] } },
    });
    with(base, changes)
}

#[tokio::test]
async fn a_client_token_makes_a_request_once() {
    let ctx = ctx();
    let subnet = place(&ctx).await;
    done(&ctx, "RegisterTaskDefinition", definition(json!({}), json!({}))).await;
    let twice = request(&subnet, json!({ "clientToken": "once", "count": 2 }));
    let first = done(&ctx, "RunTask", twice.clone()).await;
    let again = done(&ctx, "RunTask", twice).await;
    let arns = |answer: &str| {
        let mut arns = texts(answer, "taskArn");
        arns.sort();
        arns.dedup();
        arns
    };
    assert_eq!(arns(&first), arns(&again));
    assert_eq!(arns(&first).len(), 2);
    let other = request(&subnet, json!({ "clientToken": "once", "count": 1 }));
    assert!(refused(&ctx, "RunTask", other).await.starts_with("ConflictException: "));
    for other in [json!({ "startedBy": "me" }), json!({ "tags": [{ "key": "a", "value": "b" }] })] {
        let other = with(json!({ "clientToken": "once", "count": 2 }), other);
        let answer = refused(&ctx, "RunTask", request(&subnet, other)).await;
        assert!(answer.starts_with("ConflictException: "), "{answer}");
    }
    let listed = done(&ctx, "ListTasks", json!({ "cluster": "c" })).await;
    assert_eq!(listed.matches(":task/").count(), 2, "{listed}");
}

#[tokio::test]
async fn overrides_are_checked_as_the_definition_was() {
    let ctx = ctx();
    let subnet = place(&ctx).await;
    done(&ctx, "RegisterTaskDefinition", definition(json!({}), json!({}))).await;
    let cases = [
        json!({ "memory": "100" }),
        json!({ "cpu": "1 vCPU" }),
        json!({ "ephemeralStorage": { "sizeInGiB": 1 } }),
        json!({ "containerOverrides": [{ "name": "other" }] }),
        json!({ "containerOverrides": [{ "name": "main", "memory": 1024 }] }),
    ];
    let mut all = String::new();
    for case in cases {
        let input = request(&subnet, json!({ "overrides": case }));
        all.push_str(&format!("{case}\n    {}\n", refused(&ctx, "RunTask", input).await));
    }
    expect![[r#"
        {"memory":"100"}
            ClientException: No Fargate configuration exists for given values: for the CPU sizes 256, 512, 1024, 2048, 4096, 8192 and 16384 the memory sizes are in the table "Task CPU and memory" of the ECS developer guide.
        {"cpu":"1 vCPU"}
            ClientException: No Fargate configuration exists for given values: for the CPU sizes 256, 512, 1024, 2048, 4096, 8192 and 16384 the memory sizes are in the table "Task CPU and memory" of the ECS developer guide.
        {"ephemeralStorage":{"sizeInGiB":1}}
            InvalidParameterException: EphemeralStorage must be between 21 and 200 GiB.
        {"containerOverrides":[{"name":"other"}]}
            InvalidParameterException: Override for container named other is not a container in the TaskDefinition.
        {"containerOverrides":[{"memory":1024,"name":"main"}]}
            InvalidParameterException: Invalid override of container 'main': its memory cannot be greater than that of the task.
    "#]].assert_eq(&all);
    let overrides = json!({ "cpu": ".5 vCPU", "memory": "1 GB" });
    let ran = done(&ctx, "RunTask", request(&subnet, json!({ "overrides": overrides }))).await;
    assert_eq!((text(&ran, "cpu"), text(&ran, "memory")), ("0".into(), "1024".into()));
    assert_eq!(texts(&ran, "cpu").last().map(String::as_str), Some("512"));
}

/// A cluster with Spot, and a task definition; gives the subnet's id.
async fn place_with_spot(ctx: &Ctx) -> String {
    let subnet = place(ctx).await;
    let providers = json!({
        "cluster": "c",
        "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategy": [],
    });
    done(ctx, "PutClusterCapacityProviders", providers).await;
    done(ctx, "RegisterTaskDefinition", definition(json!({}), json!({}))).await;
    subnet
}

/// The ids of tasks that a request starts, and its failures.
async fn run_on(ctx: &Ctx, subnet: &str, providers: &[&str], count: u32) -> (Vec<String>, Json) {
    let strategy: Vec<_> =
        providers.iter().map(|p| json!({ "capacityProvider": p, "weight": 1 })).collect();
    let changes =
        json!({ "launchType": null, "capacityProviderStrategy": strategy, "count": count });
    let answer = done(ctx, "RunTask", request(subnet, changes)).await;
    let answer: Json = serde_json::from_str(&answer).unwrap();
    let id = |task: &Json| task["taskArn"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    (answer["tasks"].as_array().unwrap().iter().map(id).collect(), answer["failures"].clone())
}

#[tokio::test]
async fn a_shortage_of_spot_leaves_its_share_unplaced() {
    use crate::spot::set_shortage;
    let ctx = ctx();
    let subnet = place_with_spot(&ctx).await;
    assert!(set_shortage(&ctx.cloud, true).await.unwrap());
    assert!(!set_shortage(&ctx.cloud, true).await.unwrap());
    let (tasks, failures) = run_on(&ctx, &subnet, &["FARGATE", "FARGATE_SPOT"], 4).await;
    assert_eq!(tasks.len(), 2);
    expect![[r#"[{"reason":"Capacity is unavailable at this time. Please try again later or in a different availability zone"},{"reason":"Capacity is unavailable at this time. Please try again later or in a different availability zone"}]"#]]
        .assert_eq(&failures.to_string());
    assert!(set_shortage(&ctx.cloud, false).await.unwrap());
    let (tasks, failures) = run_on(&ctx, &subnet, &["FARGATE_SPOT"], 1).await;
    assert_eq!((tasks.len(), failures), (1, json!([])));
}

#[tokio::test]
async fn what_cannot_be_interrupted() {
    use crate::spot::{SpotError, interrupt};
    let ctx = ctx();
    let subnet = place_with_spot(&ctx).await;
    let (safe, _) = run_on(&ctx, &subnet, &["FARGATE"], 1).await;
    let (spot, _) = run_on(&ctx, &subnet, &["FARGATE_SPOT"], 1).await;
    assert_eq!(interrupt(&ctx.cloud, &spot[0], 120_000).await.unwrap(), spot[0]);
    let mut all = String::new();
    for reference in ["nobody", "", &safe[0], &spot[0]] {
        let Err(SpotError::Refused(why)) = interrupt(&ctx.cloud, reference, 120_000).await else {
            panic!("{reference} was interrupted")
        };
        all.push_str(&format!("{}\n", why.replace(&safe[0], "SAFE").replace(&spot[0], "SPOT")));
    }
    expect![[r#"
        there is no task nobody: `neargate status` shows those that are
        there is no task : `neargate status` shows those that are
        task SAFE runs on FARGATE: only tasks on FARGATE_SPOT can be interrupted
        task SPOT stops already: Your Spot Task was interrupted.
    "#]]
    .assert_eq(&all);
}

#[tokio::test]
async fn a_clusters_logging_of_sessions_says_one_thing() {
    let ctx = ctx();
    let cases = [
        json!({ "logging": "NONE", "logConfiguration": { "cloudWatchLogGroupName": "g" } }),
        json!({ "logConfiguration": { "s3BucketName": "b" } }),
        json!({ "logging": "OVERRIDE" }),
        json!({ "logging": "OVERRIDE", "logConfiguration": {} }),
        json!({ "logging": "OVERRIDE", "logConfiguration": { "s3BucketName": "b", "cloudWatchEncryptionEnabled": true } }),
        json!({ "logging": "OVERRIDE", "logConfiguration": { "cloudWatchLogGroupName": "g", "s3KeyPrefix": "p" } }),
    ];
    let mut answers = String::new();
    for exec in cases {
        let configuration = json!({ "executeCommandConfiguration": exec });
        let made = json!({ "clusterName": "c", "configuration": configuration });
        answers += &refused(&ctx, "CreateCluster", made).await;
        answers += "\n";
    }
    expect![[r#"
        InvalidParameterException: You must set logging to 'OVERRIDE' when you supply a log configuration
        InvalidParameterException: You must set logging to 'OVERRIDE' when you supply a log configuration
        InvalidParameterException: You must supply a log configuration when you set logging to 'OVERRIDE'
        InvalidParameterException: You must specify a CloudWatch log group or an S3 bucket in the log configuration
        InvalidParameterException: You must specify a CloudWatch log group to enable CloudWatch encryption
        InvalidParameterException: You must specify an S3 bucket name to enable S3 encryption or to set a key prefix
    "#]].assert_eq(&answers);
    done(&ctx, "CreateCluster", json!({ "clusterName": "c" })).await;
    let exec = json!({ "executeCommandConfiguration": { "logging": "OVERRIDE" } });
    let update = json!({ "cluster": "c", "configuration": exec });
    let why = refused(&ctx, "UpdateCluster", update).await;
    assert!(why.contains("You must supply a log configuration"), "{why}");
}

#[tokio::test]
async fn of_a_clusters_configuration_only_the_keys_of_storage_do_nothing() {
    let ctx = ctx();
    let configuration = json!({
        "executeCommandConfiguration": {
            "kmsKeyId": "alias/sessions",
            "logging": "OVERRIDE",
            "logConfiguration": { "cloudWatchLogGroupName": "g", "s3BucketName": "b", "s3KeyPrefix": "p" },
        },
        "managedStorageConfiguration": { "kmsKeyId": "alias/a", "fargateEphemeralStorageKmsKeyId": "alias/b" },
    });
    done(&ctx, "CreateCluster", json!({ "clusterName": "c", "configuration": configuration }))
        .await;
    let inert = crate::service().inert_in(&ctx.snapshot());
    let fields: Vec<&str> = inert.iter().map(|inert| inert.field.as_str()).collect();
    let keys = ["kmsKeyId", "fargateEphemeralStorageKmsKeyId"];
    assert_eq!(fields, keys.map(|k| format!("configuration.managedStorageConfiguration.{k}")));
}
