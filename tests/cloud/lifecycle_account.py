"""An account with what the stack `permanent` makes, the lifecycle's two functions over it, and a Slack."""

import asyncio
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

from marketday.accounts.tokens import public_jwks
from marketday.apps import aws, aws_lambda
from marketday.drops.definition import ScheduleOverrides
from marketday.environments.model import Outcome, State, Step, StepRecord
from marketday.handback.receipt import sign
from marketday.provisioners.terraform.ec2 import ENVIRONMENT_TAG
from marketday.provisioners.terraform.keys import SSH_SECRET
from marketday.provisioners.terraform.script import EXIT
from marketday.testing.accounts import a_signing_key
from marketday.testing.definitions import dawn_serum

from .build_host import Machine
from .emulated import REGION

ISSUER = "https://mall.example.com"
ARN = "arn:aws:lambda:ap-northeast-2:123456789012:function:marketday-lifecycle"
GROUP, TABLE, SLACK, STACK, JWKS = (
    "marketday",
    "marketday-runs",
    "marketday/slack",
    "/marketday/stack",
    "/marketday/jwks",
)
FACTS = {
    "region": REGION,
    "hostname": "event.example.com",
    "certificate_arn": "arn:cert",
    "alarm_topic_arn": "arn:topic",
    "evidence_bucket": "marketday-logs",
    "other_cidrs": ["10.0.0.0/16"],
    "images": {name: f"{name}:1" for name in ("gate", "store", "worker", "migrate")},
    "mall": {
        "issuer": ISSUER,
        "jwks": '{"keys": []}',
        "public_url": ISSUER,
        "payment_gateway_url": "https://pay.example.com",
        "payment_key_secret_arn": "arn:pay",
    },
}
READS = ("describe_", "get_", "list_", "query")
MOST_WAKES = 400
RUN_SECONDS = 900


class Killed(BaseException):
    """The function was killed: nothing of it runs any more."""


class Life:
    """Counts a function's calls that change something, and kills it before one of them; whoever is dead calls nothing.

    That is after the one before it, too: what only reads leaves nothing behind.
    """

    def __init__(self) -> None:
        self.left: int | None = None

    def client(self, real: Any) -> Any:
        return _Counted(real, self)


class _Counted:
    def __init__(self, real: Any, life: Life) -> None:
        self._real, self._life = real, life
        self.meta = real.meta

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            if self._life.left is None:
                return getattr(self._real, operation)(**arguments)
            if self._life.left >= 0 and not operation.startswith(READS):
                self._life.left -= 1
            if self._life.left < 0:
                raise Killed
            return getattr(self._real, operation)(**arguments)

        return call


class Launching:
    """EC2, whose instances are launched by a chain's clock: the emulator knows the true time alone."""

    def __init__(self, real: Any, clock: "Clock") -> None:
        self._real, self._clock = real, clock
        self._launched: dict[str, datetime] = {}
        self.meta = real.meta

    def __getattr__(self, operation: str) -> Any:
        return getattr(self._real, operation)

    def run_instances(self, **arguments: Any) -> dict[str, Any]:
        started = self._real.run_instances(**arguments)
        return {**started, "Instances": [self._dated(each) for each in started["Instances"]]}

    def describe_instances(self, **arguments: Any) -> dict[str, Any]:
        found = self._real.describe_instances(**arguments)["Reservations"]
        return {"Reservations": [{"Instances": [self._dated(each) for each in group["Instances"]]} for group in found]}

    def _dated(self, instance: dict[str, Any]) -> dict[str, Any]:
        launched = self._launched.setdefault(instance["InstanceId"], self._clock.now())
        return {**instance, "LaunchTime": launched}


class ShellFunction:
    """Invokes the shell's function in this process, with JSON in between as Lambda has it."""

    meta = SimpleNamespace(service_model=SimpleNamespace(service_name="lambda"))

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
        assert FunctionName == "shell"
        answer = aws_lambda.shell(json.loads(Payload), None)
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


class Clock:
    """The true time, and some more."""

    def __init__(self) -> None:
        self.more = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.more

    def pass_(self, **time: float) -> None:
        self.more += timedelta(**time)

    def reach(self, moment: datetime) -> None:
        self.more += max(moment - self.now(), timedelta())


