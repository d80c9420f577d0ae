//! The operations against a cloud in memory: an ECS service behind a load balancer
//! with two target groups, and what clients see of deployments to it.

use expect_test::expect;
use neargate_api::Ctx;
use neargate_api::model::codedeploy::{Deployment, DeploymentStatus};
use neargate_testkit::{self as testkit, text};
use serde_json::{Value, json};

use super::service;

#[test]
fn every_operation_of_the_list_has_its_function() {
    assert_eq!(service().unregistered(), [""; 0]);
}

async fn must(ctx: &Ctx, of: &neargate_api::Service, operation: &str, input: Value) -> String {
    let answer = testkit::call(ctx, of, operation, input).await;
    answer.unwrap_or_else(|e| panic!("{operation}: {e}"))
}

/// The answer, or `code: message` of the refusal.
async fn call(ctx: &Ctx, operation: &str, input: Value) -> String {
    match testkit::call(ctx, &service(), operation, input).await {
        Ok(answer) => answer,
        Err(error) => error.to_string(),
    }
}

/// The services `web`, which CodeDeploy deploys, and `rolling`, which it does not.
struct Stage {
    ctx: Ctx,
    listener: String,
}

impl Stage {
    async fn set() -> Stage {
        let ctx = testkit::ctx();
        let (vpc, subnets) = network(&ctx).await;
        let elb = neargate_api_elbv2::service();
        let balancer = json!({ "Name": "alb", "Subnets": subnets });
        let balancer =
            text(&must(&ctx, &elb, "CreateLoadBalancer", balancer).await, "LoadBalancerArn");
        let mut groups = Vec::new();
        for name in ["blue", "green"] {
            let group = json!({ "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": vpc, "TargetType": "ip" });
            groups
                .push(text(&must(&ctx, &elb, "CreateTargetGroup", group).await, "TargetGroupArn"));
        }
        let listener = json!({ "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80,
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": groups[0] }] });
        let listener = text(&must(&ctx, &elb, "CreateListener", listener).await, "ListenerArn");
        let ecs = neargate_api_ecs::service();
        must(&ctx, &ecs, "CreateCluster", json!({ "clusterName": "c" })).await;
        must(&ctx, &ecs, "RegisterTaskDefinition", task_definition()).await;
        for (name, controller) in [("web", "CODE_DEPLOY"), ("rolling", "ECS")] {
            let input = ecs_service(name, controller, &subnets[0], &groups[0]);
            must(&ctx, &ecs, "CreateService", input).await;
        }
        let stage = Stage { ctx, listener };
        let application = json!({ "applicationName": "app", "computePlatform": "ECS" });
        stage.call("CreateApplication", application).await;
        stage
    }

    async fn call(&self, operation: &str, input: Value) -> String {
        call(&self.ctx, operation, input).await
    }

    /// A good deployment group, with `more` in place of some of it.
    fn group(&self, more: Value) -> Value {
        let mut input = json!({
            "applicationName": "app",
            "deploymentGroupName": "group",
            "serviceRoleArn": "arn:aws:iam::000000000000:role/deploys",
            "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": { "actionOnTimeout": "CONTINUE_DEPLOYMENT" },
                "terminateBlueInstancesOnDeploymentSuccess": { "action": "TERMINATE", "terminationWaitTimeInMinutes": 5 },
            },
            "ecsServices": [{ "clusterName": "c", "serviceName": "web" }],
            "loadBalancerInfo": { "targetGroupPairInfoList": [{
                "targetGroups": [{ "name": "blue" }, { "name": "green" }],
                "prodTrafficRoute": { "listenerArns": [self.listener] },
            }] },
        });
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            input.extend(more);
        }
        input
    }

    async fn with_group() -> Stage {
        let stage = Stage::set().await;
        let made = stage.call("CreateDeploymentGroup", stage.group(json!({}))).await;
        assert!(made.contains("deploymentGroupId"), "{made}");
        stage
    }

    async fn deploy(&self, app_spec: &str) -> String {
        self.call("CreateDeployment", revision(app_spec)).await
    }
}

