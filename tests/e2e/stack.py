"""An applied example with its service, as its users see it."""

import requests

from conftest import Terraform, image, load_balancer_address, wait_for


class Stack:
    """Applies an example, pushes the Flask API's image, and waits until it answers."""

    def __init__(self, neargate, example, directory):
        self.neargate = neargate
        self.terraform = Terraform(neargate, f"examples/{example}", directory)
        self.verify = True
        self.scheme = "http"
        self.ecs = neargate.client("ecs")

    def apply(self):
        self.terraform.apply()
        self.cluster = self.terraform.output("cluster_name")
        self.service = self.terraform.output("service_name")
        self.url = f"{self.scheme}://{load_balancer_address(self.neargate, self.balancer_name())}"

    def balancer_name(self):
        return self.service.removesuffix("-service") + "-alb"

    def deploy(self):
        """Pushes the image and deploys it: the first deployment may have failed for want of it, as on AWS."""
        self.neargate.push(image("flask-api"), self.terraform.output("ecr_repository_url"))
        self.ecs.update_service(cluster=self.cluster, service=self.service, forceNewDeployment=True)
        self.wait_for_health()

    def wait_for_health(self, what="the API to be healthy", seconds=180):
        try:
            wait_for(what, self.is_healthy, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.why()}") from error

    def get(self, path, **arguments):
        return requests.get(f"{self.url}{path}", timeout=10, verify=self.verify, **arguments)

    def is_healthy(self):
        answer = self.get("/health")
        return answer.status_code == 200 and answer.json()["status"] == "healthy"

    def describe(self):
        return self.ecs.describe_services(cluster=self.cluster, services=[self.service])["services"][0]

    def is_stable(self):
        service = self.describe()
        return len(service["deployments"]) == 1 and service["runningCount"] == service["desiredCount"]

    def running_tasks(self):
        arns = self.ecs.list_tasks(cluster=self.cluster, serviceName=self.service)["taskArns"]
        tasks = self.ecs.describe_tasks(cluster=self.cluster, tasks=arns)["tasks"] if arns else []
        return [task for task in tasks if task["lastStatus"] == "RUNNING"]

    def wait_for_other_tasks(self, before):
        """Waits until the service is stable with none of the tasks of before."""
        old = {task["taskArn"] for task in before}
        wait_for(
            "other tasks",
            lambda: self.is_stable() and old.isdisjoint(task["taskArn"] for task in self.running_tasks()),
            seconds=180,
        )

    def events(self):
        return [event["message"] for event in self.describe()["events"]]

    def why(self):
        """What to print when it does not come up."""
        arns = self.ecs.list_tasks(cluster=self.cluster, desiredStatus="STOPPED")["taskArns"]
        tasks = self.ecs.describe_tasks(cluster=self.cluster, tasks=arns)["tasks"] if arns else []
        reasons = [task.get("stoppedReason") for task in tasks]
        return f"events: {self.events()[:8]}\nstopped: {reasons[:5]}\n{self.neargate.log.read_text()[-3000:]}"
