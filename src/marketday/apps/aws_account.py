"""What `marketday aws` works with: the account and region that AWS's own variables name."""

from dataclasses import dataclass

import boto3

from marketday.apps.aws_desk import NotConfigured
from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.terraform.aws import client
from marketday.provisioners.terraform.keys import Keys
from marketday.provisioners.terraform.mall_key import MallKey


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """Implements `cli.aws.AwsAccount`."""

    keys: Keys
    mall_key: MallKey
    sweep: AwsSweep


def open_account() -> OpenedAccount:
    """Return the account; nothing is called yet. Raises NotConfigured without a region."""
    session = boto3.Session()
    if session.region_name is None:
        raise NotConfigured("AWS_DEFAULT_REGION: missing; expected the region of the plane, such as ap-northeast-2")
    secrets = client("secretsmanager")
    return OpenedAccount(Keys(secrets), MallKey(secrets), AwsSweep(session.client, [session.region_name]))
