"""What a cluster's configuration says of sessions of ECS Exec: their logs, and their key."""

import threading

import pytest
from botocore.exceptions import ClientError

from conftest import wait_for
from runner import Runner, allow
from session_client import Session
from test_exec import SLEEPER, exec_command, execute

LOGS = ["logs:DescribeLogGroups", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]


@pytest.fixture(scope="module")
def runner(neargate):
    runner = Runner(neargate, cluster="exec-settings", cidr="10.33")
    runner.role_name = "exec-settings-task"
    runner.task_role = runner.make_role(runner.role_name, allow(LOGS, "*"))
    return runner


@pytest.fixture(scope="module")
def task(runner):
    definition = runner.register(SLEEPER, family="exec-settings", taskRoleArn=runner.task_role)
    arn = runner.run(definition, enableExecuteCommand=True)["tasks"][0]["taskArn"]
    runner.wait(arn, "RUNNING")
    yield arn
    runner.stop(arn)


def configure(runner, **exec_configuration):
    runner.ecs.update_cluster(
        cluster=runner.cluster, configuration={"executeCommandConfiguration": exec_configuration}
    )


def allowed(runner, actions):
    """Lets the task's role do these things and no others."""
    runner.iam.put_role_policy(RoleName=runner.role_name, PolicyName="own", PolicyDocument=allow(actions, "*"))


def session(runner, task, command):
    session = Session(execute(runner, task, command)["session"])
    session.to_the_end()
    return session


def logged(runner, group, session_id):
    """What is in the log stream of a session, once it is there."""

    def events():
        try:
            found = runner.logs.get_log_events(logGroupName=group, logStreamName=session_id, startFromHead=True)
        except runner.logs.exceptions.ResourceNotFoundException:
            return None
        return [event["message"] for event in found["events"]]

    # The stream is made before its events are put.
    return wait_for("the session's log", events, seconds=20)


def is_logged(runner, group, session_id):
    streams = runner.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=session_id)
    return bool(streams["logStreams"])


def test_by_default_sessions_are_in_the_containers_own_group(runner, task):
    done = session(runner, task, "echo hello")
    [message] = logged(runner, runner.group, done.id)
    first, *printed, empty, last = message.split("\n")
    assert first.startswith("Script started on 2") and last.startswith("Script done on 2")
    assert (printed, empty) == (["hello"], "")


def test_the_task_role_decides_what_is_logged(runner, task):
    allowed(runner, ["logs:CreateLogStream"])
    done = session(runner, task, "echo unseen")
    wait_for("the stream", lambda: is_logged(runner, runner.group, done.id))
    allowed(runner, LOGS)
    seen = session(runner, task, "echo seen")
    assert "seen" in logged(runner, runner.group, seen.id)[0]
    found = runner.logs.get_log_events(logGroupName=runner.group, logStreamName=done.id)
    assert found["events"] == []


