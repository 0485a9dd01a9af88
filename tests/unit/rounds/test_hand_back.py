"""An early release that is recorded with an environment is written into its receipt."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from marketday.environments.model import RELEASED_EARLY, requested
from marketday.environments.ports import Access
from marketday.handback.model import Waiting
from marketday.kit.ids import new_id
from marketday.rounds.hand_back import HandBackStep
from marketday.testing.definitions import dawn_serum


@pytest.mark.parametrize(
    "early", [None, {"reservations": 3, "units": 9, "at": "2026-12-10T12:00:00+00:00", "by": "ann"}]
)
async def test_what_was_released_early_is_told_to_the_hand_back(early):
    windows = []

    async def hand_back(window):
        windows.append(window)
        return Waiting("for the world")

    definition = dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    if early:
        environment = replace(environment, outputs={RELEASED_EARLY: json.dumps(early)})
    await HandBackStep(SimpleNamespace(hand_back=hand_back)).hand_back(environment, Access("", "", "", ""))
    assert [window.released_early for window in windows] == [early]
