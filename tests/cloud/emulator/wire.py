"""What a request of the AWS API asks for, and how an error is answered in the protocol that it speaks."""

import io
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import BotoCoreError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.model import OperationModel
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from .patching import AwsError

CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/")
ACCOUNT_KEY = re.compile(r"\d{12}")
# Where the name that a service signs with is not the name of its model.
MODELS = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "email": "ses",
}


@dataclass(frozen=True)
class Call:
    """One call: its service by its signing name, and its operation; method and path where that is unknown."""

    service: str
    action: str
    account: str
    region: str
    body: bytes


def read_call(environ: dict[str, Any]) -> Call:
    """Read a request without using it up, and say to moto whose account it is for."""
    request = Request(dict(environ))
    body = request.get_data()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    signed = CREDENTIAL.search(request.headers.get("Authorization", ""))
    service, region, key = (signed["service"], signed["region"], signed["key"]) if signed else ("-", "-", "")
    account = DEFAULT_ACCOUNT_ID
    if ACCOUNT_KEY.fullmatch(key):
        account = environ["HTTP_X_MOTO_ACCOUNT_ID"] = key
    return Call(service, _action(request, service, body), account, region, body)


def _action(request: Request, service: str, body: bytes) -> str:
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2]
    if (request.content_type or "").startswith("application/x-www-form-urlencoded"):
        for action in parse_qs(body.decode("utf-8", "replace")).get("Action", []):
            return action
    try:
        operation, _ = get_service_router(MODELS.get(service, service)).match(request)
    except (NotFound, NotImplementedError, BotoCoreError):
        return f"{request.method} {request.full_path.rstrip('?')}"
    return str(operation.name)


def error_response(call: Call, content_type: str | None, code: str, message: str) -> Response:
    """Answer 400 with an error, as the service itself would; a 500 would be tried again 25 times by an SDK."""
    try:
        model = get_service_model(MODELS.get(call.service, call.service))
        protocol = determine_request_protocol(model, content_type)
    except (NotImplementedError, BotoCoreError):
        return Response(f"{code}: {message}", 400)
    serializer = get_serializer_class(model.service_name, protocol)(operation_model=OperationModel({}, model))
    answer = serializer.serialize(AwsError(code, message))
    status = answer["status_code"] if answer["status_code"] < 500 else 400
    return Response(answer["body"], status, answer["headers"])