def test_override_names_a_group_and_a_bucket(neargate, runner, task):
    s3 = neargate.client("s3")
    s3.create_bucket(Bucket="exec-sessions", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    runner.logs.create_log_group(logGroupName="/exec/sessions")
    places = {"cloudWatchLogGroupName": "/exec/sessions", "s3BucketName": "exec-sessions", "s3KeyPrefix": "of/exec"}
    configure(runner, logging="OVERRIDE", logConfiguration=places)
    allowed(runner, [*LOGS, "s3:PutObject", "s3:GetEncryptionConfiguration"])
    done = session(runner, task, "seq 1 50000")
    messages = logged(runner, "/exec/sessions", done.id)
    assert len(messages) == 2
    numbers = "\n".join(messages).split("\n")[1:-2]
    assert numbers == [str(n) for n in range(1, 50001)]
    assert not is_logged(runner, runner.group, done.id)
    read = s3.get_object(Bucket="exec-sessions", Key=f"of/exec/{done.id}.log")
    assert read["ContentType"] == "text/plain" and b"\r\n50000\r\n" in read["Body"].read()
    # Without the right to, the object is missing, and the session is none the worse.
    allowed(runner, LOGS)
    done = session(runner, task, "echo no object")
    assert "no object" in logged(runner, "/exec/sessions", done.id)[0]
    assert s3.list_objects_v2(Bucket="exec-sessions")["KeyCount"] == 1


def test_none_is_none(runner, task):
    configure(runner, logging="NONE")
    quiet = session(runner, task, "echo quiet")
    configure(runner, logging="DEFAULT")
    loud = session(runner, task, "echo loud")
    logged(runner, runner.group, loud.id)
    assert not is_logged(runner, runner.group, quiet.id)


def test_places_that_must_be_encrypted(neargate, runner, task):
    runner.logs.create_log_group(logGroupName="/exec/plain")
    places = {"cloudWatchLogGroupName": "/exec/plain", "cloudWatchEncryptionEnabled": True}
    configure(runner, logging="OVERRIDE", logConfiguration=places)
    refused = session(runner, task, "echo never")
    assert refused.printed == b"" and refused.closed["Output"].startswith(
        "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group."
    )
    key = neargate.client("kms").create_key()["KeyMetadata"]["Arn"]
    runner.logs.create_log_group(logGroupName="/exec/encrypted", kmsKeyId=key)
    configure(
        runner, logging="OVERRIDE", logConfiguration={**places, "cloudWatchLogGroupName": "/exec/encrypted"}
    )
    done = session(runner, task, "echo after all")
    assert "after all" in logged(runner, "/exec/encrypted", done.id)[0]
    configure(
        runner, logging="OVERRIDE", logConfiguration={"s3BucketName": "exec-sessions", "s3EncryptionEnabled": True}
    )
    refused = session(runner, task, "echo never")
    why = "Couldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: AccessDenied"
    assert refused.closed["Output"].startswith(why)
    configure(runner, logging="DEFAULT")


def test_what_says_two_things_is_refused(runner):
    with pytest.raises(ClientError) as error:
        configure(runner, logging="NONE", logConfiguration={"s3BucketName": "b"})
    why = "You must set logging to 'OVERRIDE' when you supply a log configuration"
    assert error.value.response["Error"] == {"Code": "InvalidParameterException", "Message": why}


@pytest.fixture
def key(neargate, runner):
    """A KMS key that encrypts the cluster's sessions."""
    kms = neargate.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    configure(runner, kmsKeyId=key, logging="NONE")
    yield key
    configure(runner, logging="DEFAULT")


def test_neargate_exec_encrypts_with_the_clusters_key(neargate, task, key):
    done = exec_command(neargate, task, "--", "sh", "-c", "echo encrypted; exit 3")
    assert (done.returncode, done.stdout.strip()) == (3, b"encrypted")
    neargate.client("kms").disable_key(KeyId=key)
    refused = exec_command(neargate, task, "--", "true")
    assert refused.returncode == 1 and b"does not encrypt the session: DisabledException" in refused.stderr


def test_a_client_without_a_data_key_is_refused(runner, task, key):
    opened = Session(execute(runner, task)["session"], encrypts=False)
    opened.to_the_end()
    asked = [action["ActionType"] for action in opened.agent["RequestedClientActions"]]
    assert asked == ["SessionType", "KMSEncryption"]
    assert opened.agent["RequestedClientActions"][1]["ActionParameters"] == {"KMSKeyId": key}
    assert opened.closed["Output"].startswith(
        "\n----------ERROR-------\nEncountered error while initiating handshake. KMSEncryption failed on client"
    )


def test_the_task_role_must_be_allowed_to_decrypt(neargate, runner, task, key):
    kms = neargate.client("kms")
    made = execute(runner, task)
    target = "ecs:exec-settings_{}_{}".format(
        task.rsplit("/", 1)[1], runner.describe(task)["containers"][0]["runtimeId"]
    )
    context = {"aws:ssm:SessionId": made["session"]["sessionId"], "aws:ssm:TargetId": target}
    data_key = kms.generate_data_key(KeyId=key, NumberOfBytes=64, EncryptionContext=context)["CiphertextBlob"]
    opened = Session(made["session"], encrypts=data_key)
    opened.to_the_end()
    why = "Fetching data key failed: Unable to retrieve data key, Error when decrypting data key AccessDeniedException:"
    assert why in opened.closed["Output"]
    # A data key of another session is none.
    allowed(runner, ["kms:Decrypt"])
    opened = Session(execute(runner, task)["session"], encrypts=data_key)
    opened.to_the_end()
    assert "Error when decrypting data key InvalidCiphertextException" in opened.closed["Output"]
    allowed(runner, LOGS)


def test_sessions_end_with_neargate(neargate, runner, task):
    ssm = neargate.client("ssm")
    opened = Session(execute(runner, task)["session"])
    opened.type("echo be''fore\r")
    opened.until("before")
    stopping = threading.Thread(target=neargate.stop)
    stopping.start()
    opened.to_the_end()
    stopping.join()
    assert opened.closed["Output"] == "Neargate stops."
    neargate.start()
    assert "\nbefore\n" in logged(runner, runner.group, opened.id)[0]
    killed = Session(execute(runner, task, "sleep 3456")["session"])
    neargate.kill()
    neargate.start()
    gone = lambda: b"sleep 3456" not in exec_command(neargate, task, "--", "ps").stdout
    wait_for("the process's end", gone)
    for session_id in (opened.id, killed.id):
        assert "TokenValue" not in ssm.resume_session(SessionId=session_id)
