"""Secrets Manager: replicas of a secret."""

import json
from typing import Any

from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend
from moto.secretsmanager.responses import SecretsManagerResponse

from emulator.patching import AwsError, added, around


# moto forgets the key of a replica.
@around(FakeSecret)
def create_replicas(create: Any, self: Any, replica_regions: list[dict[str, str]], *args: Any, **kwargs: Any) -> Any:
    made = create(self, replica_regions, *args, **kwargs)
    for replica, asked in zip(made, replica_regions, strict=True):
        if asked.get("KmsKeyId"):
            replica.config["KmsKeyId"] = asked["KmsKeyId"]
    return made


# A replica becomes a secret of its own, which no longer follows the first. Only its own region is asked for this.
@added(SecretsManagerBackend)
def stop_replication_to_replica(self: Any, secret_id: str) -> str:
    replica = self.secrets.get(secret_id)
    if not isinstance(replica, ReplicaSecret):
        raise AwsError("InvalidRequestException", f"{secret_id} is not a replica.")
    source = replica.source
    own = FakeSecret(
        account_id=self.account_id,
        region_name=self.region_name,
        secret_id=source.secret_id,
        secret_version={},
        version_id="",
        description=source.description,
        tags=source.tags,
        kms_key_id=replica.config["KmsKeyId"],
        last_changed_date=source.last_changed_date,
        created_date=source.created_date,
    )
    own.arn = replica.arn
    own.versions = {number: dict(version) for number, version in source.versions.items()}
    own.set_default_version_id(source.default_version_id)
    dict.pop(self.secrets, replica.arn)
    self.secrets[own.secret_id] = own
    source.replicas = [each for each in source.replicas if each is not replica]
    return str(own.arn)


@added(SecretsManagerResponse)
def stop_replication_to_replica(self: Any) -> str:  # noqa: F811 - the answer to the call of the backend above
    return json.dumps({"ARN": self.backend.stop_replication_to_replica(self._get_param("SecretId"))})
