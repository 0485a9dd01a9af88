from datetime import UTC, datetime, timedelta

from marketday.capacity.cost.run import parse_run
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.billing import held
from marketday.provisioners.terraform.model import Action, Exit, Run, RunOutcome, Stack

AT = datetime(2026, 12, 9, 13, tzinfo=UTC)
DATABASE = {"address": "aws_db_instance.this", "type": "aws_db_instance", "values": {"instance_class": "db.t4g.medium"}}


class Day:
    def __init__(self):
        self.environment, self.runs = new_id(), []

    def run(self, stack, action, hour, exit_code=Exit.DONE, minutes=20):
        asked_at = AT + timedelta(hours=hour)
        plan_of = self.runs[-1].id if action is Action.APPLY else None
        run = Run(new_id(), self.environment, stack, action, "c" * 40, {}, asked_at, plan_of)
        outcome = RunOutcome(exit_code, "", "log", (), [DATABASE] if action is Action.PLAN else ())
        self.runs.append(run.begun("i-1").ended(outcome, asked_at + timedelta(minutes=minutes)))
        return self

    def stood(self, now=AT + timedelta(hours=30)):
        rows = held(self.runs, now)["stacks"]
        return [(row["stack"], row["existed_from"][11:16], row["existed_until"][11:16]) for row in rows]


def test_a_stack_stood_from_its_apply_to_the_end_of_its_destroy():
    day = Day().run(Stack.EVENT, Action.PLAN, 0).run(Stack.EVENT, Action.APPLY, 0.5).run(Stack.EVENT, Action.DESTROY, 9)
    assert day.stood() == [("event", "13:30", "22:20")]
    [existed] = parse_run(held(day.runs, AT))
    assert existed.resource.type == "aws_db_instance"


def test_a_link_that_comes_and_goes_is_counted_each_time():
    day = Day()
    for hour in (1, 2):
        day.run(Stack.LINK, Action.PLAN, hour).run(Stack.LINK, Action.APPLY, hour, minutes=5)
        day.run(Stack.LINK, Action.DESTROY, hour + 0.5, minutes=5)
    assert day.stood() == [("link", "14:00", "14:35"), ("link", "15:00", "15:35")]


def test_what_failed_half_way_is_paid_for_until_it_is_gone():
    day = Day().run(Stack.EVENT, Action.PLAN, 0).run(Stack.EVENT, Action.APPLY, 0, Exit.APPLY)
    assert day.stood(AT + timedelta(hours=2)) == [("event", "13:00", "15:00")]
    day.run(Stack.EVENT, Action.DESTROY, 2, Exit.DESTROY).run(Stack.EVENT, Action.DESTROY, 3)
    assert day.stood() == [("event", "13:00", "16:20")]


def test_nothing_was_built():
    assert held([], AT) == {"stacks": []}
    assert Day().run(Stack.EVENT, Action.PLAN, 0).stood() == []
