"""Blue/green by CodeDeploy: modules/ECS with the CODE_DEPLOY controller, deployed with the real clients."""

import json
import threading
import time

import pytest
import requests

from conftest import Terraform, image, load_balancer_address, wait_for

NAMES = {"applicationName": "shift-dev", "deploymentGroupName": "shift-dev-service"}


class Stack:
    """The applied stack, whose tasks answer with the version that they were made with."""

    def __init__(self, neargate, terraform):
        self.neargate = neargate
        self.terraform = terraform
        self.ecs = neargate.client("ecs")
        self.codedeploy = neargate.client("codedeploy")
        self.cluster = terraform.output("cluster_name")
        self.service = terraform.output("service_name")
        self.family = terraform.output("task_definition_family")

    @property
    def url(self):
        return f"http://{load_balancer_address(self.neargate, 'shift-dev-alb')}"

    def answer(self, url=None):
        response = requests.get(f"{url or self.url}/", timeout=5)
        return response.status_code, response.text.strip()

    def register(self, version):
        """A task definition like the newest, that answers with this version."""
        newest = self.ecs.describe_task_definition(taskDefinition=self.family)["taskDefinition"]
        kept = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions")
        kept += ("volumes", "requiresCompatibilities", "cpu", "memory")
        definition = {name: newest[name] for name in kept if name in newest}
        for variable in definition["containerDefinitions"][0]["environment"]:
            if variable["name"] == "VERSION":
                variable["value"] = version
        return self.ecs.register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]

    def deploy(self, version, **more):
        properties = {
            "TaskDefinition": self.register(version),
            "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 5000},
        }
        target = {"Type": "AWS::ECS::Service", "Properties": properties}
        spec = json.dumps({"version": 0.0, "Resources": [{"TargetService": target}]})
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": spec}}
        return self.codedeploy.create_deployment(**NAMES, revision=revision, **more)["deploymentId"]

    def deployment(self, id):
        return self.codedeploy.get_deployment(deploymentId=id)["deploymentInfo"]

    def task_sets(self, id):
        target = {"deploymentId": id, "targetId": f"{self.cluster}:{self.service}"}
        found = self.codedeploy.get_deployment_target(**target)["deploymentTarget"]["ecsTarget"]
        return {task_set["taskSetLabel"]: task_set for task_set in found["taskSetsInfo"]}

    def describe(self):
        return self.ecs.describe_services(cluster=self.cluster, services=[self.service])["services"][0]


@pytest.fixture(scope="module")
def stack(neargate, tmp_path_factory):
    terraform = Terraform(neargate, "tests/e2e/blue_green", tmp_path_factory.mktemp("blue-green"))
    terraform.apply()
    stack = Stack(neargate, terraform)
    neargate.push(image("busybox"), terraform.output("ecr_repository_url"))
    wait_for("the first version", lambda: stack.answer() == (200, "v1"), seconds=180)
    return stack


def test_the_plan_after_the_apply_is_empty(stack):
    stack.terraform.assert_plan_is_empty()


def test_a_deployment_shifts_without_a_failed_request(stack):
    answers, stop = [], threading.Event()

    def ask(url=stack.url):
        while not stop.is_set():
            answers.append(stack.answer(url))
            time.sleep(0.05)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        id = stack.deploy("v2")
        refused = stack.codedeploy.exceptions.DeploymentLimitExceededException
        with pytest.raises(refused, match=f"already has an active Deployment '{id}'"):
            stack.deploy("v3")
        waiter = stack.codedeploy.get_waiter("deployment_successful")
        waiter.wait(deploymentId=id, WaiterConfig={"Delay": 2, "MaxAttempts": 90})
    finally:
        stop.set()
        asking.join()
    assert {code for code, _ in answers} == {200}
    assert [text for _, text in answers if text not in ("v1", "v2")] == []
    assert answers[-1] == (200, "v2")
    wait_for("the original task set to be gone", lambda: len(stack.describe()["taskSets"]) == 1)
    assert stack.describe()["taskSets"][0]["externalId"] == id
    stack.terraform.assert_plan_is_empty()


def test_a_stopped_canary_gives_the_traffic_back_even_after_a_kill(stack):
    half = {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 50, "canaryInterval": 60}}
    config = {"deploymentConfigName": "Half", "computePlatform": "ECS", "trafficRoutingConfig": half}
    stack.codedeploy.create_deployment_config(**config)
    id = stack.deploy("v3", deploymentConfigName="Half")
    wait_for(
        "half of the traffic at the replacement",
        lambda: stack.task_sets(id).get("Green", {}).get("trafficWeight") == 50,
    )
    seen = {stack.answer() for _ in range(60)}
    assert seen == {(200, "v2"), (200, "v3")}
    stack.neargate.kill()
    stack.neargate.start()
    assert stack.deployment(id)["status"] == "InProgress"
    stack.codedeploy.stop_deployment(deploymentId=id, autoRollbackEnabled=True)
    rollback = wait_for(
        "the rollback", lambda: stack.deployment(id).get("rollbackInfo", {}).get("rollbackDeploymentId")
    )
    wait_for("its success", lambda: stack.deployment(rollback)["status"] == "Succeeded")
    assert stack.deployment(id)["status"] == "Stopped"
    wait_for("the load balancer", lambda: stack.answer() == (200, "v2"))
    assert {stack.answer() for _ in range(20)} == {(200, "v2")}


def test_what_the_role_may_not_do_fails_the_deployment(stack):
    iam = stack.neargate.client("iam")
    policy = {"RoleName": "shift-dev-codedeploy", "PolicyName": "replace-tasks"}
    document = iam.get_role_policy(**policy)["PolicyDocument"]
    allowed = [s for s in document["Statement"] if "ecs:CreateTaskSet" not in s["Action"]]
    iam.put_role_policy(**policy, PolicyDocument=json.dumps({**document, "Statement": allowed}))
    id = stack.deploy("v4")
    wait_for("its failure", lambda: stack.deployment(id)["status"] == "Failed")
    iam.put_role_policy(**policy, PolicyDocument=json.dumps(document))
    assert stack.deployment(id)["errorInformation"]["code"] == "IAM_ROLE_PERMISSIONS"


def test_destroy_leaves_no_task(stack):
    stack.terraform.destroy()
    assert stack.codedeploy.list_applications()["applications"] == []
    assert stack.ecs.list_clusters()["clusterArns"] == []
