"""DMS certificates, which moto does not have."""

import json
from typing import Any

from moto.core.utils import utcnow
from moto.dms.exceptions import ResourceAlreadyExistsFault, ResourceNotFoundFault
from moto.dms.responses import DatabaseMigrationServiceResponse

from emulator.patching import added, notes

FILTERS = {"certificate-arn": "CertificateArn", "certificate-id": "CertificateIdentifier"}


def _certificates(response: Any) -> dict[str, Any]:
    return notes(response.dms_backend, "certificates")


@added(DatabaseMigrationServiceResponse)
def import_certificate(self: Any) -> str:
    name = self._get_param("CertificateIdentifier")
    arn = f"arn:aws:dms:{self.region}:{self.current_account}:cert:{name}"
    if arn in _certificates(self):
        raise ResourceAlreadyExistsFault(f"Certificate {name} already exists.")
    _certificates(self)[arn] = {
        "CertificateIdentifier": name,
        "CertificateArn": arn,
        "CertificatePem": self._get_param("CertificatePem"),
        "CertificateWallet": self._get_param("CertificateWallet"),
        "CertificateCreationDate": utcnow().timestamp(),
        "KmsKeyId": self._get_param("KmsKeyId"),
    }
    self.dms_backend.tagger.tag_resource(arn, self._get_param("Tags") or [])
    return json.dumps({"Certificate": _certificates(self)[arn]})


@added(DatabaseMigrationServiceResponse)
def describe_certificates(self: Any) -> str:
    found = list(_certificates(self).values())
    for wanted in self._get_param("Filters") or []:
        found = [one for one in found if one[FILTERS[wanted["Name"]]] in wanted["Values"]]
    if self._get_param("Filters") and not found:
        raise ResourceNotFoundFault("No certificates found matching this filter")
    return json.dumps({"Certificates": found})


@added(DatabaseMigrationServiceResponse)
def delete_certificate(self: Any) -> str:
    arn = self._get_param("CertificateArn")
    if arn not in _certificates(self):
        raise ResourceNotFoundFault(f"Certificate {arn} not found.")
    return json.dumps({"Certificate": _certificates(self).pop(arn)})
