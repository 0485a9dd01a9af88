"""The keys of CloudFront's key-value stores: a service of its own, which moto does not have.

An SDK asks it at `<account>.<endpoint>`, which is no host here; through a proxy it comes to us all the same.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from emulator.services.cloudfront import cloudfront_backends, new_etag

SERVICE = "cloudfront-keyvaluestore"
PATH = re.compile(
    r"/key-value-stores/(?P<arn>arn:aws:cloudfront::(?P<account>\d{12}):key-value-store/[^/]+)(?P<keys>/keys(?:/(?P<key>.+))?)?"
)
ACTIONS = {"PUT": "PutKey", "GET": "GetKey", "DELETE": "DeleteKey"}
Refused = tuple[str, int]  # the error's code, and the HTTP status


@dataclass(frozen=True)
class KeyCall:
    """One call of the service."""

    arn: str
    account: str
    key: str | None
    action: str


def read_key_call(path: str, method: str) -> KeyCall | None:
    """Return what a request asks of the keys; None: it is for another service."""
    found = PATH.fullmatch(path)
    if found is None:
        return None
    whole = "ListKeys" if found["keys"] else "DescribeKeyValueStore"
    action = ACTIONS.get(method, method) if found["key"] else whole
    return KeyCall(found["arn"], found["account"], found["key"], action)


def answer_key_call(call: KeyCall, request: Request) -> Response:
    """Carry it out. Whoever writes has to name the store's ETag, as AWS asks."""
    stores = cloudfront_backends[call.account]["aws"].stores.values()
    store = next((each for each in stores if each["ARN"] == call.arn), None)
    if store is None:
        return _refusal("ResourceNotFoundException", 404)
    keys: dict[str, str] = store.setdefault("keys", {})
    told: dict[str, Any] = {}
    if call.action in {"PutKey", "DeleteKey"} and request.headers.get("If-Match") != store["etag"]:
        return _refusal("ConflictException", 409)
    match call.action, call.key:
        case "DescribeKeyValueStore", None:
            told = {"KvsARN": call.arn, "Created": 0, "Status": "READY"}
        case "ListKeys", None:
            told = {"Items": [{"Key": key, "Value": value} for key, value in keys.items()]}
        case "PutKey", str(key):
            keys[key] = request.get_json()["Value"]
            store["etag"] = new_etag()
        case (("GetKey" | "DeleteKey"), str(key)) if key not in keys:
            return _refusal("ResourceNotFoundException", 404)
        case "GetKey", str(key):
            told = {"Key": key, "Value": keys[key]}
        case "DeleteKey", str(key):
            del keys[key]
            store["etag"] = new_etag()
        case _:
            return _refusal("ValidationException", 400)
    size = sum(len(key) + len(value) for key, value in keys.items())
    body = json.dumps({**told, "ItemCount": len(keys), "TotalSizeInBytes": size})
    return Response(body, 200, {"ETag": store["etag"]}, content_type="application/json")


def _refusal(code: str, status: int) -> Response:
    body = json.dumps({"Message": code})
    return Response(body, status, {"x-amzn-ErrorType": code}, content_type="application/json")
