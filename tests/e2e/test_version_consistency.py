"""One image throughout a deployment: a tag that is pushed again changes nothing before the next one."""

import pytest

from conftest import wait_for
from web_service import WebService


@pytest.fixture(scope="module")
def service(neargate):
    service = WebService(neargate, "consistent", "10.52", count=1)
    yield service
    service.end()


def push_another(service):
    """Gives the tag to another image: the same layers, and a manifest of other bytes."""
    ecr = service.neargate.client("ecr")
    latest = [{"imageTag": "latest"}]
    found = ecr.batch_get_image(repositoryName=service.name, imageIds=latest)["images"][0]
    made = ecr.put_image(
        repositoryName=service.name,
        imageManifest=found["imageManifest"] + "\n",
        imageManifestMediaType=found["imageManifestMediaType"],
        imageTag="latest",
    )
    return found["imageId"]["imageDigest"], made["image"]["imageId"]["imageDigest"]


def running_digest(service):
    """Kills the service's task, and gives the digest that its replacement runs."""
    before = service.tasks()[0]["taskArn"]
    service.ecs.stop_task(cluster=service.cluster, task=before)
    new = lambda: [t for t in service.tasks() if t["taskArn"] != before and t["lastStatus"] == "RUNNING"]
    return wait_for("the replacement", new)[0]["containers"][0]["imageDigest"]


def revision(service):
    listed = service.ecs.list_service_deployments(cluster=service.cluster, service=service.name)
    arn = listed["serviceDeployments"][0]["targetServiceRevisionArn"]
    described = service.ecs.describe_service_revisions(serviceRevisionArns=[arn])
    return described["serviceRevisions"][0]["containerImages"]


def test_a_replacement_runs_what_its_deployment_began_with(service):
    old, new = push_another(service)
    assert old != new
    assert running_digest(service) == old
    assert revision(service) == [{"containerName": "main", "image": service.image, "imageDigest": old}]
    service.update(forceNewDeployment=True)
    service.wait_until_stable()
    assert service.tasks()[0]["containers"][0]["imageDigest"] == new
    assert revision(service) == [{"containerName": "main", "image": service.image, "imageDigest": new}]


def test_without_consistency_each_task_takes_what_the_tag_stands_for(service):
    family = service.ecs.describe_task_definition(taskDefinition=service.name)["taskDefinition"]
    container = {**family["containerDefinitions"][0], "versionConsistency": "disabled"}
    keep = ("family", "requiresCompatibilities", "networkMode", "cpu", "memory", "executionRoleArn")
    made = service.ecs.register_task_definition(
        containerDefinitions=[container], **{name: family[name] for name in keep}
    )
    service.update(taskDefinition=made["taskDefinition"]["taskDefinitionArn"])
    service.wait_until_stable()
    _, new = push_another(service)
    assert running_digest(service) == new
    assert revision(service) == [{"containerName": "main", "image": service.image}]