async fn network(ctx: &Ctx) -> (String, Vec<String>) {
    let ec2 = neargate_api_ec2::service();
    let vpc = must(ctx, &ec2, "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })).await;
    let vpc = text(&vpc, "vpcId");
    let gateway =
        text(&must(ctx, &ec2, "CreateInternetGateway", json!({})).await, "internetGatewayId");
    let attach = json!({ "InternetGatewayId": gateway, "VpcId": vpc });
    must(ctx, &ec2, "AttachInternetGateway", attach).await;
    let mut subnets = Vec::new();
    for (zone, block) in [("us-west-2a", "10.0.0.0/24"), ("us-west-2b", "10.0.1.0/24")] {
        let input = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone });
        subnets.push(text(&must(ctx, &ec2, "CreateSubnet", input).await, "subnetId"));
    }
    (vpc, subnets)
}

fn task_definition() -> Value {
    json!({
        "family": "app", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{ "name": "web", "image": "web", "portMappings": [{ "containerPort": 80 }] }],
    })
}

fn ecs_service(name: &str, controller: &str, subnet: &str, group: &str) -> Value {
    json!({
        "cluster": "c", "serviceName": name, "taskDefinition": "app", "desiredCount": 1,
        "launchType": "FARGATE", "deploymentController": { "type": controller },
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": [subnet] } },
        "loadBalancers": [{ "targetGroupArn": group, "containerName": "web", "containerPort": 80 }],
    })
}

const APP_SPEC: &str = r#"
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "arn:aws:ecs:us-west-2:000000000000:task-definition/app:1"
        LoadBalancerInfo:
          ContainerName: web
          ContainerPort: 80
"#;

fn revision(app_spec: &str) -> Value {
    json!({
        "applicationName": "app",
        "deploymentGroupName": "group",
        "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": app_spec } },
    })
}

