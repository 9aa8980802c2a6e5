"""Refuses an account without a network for the launches, and leaves out launches that nothing is predicted of there."""

from botocore.exceptions import ClientError

from errors import CannotBegin
from speech import tell

HOST_MANAGEMENT = "/ssm/managed-instance/default-ec2-instance-management-role"


def require_network(account, options):
    if options.subnets:
        return
    default = [{"Name": "is-default", "Values": ["true"]}]
    if not account.client("ec2").describe_vpcs(Filters=default)["Vpcs"]:
        told = "has no default VPC: name subnets with OPTIONS='--subnets subnet-…,subnet-…'"
        raise CannotBegin(f"{account.region} {told}")


def choose_kinds(account, kinds):
    """Default Host Management registers instances without a role too (aws-facts 6.1): those launches are left out."""
    if not is_host_management_on(account):
        return kinds
    tell("Default Host Management is on in this Region: the launches without an instance role are left out.")
    return [kind for kind in kinds if kind.get("role", True)]


def is_host_management_on(account):
    try:
        told = account.client("ssm").get_service_setting(SettingId=HOST_MANAGEMENT)["ServiceSetting"]
    except ClientError as error:
        tell(f"Whether Default Host Management is on could not be read ({error}); taken as off.")
        return False
    return told.get("Status") == "Customized" and told.get("SettingValue", "$None") != "$None"