class Slack:
    """A webhook that keeps what it gets, unless it is `down`."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.down = False
        slack = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not slack.down:
                    slack.got.append(json.loads(body))
                self.send_response(503 if slack.down else 200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/services/T/B/hush"

    def said(self, part: str) -> list[str]:
        """Return the messages whose title holds `part`."""
        return [json.dumps(each, ensure_ascii=False) for each in self.got if part in each["text"]]


class Chain:
    """One account: what stands in it always, an operator, and the function that schedules wake."""

    def __init__(self, machine: Machine, repository: str, commit: str, slack: Slack) -> None:
        self.machine, self.slack = machine, slack
        self.clock, self.life = Clock(), Life()
        self._ec2 = Launching(machine.client("ec2"), self.clock)
        self.key = a_signing_key()
        self._make_permanent()
        self.site = aws.AwsSite(
            client=self._client,
            functions=lambda: self.life.client(ShellFunction()),
            address_of=machine.address_of,
            runs_folder=str(machine.folder / "runs"),
            backend={"use_path_style": True},
            clock=self.clock,
        )
        self.variables = {
            **machine.account.environment,
            "AWS_DEFAULT_REGION": REGION,
            "MARKETDAY_RUN_TABLE": TABLE,
            "MARKETDAY_STATE_BUCKET": machine.bucket,
            "MARKETDAY_SLACK_SECRET": SLACK,
            "MARKETDAY_SSH_SECRET": SSH_SECRET,
            "MARKETDAY_SHELL_FUNCTION": "shell",
            "MARKETDAY_LAUNCH_TEMPLATE": machine.template,
            "MARKETDAY_LINK_LAUNCH_TEMPLATE": machine.template,
            "MARKETDAY_BUILD_BY": "build-host",
            "MARKETDAY_REPOSITORY_URL": repository,
            "MARKETDAY_REPOSITORY_COMMIT": commit,
            "MARKETDAY_SCHEDULE_GROUP": GROUP,
            "MARKETDAY_SCHEDULER_ROLE_ARN": "arn:aws:iam::123456789012:role/marketday-scheduler",
            "MARKETDAY_DEAD_LETTER_ARN": "arn:aws:sqs:ap-northeast-2:123456789012:lost",
            "MARKETDAY_STACK_PARAMETER": STACK,
            "MARKETDAY_RECEIPT_JWKS": JWKS,
            "MARKETDAY_LANGUAGE": "en",
        }

    def _make_permanent(self) -> None:
        client = self.machine.client
        client("scheduler").create_schedule_group(Name=GROUP)
        client("secretsmanager").create_secret(Name=SLACK, SecretString=self.slack.address)
        self.put_parameter(STACK, FACTS)
        self.put_parameter(JWKS, public_jwks(self.key, ISSUER))
        keys = {"pk": "HASH", "sk": "RANGE"}
        client("dynamodb").create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            BillingMode="PAY_PER_REQUEST",
        )

    def put_parameter(self, name: str, value: Any) -> None:
        text = json.dumps(value)
        self.machine.client("ssm").put_parameter(Name=name, Value=text, Type="String", Overwrite=True)

    def _client(self, service: str) -> Any:
        return self.life.client(self._ec2 if service == "ec2" else self.machine.client(service))

    def operator(self) -> aws.OnAws:
        """What `marketday env` works with."""
        settings = aws.Settings().model_copy(update={"lifecycle_function_arn": ARN})
        return aws.OnAws(settings, self.site)

    def request(self, slug: str, hours: int = 2) -> "Drop":
        """Request an environment that is built in a moment; its day is over in so many hours."""
        now = self.clock.now().replace(microsecond=0)
        over = now + timedelta(hours=hours)
        room, closes, destroyed = (over - timedelta(minutes=minutes) for minutes in (20, 10, 5))
        day = ScheduleOverrides(build_at=now + timedelta(seconds=90), room_opens_at=room, destroy_at=destroyed)
        changed = {"slug": slug, "opens_at": room, "closes_at": closes, "schedule_overrides": day}
        definition = dawn_serum().model_copy(update=changed)

        async def requested() -> Any:
            operator = self.operator()
            return await operator.lambda_service().request(definition)

        return Drop(self, asyncio.run(requested()).id, day)


class Drop:
    """One environment, as the chain carries it."""

    def __init__(self, chain: Chain, environment_id: Any, day: ScheduleOverrides) -> None:
        self.chain, self.id, self.day = chain, environment_id, day
        self.name = f"md-{environment_id.hex[-8:]}"

    @property
    def schedules(self) -> dict[str, Any]:
        """Its schedules' inputs, by the names of their moments."""
        scheduler = self.chain.machine.client("scheduler")
        listed = scheduler.list_schedules(GroupName=GROUP, NamePrefix=self.name)["Schedules"]
        kept = [scheduler.get_schedule(GroupName=GROUP, Name=each["Name"]) for each in listed]
        assert all(each["Target"]["Arn"] == ARN for each in kept)
        return {each["Name"].removeprefix(f"{self.name}-"): json.loads(each["Target"]["Input"]) for each in kept}

    @property
    def record(self) -> Any:
        return asyncio.run(self.chain.operator().store.get(self.id))

    @property
    def runs(self) -> list[tuple[str, str]]:
        runs = asyncio.run(self.chain.operator().runs.of_environment(self.id))
        return [(run.action.value, run.state.value) for run in runs]

    def instances(self, *states: str) -> list[Any]:
        tag = {"Key": ENVIRONMENT_TAG, "Value": str(self.id)}
        return [each for each in self.chain.machine.instances(*states) if tag in each.get("Tags", ())]

    def wake(self, name: str = "tick") -> dict[str, Any]:
        """Let its schedule `name` call the function."""
        context = SimpleNamespace(invoked_function_arn=ARN)
        return aws_lambda.handler({"environment": str(self.id), "wake": name}, context)

    def wake_until(self, *, seconds: float = 31, **wanted: Any) -> Any:
        """Let minutes pass until the record's fields are as `wanted`: `state`, or `step` for one that is done."""
        for _ in range(MOST_WAKES):
            came = self.wake()
            record = self.record
            if record.state is wanted.get("state") or wanted.get("step") in record.done:
                return record
            assert record.state is not State.FAILED, record.failure
            works = came["steps"] and came["steps"][-1]["outcome"] == "started" and self.run_ends()
            self.chain.clock.pass_(seconds=0.2 if works else seconds)
        raise AssertionError(f"{wanted} was not reached: {came}")

    def run_ends(self) -> bool:
        """Wait for the end of the run that is under way on the build host; say whether there was one."""
        started = [each.parent for each in self.chain.machine.folder.glob(f"runs/{self.id}/*/*/started")]
        deadline = time.monotonic() + RUN_SECONDS
        while any(_works(each) for each in started):
            assert time.monotonic() < deadline, f"a run in {started} did not end within {RUN_SECONDS} seconds"
            time.sleep(0.02)
        return bool(started)

    def retry(self) -> None:
        async def retried() -> None:
            await self.chain.operator().lambda_service().retry(self.id)

        asyncio.run(retried())

    def others_do(self, *steps: Step) -> None:
        """Do what the mall's controller does, as far as the record tells; the hand-back leaves a receipt."""
        asyncio.run(self._others_do(*steps))

    async def _others_do(self, *steps: Step) -> None:
        store, now = self.chain.operator().store, self.chain.clock.now()
        claims = {"kind": "handed-back", "promotion": {}}
        receipt = sign(self.chain.key, ISSUER, self.id, claims, now).token
        for step in steps:
            outputs = {"receipt": receipt} if step is Step.HAND_BACK else {}
            done = (await store.get(self.id)).having_done(step, outputs, now)
            await store.save(done, StepRecord(step, Outcome.DONE, "", now))

    def to_the_end(self) -> Any:
        """From built to destroyed."""
        self.to_its_last_hour()
        return self.wake_until(state=State.DESTROYED)

    def to_its_last_hour(self) -> None:
        """From built to when it is to be destroyed."""
        self.others_do(Step.HAND_OVER, Step.SMOKE)
        self.chain.clock.reach(self.day.room_opens_at)
        self.wake_until(step=Step.OPEN)
        self.others_do(Step.DRAIN, Step.HAND_BACK)
        self.chain.clock.reach(self.day.destroy_at)


def _works(run: Path) -> bool:
    """Say whether the script in this folder has still to write its exit code; one that was killed never does."""
    pid = run / "pid"
    killed = pid.exists() and pid.read_text() and not Path(f"/proc/{pid.read_text().strip()}").exists()
    return not ((run / EXIT).exists() or killed)


@contextmanager
def a_slack() -> Iterator[Slack]:
    slack = Slack()
    try:
        yield slack
    finally:
        slack.server.shutdown()
        slack.server.server_close()
