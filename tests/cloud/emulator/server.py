"""The emulator as one WSGI application: control, faults, then moto, with a line of the log for each call."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from . import lookups
from .faults import Faults
from .regions import LOST, silence
from .services import dms, elasticache, rds_copies
from .services.cloudfront_keys import SERVICE as KEYS
from .services.cloudfront_keys import KeyCall, answer_key_call, read_key_call
from .wire import Call, error_response, read_call

CONTROL = "/marketday/"
RESET = "/moto-api/reset"
BODY_BYTES = 2000
WAITING = {"ReceiveMessage", "Invoke"}  # calls that may take long, waiting for another

lookups.remember()


class Emulator:
    """moto's server between our control endpoints and our log."""

    def __init__(self, log: Path | None) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._faults = Faults()
        self._log = log.open("a", encoding="utf-8", buffering=1) if log else None
        self._writing = threading.Lock()
        # moto's records are not made for 40 hands: "dictionary changed size during iteration" now and then.
        self._serving = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"].startswith(CONTROL):
            return self._control(Request(environ))(environ, start_response)
        began, call = time.perf_counter(), read_call(environ)
        keys = read_key_call(environ["PATH_INFO"], environ["REQUEST_METHOD"])
        if keys is None:
            response = self._answer(call, environ)
        else:
            call = replace(call, service=KEYS, action=keys.action, account=keys.account)
            response = self._answer_keys(keys, Request(environ))
        self._record(call, response, time.perf_counter() - began)
        return response(environ, start_response)

    def _answer(self, call: Call, environ: dict[str, Any]) -> Response:
        if LOST.takes(call, environ):
            return silence(environ)
        content_type = environ.get("CONTENT_TYPE")
        if fault := self._faults.take(call):
            return error_response(call, content_type, fault.code, fault.message)
        if environ["PATH_INFO"] == RESET:
            self._faults.clear()
        try:
            with nullcontext() if call.action in WAITING else self._serving:
                response = Response.from_app(self._moto, environ, buffered=True)
        except Exception as error:  # noqa: BLE001  what moto cannot do, whatever it raises, is said at once
            return error_response(call, content_type, "NotImplemented", f"{type(error).__name__}: {error}")
        if response.status_code >= 500 or (response.status_code == 404 and _is_flask_page(response)):
            return error_response(call, content_type, "NotImplemented", f"{call.service} {call.action}")
        return response

    def _answer_keys(self, call: KeyCall, request: Request) -> Response:
        with self._serving:
            return answer_key_call(call, request)

    def _control(self, request: Request) -> Response:
        try:
            match request.method, request.path.removeprefix(CONTROL):
                case "GET", "ready":
                    pass
                case "POST", "faults":
                    self._faults.add(request.get_json())
                case "DELETE", "faults":
                    self._faults.clear(request.args.get("account"))
                case "POST", "dms":
                    dms.script(request.get_json())
                case "POST", "caches":
                    elasticache.set_status(request.get_json())
                case "POST", "regions":
                    LOST.set(request.get_json())
                case "POST", "backups":
                    rds_copies.set_latest(request.get_json())
                case method, path:
                    return Response(
                        f"{method} {path}; expected one of ready, faults, dms, caches, regions, backups\n", 404
                    )
        except (ValueError, TypeError, KeyError) as error:
            return Response(f"{type(error).__name__}: {error}\n", 400)
        return Response("{}", content_type="application/json")

    def _record(self, call: Call, response: Response, seconds: float) -> None:
        if self._log is None:
            return
        line = {
            "service": call.service,
            "action": call.action,
            "account": call.account,
            "region": call.region,
            "status": response.status_code,
            "milliseconds": round(seconds * 1000),
            "request": call.body[:BODY_BYTES].decode("utf-8", "replace"),
        }
        if response.status_code >= 400:
            line["response"] = response.get_data()[:BODY_BYTES].decode("utf-8", "replace")
        with self._writing:
            self._log.write(json.dumps(line) + "\n")


def _is_flask_page(response: Response) -> bool:
    return b"<!doctype html>" in response.get_data()[:100].lower()


def listen(port: int, log: Path | None) -> BaseWSGIServer:
    """Listen on a port of this machine (0: any free one)."""
    return make_server("127.0.0.1", port, Emulator(log), threaded=True, request_handler=MotoRequestHandler)