#[tokio::test]
async fn applications_are_made_shown_and_deleted() {
    let ctx = testkit::ctx();
    let server = json!({ "applicationName": "servers" });
    expect!["InvalidComputePlatformException: Neargate has services of ECS only for CodeDeploy to deploy to: set the compute platform to ECS, not Server, which none means."].assert_eq(&call(&ctx, "CreateApplication", server).await);
    let app = json!({ "applicationName": "app", "computePlatform": "ECS", "tags": [{ "Key": "a", "Value": "b" }] });
    call(&ctx, "CreateApplication", app.clone()).await;
    expect!["ApplicationAlreadyExistsException: Application already exists: app"]
        .assert_eq(&call(&ctx, "CreateApplication", app).await);
    let named = json!({ "applicationName": "app" });
    expect![[r#"
        {
          "application": {
            "applicationId": "b3f2af6d-0fc7-40c5-853b-559647364cea",
            "applicationName": "app",
            "computePlatform": "ECS",
            "createTime": 1767323045,
            "linkedToGitHub": false
          }
        }
    "#]]
    .assert_eq(&call(&ctx, "GetApplication", named.clone()).await);
    let arn = json!({ "ResourceArn": "arn:aws:codedeploy:us-west-2:000000000000:application:app" });
    expect![[r#"
        {
          "Tags": [
            {
              "Key": "a",
              "Value": "b"
            }
          ]
        }
    "#]]
    .assert_eq(&call(&ctx, "ListTagsForResource", arn).await);
    call(&ctx, "DeleteApplication", named.clone()).await;
    expect!["ApplicationDoesNotExistException: No application found for name: app"]
        .assert_eq(&call(&ctx, "GetApplication", named).await);
}

#[tokio::test]
async fn a_group_is_shown_with_what_aws_fills_in() {
    let stage = Stage::with_group().await;
    let named = json!({ "applicationName": "app", "deploymentGroupName": "group" });
    expect![[r#"
        {
          "deploymentGroupInfo": {
            "alarmConfiguration": {
              "alarms": [],
              "enabled": false,
              "ignorePollAlarmFailure": false
            },
            "applicationName": "app",
            "autoRollbackConfiguration": {
              "enabled": false
            },
            "autoScalingGroups": [],
            "blueGreenDeploymentConfiguration": {
              "deploymentReadyOption": {
                "actionOnTimeout": "CONTINUE_DEPLOYMENT",
                "waitTimeInMinutes": 0
              },
              "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE",
                "terminationWaitTimeInMinutes": 5
              }
            },
            "computePlatform": "ECS",
            "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
            "deploymentGroupId": "d1bbe512-23c1-435b-9d72-d4ea772966cb",
            "deploymentGroupName": "group",
            "deploymentStyle": {
              "deploymentOption": "WITH_TRAFFIC_CONTROL",
              "deploymentType": "BLUE_GREEN"
            },
            "ec2TagFilters": [],
            "ecsServices": [
              {
                "clusterName": "c",
                "serviceName": "web"
              }
            ],
            "loadBalancerInfo": {
              "targetGroupPairInfoList": [
                {
                  "prodTrafficRoute": {
                    "listenerArns": [
                      "arn:aws:elasticloadbalancing:us-west-2:000000000000:listener/app/alb/d9435eb37f333f37/a738df12ca7ad157"
                    ]
                  },
                  "targetGroups": [
                    {
                      "name": "blue"
                    },
                    {
                      "name": "green"
                    }
                  ]
                }
              ]
            },
            "onPremisesInstanceTagFilters": [],
            "outdatedInstancesStrategy": "UPDATE",
            "serviceRoleArn": "arn:aws:iam::000000000000:role/deploys",
            "terminationHookEnabled": false,
            "triggerConfigurations": []
          }
        }
    "#]].assert_eq(&stage.call("GetDeploymentGroup", named).await);
}

#[tokio::test]
async fn a_group_for_ecs_is_held_against_what_there_is() {
    let stage = Stage::set().await;
    let mut told = Vec::new();
    for wrong in [
        json!({ "applicationName": "other" }),
        json!({ "deploymentConfigName": "Own" }),
        json!({ "deploymentStyle": { "deploymentType": "IN_PLACE" } }),
        json!({ "blueGreenDeploymentConfiguration": null }),
        json!({ "loadBalancerInfo": null }),
        json!({ "loadBalancerInfo": { "targetGroupPairInfoList": [{
            "targetGroups": [{ "name": "blue" }, { "name": "red" }],
            "prodTrafficRoute": { "listenerArns": [stage.listener] } }] } }),
        json!({ "loadBalancerInfo": { "targetGroupPairInfoList": [{
            "targetGroups": [{ "name": "blue" }, { "name": "green" }],
            "prodTrafficRoute": { "listenerArns": ["arn:none"] } }] } }),
        json!({ "ecsServices": [{ "clusterName": "c", "serviceName": "gone" }] }),
        json!({ "ecsServices": [{ "clusterName": "c", "serviceName": "rolling" }] }),
        json!({ "autoRollbackConfiguration": { "enabled": true } }),
        json!({ "serviceRoleArn": "arn:aws:iam::000000000000:role/nobody-may-assume" }),
    ] {
        told.push(stage.call("CreateDeploymentGroup", stage.group(wrong)).await);
    }
    stage.call("CreateDeploymentGroup", stage.group(json!({}))).await;
    told.push(stage.call("CreateDeploymentGroup", stage.group(json!({}))).await);
    let second = json!({ "deploymentGroupName": "second" });
    told.push(stage.call("CreateDeploymentGroup", stage.group(second)).await);
    expect![[r#"
        ApplicationDoesNotExistException: No application found for name: other
        DeploymentConfigDoesNotExistException: No Deployment Configuration found for name: Own
        InvalidDeploymentStyleException: For ECS deployment, the deployment type must be BLUE_GREEN, and deployment option must be WITH_TRAFFIC_CONTROL.
        InvalidBlueGreenDeploymentConfigurationException: For ECS deployment group, blueGreenDeploymentConfiguration must be specified
        InvalidLoadBalancerInfoException: For ECS deployment group, loadBalancerInfo must be specified
        InvalidTargetGroupPairException: The target group red could not be found
        InvalidTargetGroupPairException: The listener arn:none of the production traffic route could not be found
        InvalidECSServiceException: Could not load ECS service information for cluster: c, service: gone. Cause: Service not found.
        InvalidECSServiceException: Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.
        InvalidAutoRollbackConfigException: At least one event must be specified when the auto rollback configuration is enabled
        InvalidRoleException: AWS CodeDeploy does not have the permissions required to assume the role arn:aws:iam::000000000000:role/nobody-may-assume. (Nobody may assume this role.)
        DeploymentGroupAlreadyExistsException: Deployment group already exists with the name: group
        ECSServiceMappingLimitExceededException: The Amazon ECS service is associated with more than one deployment groups. An Amazon ECS service can be associated with only one deployment group."#]].assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn own_configurations_stand_beside_the_predefined_ones() {
    let stage = Stage::set().await;
    let own = json!({ "deploymentConfigName": "Own", "computePlatform": "ECS", "trafficRoutingConfig": {
        "type": "TimeBasedCanary", "timeBasedCanary": { "canaryPercentage": 25, "canaryInterval": 1 } } });
    stage.call("CreateDeploymentConfig", own).await;
    expect![[r#"
        {
          "deploymentConfigsList": [
            "CodeDeployDefault.AllAtOnce",
            "CodeDeployDefault.ECSAllAtOnce",
            "CodeDeployDefault.ECSCanary10Percent15Minutes",
            "CodeDeployDefault.ECSCanary10Percent5Minutes",
            "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
            "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
            "CodeDeployDefault.HalfAtATime",
            "CodeDeployDefault.OneAtATime",
            "Own"
          ]
        }
    "#]]
    .assert_eq(&stage.call("ListDeploymentConfigs", json!({})).await);
    let linear =
        json!({ "deploymentConfigName": "CodeDeployDefault.ECSLinear10PercentEvery3Minutes" });
    expect![[r#"
        {
          "deploymentConfigInfo": {
            "computePlatform": "ECS",
            "deploymentConfigId": "00000000-0000-0000-0000-000000000006",
            "deploymentConfigName": "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
            "trafficRoutingConfig": {
              "timeBasedLinear": {
                "linearInterval": 3,
                "linearPercentage": 10
              },
              "type": "TimeBasedLinear"
            }
          }
        }
    "#]]
    .assert_eq(&stage.call("GetDeploymentConfig", linear).await);
    stage
        .call("CreateDeploymentGroup", stage.group(json!({ "deploymentConfigName": "Own" })))
        .await;
    let own = json!({ "deploymentConfigName": "Own" });
    expect!["DeploymentConfigInUseException: Deployment configuration Own is still in use"]
        .assert_eq(&stage.call("DeleteDeploymentConfig", own).await);
}

#[tokio::test]
async fn an_app_spec_is_held_against_what_there_is() {
    let stage = Stage::with_group().await;
    let mut told = Vec::new();
    for wrong in [
        "{ not: [ closed".to_owned(),
        "version: 0.0".to_owned(),
        APP_SPEC.replace("AWS::ECS::Service", "AWS::Lambda::Function"),
        APP_SPEC.replace("app:1", "app:7"),
        APP_SPEC.replace("ContainerPort: 80", "ContainerPort: 81"),
        APP_SPEC.replace("ContainerName: web", "ContainerName: db"),
        format!("{APP_SPEC}\nHooks:\n  - BeforeInstall: function"),
    ] {
        told.push(stage.deploy(&wrong).await);
    }
    expect![[r#"
        InvalidRevisionException: The AppSpec file is neither YAML nor JSON: while parsing a flow sequence, expected ',' or ']' at byte 15 line 2 column 1
        InvalidRevisionException: The AppSpec file has no Resources of the document
        InvalidRevisionException: The Type of the AppSpec file's target service must be AWS::ECS::Service
        InvalidRevisionException: The task definition arn:aws:ecs:us-west-2:000000000000:task-definition/app:7 of the AppSpec file could not be found: it must be the ARN of an active one.
        InvalidRevisionException: The container web did not have a container port 81 defined.
        InvalidRevisionException: The container db does not exist in the task definition.
        InvalidRevisionException: Neargate has no Lambda functions that could run the Hooks of the AppSpec file: leave them out."#]].assert_eq(&told.join("\n"));
}

#[tokio::test]
async fn a_deployment_waits_for_the_loop_and_is_the_only_one() {
    let stage = Stage::with_group().await;
    let id = text(&stage.deploy(APP_SPEC).await, "deploymentId");
    let named = json!({ "deploymentId": id });
    expect![[r#"
        {
          "deploymentInfo": {
            "applicationName": "app",
            "autoRollbackConfiguration": {
              "enabled": false
            },
            "blueGreenDeploymentConfiguration": {
              "deploymentReadyOption": {
                "actionOnTimeout": "CONTINUE_DEPLOYMENT",
                "waitTimeInMinutes": 0
              },
              "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE",
                "terminationWaitTimeInMinutes": 5
              }
            },
            "computePlatform": "ECS",
            "createTime": 1767323045,
            "creator": "user",
            "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
            "deploymentGroupName": "group",
            "deploymentId": "d-OWAC4UTZ7",
            "deploymentOverview": {
              "Failed": 0,
              "InProgress": 0,
              "Pending": 1,
              "Ready": 0,
              "Skipped": 0,
              "Succeeded": 0
            },
            "deploymentStyle": {
              "deploymentOption": "WITH_TRAFFIC_CONTROL",
              "deploymentType": "BLUE_GREEN"
            },
            "fileExistsBehavior": "DISALLOW",
            "ignoreApplicationStopFailures": false,
            "instanceTerminationWaitTimeStarted": false,
            "loadBalancerInfo": {
              "targetGroupPairInfoList": [
                {
                  "prodTrafficRoute": {
                    "listenerArns": [
                      "arn:aws:elasticloadbalancing:us-west-2:000000000000:listener/app/alb/d9435eb37f333f37/a738df12ca7ad157"
                    ]
                  },
                  "targetGroups": [
                    {
                      "name": "blue"
                    },
                    {
                      "name": "green"
                    }
                  ]
                }
              ]
            },
            "revision": {
              "appSpecContent": {
                "content": "\nversion: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        TaskDefinition: \"arn:aws:ecs:us-west-2:000000000000:task-definition/app:1\"\n        LoadBalancerInfo:\n          ContainerName: web\n          ContainerPort: 80\n",
                "sha256": "c89e99e817b3168655336ea01ab8b46da5c07bbc580fa899bac5f86ea25ab925"
              },
              "revisionType": "AppSpecContent"
            },
            "status": "Created",
            "updateOutdatedInstancesOnly": false
          }
        }
    "#]].assert_eq(&stage.call("GetDeployment", named.clone()).await);
    expect!["DeploymentLimitExceededException: The Deployment Group 'group' already has an active Deployment 'd-OWAC4UTZ7'"].assert_eq(&stage.deploy(APP_SPEC).await);
    let target = json!({ "deploymentId": id, "targetId": "c:web" });
    expect![[r#"
        {
          "deploymentTarget": {
            "deploymentTargetType": "ECSTarget",
            "ecsTarget": {
              "deploymentId": "d-OWAC4UTZ7",
              "lastUpdatedAt": 1767323045,
              "lifecycleEvents": [
                {
                  "lifecycleEventName": "BeforeInstall",
                  "status": "Pending"
                },
                {
                  "lifecycleEventName": "Install",
                  "status": "Pending"
                },
                {
                  "lifecycleEventName": "AfterInstall",
                  "status": "Pending"
                },
                {
                  "lifecycleEventName": "AllowTestTraffic",
                  "status": "Pending"
                },
                {
                  "lifecycleEventName": "AfterAllowTestTraffic",
                  "status": "Pending"
                },
                {
                  "lifecycleEventName": "BeforeAllowTraffic",
                  "status": "Pending"
                },
                {
                  "lifecycleEventName": "AllowTraffic",
                  "status": "Pending"
                },
                {
                  "lifecycleEventName": "AfterAllowTraffic",
                  "status": "Pending"
                }
              ],
              "status": "Pending",
              "targetArn": "arn:aws:ecs:us-west-2:000000000000:service/c/web",
              "targetId": "c:web",
              "taskSetsInfo": []
            }
          }
        }
    "#]]
    .assert_eq(&stage.call("GetDeploymentTarget", target).await);
    expect!["DeploymentIsNotInReadyStateException: The deployment d-OWAC4UTZ7 does not wait for this: its status is Created."].assert_eq(&stage.call("ContinueDeployment", named.clone()).await);
    expect![[r#"
        {
          "status": "Pending",
          "statusMessage": "The deployment is being stopped."
        }
    "#]]
    .assert_eq(&stage.call("StopDeployment", named.clone()).await);
    let key = Deployment::key_of("us-west-2", &id);
    let ended = stage.ctx.write(move |tx| {
        tx.update::<Deployment>(&key, |d| d.end(DeploymentStatus::Stopped, d.created_at));
        Ok(())
    });
    ended.await.expect("the store is in memory");
    expect!["DeploymentAlreadyCompletedException: The deployment d-OWAC4UTZ7 is already completed: Stopped"].assert_eq(&stage.call("StopDeployment", named).await);
    let stopped = json!({ "includeOnlyStatuses": ["Stopped"] });
    expect![[r#"
        {
          "deployments": [
            "d-OWAC4UTZ7"
          ]
        }
    "#]]
    .assert_eq(&stage.call("ListDeployments", stopped).await);
}

#[tokio::test]
async fn a_service_of_codedeploy_is_changed_by_codedeploy() {
    let stage = Stage::set().await;
    let ecs = neargate_api_ecs::service();
    let mut told = Vec::new();
    for change in [
        json!({ "taskDefinition": "app" }),
        json!({ "forceNewDeployment": true }),
        json!({ "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } } }),
        json!({ "loadBalancers": [] }),
        json!({ "deploymentConfiguration": { "deploymentCircuitBreaker": { "enable": true, "rollback": true } } }),
    ] {
        let mut input = json!({ "cluster": "c", "service": "web" });
        if let (Value::Object(input), Value::Object(change)) = (&mut input, change) {
            input.extend(change);
        }
        let refused = testkit::call(&stage.ctx, &ecs, "UpdateService", input).await;
        told.push(refused.expect_err("only CodeDeploy changes this").to_string());
    }
    expect![[r#"
        InvalidParameterException: Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.
        InvalidParameterException: Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.
        InvalidParameterException: Unable to update network parameters on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.
        InvalidParameterException: Unable to update load balancers on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.
        InvalidParameterException: The deployment circuit breaker is only supported for services that use the rolling update (ECS) deployment controller."#]].assert_eq(&told.join("\n"));
    let scale = json!({ "cluster": "c", "service": "web", "desiredCount": 3 });
    must(&stage.ctx, &ecs, "UpdateService", scale).await;
    let asked = json!({ "cluster": "c", "service": "web" });
    expect![[r#"
        {
          "failures": [],
          "taskSets": [
            {
              "clusterArn": "arn:aws:ecs:us-west-2:000000000000:cluster/c",
              "computedDesiredCount": 3,
              "createdAt": 1767323045,
              "id": "ecs-svc/9819357662655022584",
              "launchType": "FARGATE",
              "loadBalancers": [
                {
                  "containerName": "web",
                  "containerPort": 80,
                  "targetGroupArn": "arn:aws:elasticloadbalancing:us-west-2:000000000000:targetgroup/blue/3e5459996f89bbab"
                }
              ],
              "networkConfiguration": {
                "awsvpcConfiguration": {
                  "assignPublicIp": "DISABLED",
                  "securityGroups": [],
                  "subnets": [
                    "subnet-e259a64f8b1c3a751"
                  ]
                }
              },
              "pendingCount": 0,
              "platformFamily": "Linux",
              "platformVersion": "1.4.0",
              "runningCount": 0,
              "scale": {
                "unit": "PERCENT",
                "value": 100.0
              },
              "serviceArn": "arn:aws:ecs:us-west-2:000000000000:service/c/web",
              "serviceRegistries": [],
              "stabilityStatus": "STABILIZING",
              "stabilityStatusAt": 1767323045,
              "status": "PRIMARY",
              "tags": [],
              "taskDefinition": "arn:aws:ecs:us-west-2:000000000000:task-definition/app:1",
              "taskSetArn": "arn:aws:ecs:us-west-2:000000000000:task-set/c/web/ecs-svc/9819357662655022584",
              "updatedAt": 1767323045
            }
          ]
        }
    "#]].assert_eq(&must(&stage.ctx, &ecs, "DescribeTaskSets", asked).await);
}
