"""Deployments of CodeDeploy with a revision that changes nothing on the instance."""

import io
import zipfile

from botocore.exceptions import ClientError

import names
from account import is_refused
from tasks import make_tolerant, wait_until

OVER = ("Succeeded", "Failed", "Stopped")
APPSPEC = "version: 0.0\nos: linux\n"


def upload_revision(world):
    """An AppSpec file without files and hooks."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("appspec.yml", APPSPEC)
    world.client("s3").put_object(Bucket=world.bucket, Key=names.REVISION, Body=packed.getvalue())


def create_application(world, question, launch, **group):
    """An application of the question, with one deployment group of the same name and the role of the example."""
    name, codedeploy = names.make_name(question), world.client("codedeploy")
    tags = names.list_tags(world.run)
    role = world.client("iam").get_role(RoleName=launch.resources["CodeDeployRole"])["Role"]["Arn"]
    with world.ledger.creating("application", name):
        codedeploy.create_application(applicationName=name, computePlatform="Server", tags=tags)
        codedeploy.create_deployment_group(
            applicationName=name, deploymentGroupName=name, serviceRoleArn=role, tags=tags,
            deploymentConfigName="CodeDeployDefault.AllAtOnce", **group,
        )  # fmt: skip
    return name


def deploy(world, application, group):
    """Begins a deployment; whatever is in progress is stopped before anything of it is removed."""
    place = {"bucket": world.bucket, "key": names.REVISION, "bundleType": "zip"}
    asked = {"deploymentGroupName": group, "revision": {"revisionType": "S3", "s3Location": place}}
    with world.ledger.creating("deployments", application):
        begun = world.client("codedeploy").create_deployment(applicationName=application, **asked)
    return begun["deploymentId"]


def stop_deployment(account, deployment):
    """One that has ended meanwhile needs no stop (aws-facts 5)."""
    try:
        account.client("codedeploy").stop_deployment(deploymentId=deployment)
    except ClientError as error:
        if not is_refused(error, "DeploymentAlreadyCompleted"):
            raise


def read_deployment(world, deployment):
    return world.client("codedeploy").get_deployment(deploymentId=deployment)["deploymentInfo"]


def end_deployment(world, deployment):
    """Stops it, and waits for its end. Gives what CodeDeploy says of it then, or None if it goes on."""
    stop_deployment(world.account, deployment)
    return (yield from await_deployment(world, deployment, world.options.patience))


def tell_status(told):
    """The status of a deployment, and what CodeDeploy says of its failure."""
    error = told.get("errorInformation", {})
    return ": ".join(filter(None, [told["status"], error.get("code"), error.get("message")]))


def await_deployment(world, deployment, seconds):
    """Gives what CodeDeploy says of it when it is over, or None."""

    def over():
        told = read_deployment(world, deployment)
        return told if told["status"] in OVER else None

    return wait_until(make_tolerant(over), seconds)
