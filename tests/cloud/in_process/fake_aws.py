"""An AWS that answers what a test says: real clients of boto3, which check every argument, without a network."""

from collections import deque
from functools import cache, partial
from types import SimpleNamespace

import boto3


class FakeAws:
    """Answers with `{(service, operation): answer}`; a list is answered page by page, the rest is empty."""

    asked = None  # the last one that was made; clients are slow to make, so all of them share theirs

    def __init__(self, answers=None, errors=None):
        self.answers = {key: deque(each) if isinstance(each, list) else each for key, each in (answers or {}).items()}
        self.errors = errors or {}
        self.calls = []
        FakeAws.asked = self

    @staticmethod
    def client(service, *, region_name, config):
        assert config.retries["mode"] == "standard"
        return _client(service, region_name)


@cache
def _client(service, region):
    made = _session().client(service, region_name=region)
    made.meta.events.register("before-parameter-build", partial(_note, service, region))
    made.meta.events.register("before-call", partial(_answer, service))
    return made


@cache
def _session():
    return boto3.Session("testing", "testing")


def _note(service, region, params, model, **_):
    FakeAws.asked.calls.append((service, region, model.name, dict(params)))


def _answer(service, model, **_):
    if error := FakeAws.asked.errors.get((service, model.name)):
        if isinstance(error, Exception):
            raise error
        return SimpleNamespace(status_code=400), {"Error": {"Code": error, "Message": "told by a test"}}
    found = FakeAws.asked.answers.get((service, model.name), {})
    return SimpleNamespace(status_code=200), found.popleft() if isinstance(found, deque) else found
