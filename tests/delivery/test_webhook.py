"""GitHub's webhooks: a wrong signature and a replay are refused; what is right reaches Jenkins once, as it came."""

import hashlib
import hmac
import socket
import threading
import urllib.error
import urllib.request
from http import HTTPStatus

import pytest
from ci import webhook

from .standins import serving

SECRET = b"It's a Secret to Everybody"


def signed(body, secret=SECRET):
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


@pytest.fixture
def jenkins():
    """A stand-in that takes everything, until `status` says otherwise."""
    with serving(lambda *_: (jenkins_status[0], {})) as stand_in:
        jenkins_status[0] = 200
        yield stand_in


jenkins_status = [200]


@pytest.fixture
def receiver(jenkins, tmp_path):
    server = webhook.server(SECRET, jenkins.url, webhook.Deliveries(tmp_path / "seen.sqlite"), ("127.0.0.1", 0))
    server.RequestHandlerClass.log_message = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


def send(url, body, delivery, signature=None):
    headers = {
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": signature or signed(body),
        "X-GitHub-Event": "push",
    }
    try:
        asked = urllib.request.Request(url, body, headers)  # noqa: S310 - our own, and http
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
            return answer.status
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_github_s_own_example_of_a_signature_is_right():
    """From GitHub's page "Validating webhook deliveries"."""
    known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {"X-Hub-Signature-256": known, "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958"}
    assert webhook.check(SECRET, headers, b"Hello, World!") == headers["X-GitHub-Delivery"]


@pytest.mark.parametrize(
    "signature",
    [
        signed(b"another body"),
        signed(b'{"a": 1}', b"another secret"),
        "sha256=",
        signed(b'{"a": 1}').replace("sha256=", "sha1="),
        signed(b'{"a": 1}').upper(),
        "",
    ],
)
def test_a_wrong_signature_is_refused(receiver, jenkins, signature):
    assert send(receiver, b'{"a": 1}', "delivery-1", signature or " ") == HTTPStatus.FORBIDDEN
    assert jenkins.asked == []


def test_what_is_right_reaches_jenkins_as_it_came(receiver, jenkins):
    body = b'{"ref": "refs/heads/main"}'
    assert send(receiver, body, "delivery-1") == HTTPStatus.ACCEPTED
    ((path, got, headers),) = jenkins.asked
    assert (path, got) == ("/github-webhook/", body)
    told = {name.lower(): value for name, value in headers.items()}
    assert told["x-hub-signature-256"] == signed(body)
    assert told["x-github-event"] == "push"


def test_a_load_balancer_sees_that_it_runs_and_there_is_nothing_else_to_read(receiver, jenkins):
    with urllib.request.urlopen(f"{receiver}healthz", timeout=10) as answer:  # noqa: S310 - our own, and http
        assert answer.status == HTTPStatus.OK
    for path in ("", "github-webhook/", "healthz/x"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(receiver + path, timeout=10)  # noqa: S310
        refused.value.close()
        assert refused.value.code == HTTPStatus.NOT_FOUND
    assert jenkins.asked == []


def test_a_replay_is_refused_by_its_id_and_by_its_body(receiver, jenkins):
    """The id is not signed: who replays a body can give it another one."""
    assert send(receiver, b"{}", "delivery-1") == HTTPStatus.ACCEPTED
    assert send(receiver, b"{}", "delivery-1") == HTTPStatus.CONFLICT
    assert send(receiver, b'{"b": 1}', "delivery-1") == HTTPStatus.CONFLICT
    assert send(receiver, b"{}", "delivery-2") == HTTPStatus.CONFLICT
    assert len(jenkins.asked) == 1


def test_a_delivery_that_jenkins_did_not_take_may_come_again(receiver, jenkins):
    jenkins_status[0] = 503
    assert send(receiver, b"{}", "delivery-1") == HTTPStatus.BAD_GATEWAY
    jenkins_status[0] = 200
    assert send(receiver, b"{}", "delivery-1") == HTTPStatus.ACCEPTED


def test_an_answer_that_is_not_http_is_none_and_the_delivery_may_come_again():
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answers():
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"no web server\r\n\r\n")

        thread = threading.Thread(target=answers)
        thread.start()
        with pytest.raises(webhook.Refused, match="Jenkins did not take it"):
            webhook.pass_on(f"http://127.0.0.1:{listening.getsockname()[1]}", {}, b"{}")
        thread.join()


def test_a_replay_is_known_after_a_new_start_and_forgotten_when_it_is_old(tmp_path):
    file = tmp_path / "seen.sqlite"
    webhook.Deliveries(file).claim("delivery-1", b"{}", 1000.0)
    with pytest.raises(webhook.Refused):
        webhook.Deliveries(file).claim("delivery-1", b"{}", 2000.0)
    webhook.Deliveries(file).claim("delivery-1", b"{}", 1001.0 + webhook.KEPT_SECONDS)


def test_without_a_secret_it_does_not_start(tmp_path):
    with pytest.raises(ValueError, match="secret is empty"):
        webhook.server(b"", "http://127.0.0.1:9", webhook.Deliveries(tmp_path / "seen"), ("127.0.0.1", 0))
