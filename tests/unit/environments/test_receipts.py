"""Nothing is destroyed without a receipt: each place that refuses does so by itself."""

from unittest.mock import AsyncMock, Mock

import pytest

from marketday.environments.errors import NoReceipt
from marketday.environments.model import Step, requested
from marketday.handback.errors import InvalidReceipt
from marketday.kit.ids import new_id
from marketday.provisioners.local.home import open_home
from marketday.provisioners.local.provisioner import LocalProvisioner
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane

DROP = dawn_serum()
ONE = requested(new_id(), DROP, DROP.schedule())


class Suspicious:
    """Knows no genuine receipt."""

    check = Mock(side_effect=InvalidReceipt("it is damaged"))


async def test_the_step_destroys_nothing_without_a_receipt(tmp_path, monkeypatch):
    plane = FilePlane(tmp_path)
    destroy = AsyncMock(return_value=None)
    monkeypatch.setattr(plane, "destroy", destroy)
    with pytest.raises(NoReceipt):
        await plane.steps().do(Step.DESTROY, ONE, DROP.schedule().destroy_at)
    destroy.assert_not_called()


async def test_the_local_provisioner_destroys_nothing_without_a_genuine_receipt(tmp_path):
    keys = AsyncMock()
    provisioner = LocalProvisioner(open_home(tmp_path / "home"), None, Suspicious(), keys)
    with pytest.raises(NoReceipt):
        await provisioner.destroy(ONE, "forged")
    keys.revoke.assert_not_called()
