"""The reader's own time beside a time on a page, as the script of the pages tells it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import marketday

NODE = shutil.which("node")
LOCAL_TIME = Path(marketday.__file__).parent / "web/layout/static/local_time.js"


@pytest.mark.skipif(NODE is None, reason="NO NODE: the reader's own time is NOT tested")
def test_the_readers_own_time_is_told_where_their_clock_shows_another_one(tmp_path):
    seoul, new_york, apia = "Asia/Seoul", "America/New_York", "Pacific/Apia"
    cases = [
        ("2026-12-10T11:05:00Z", seoul, seoul, "en", ""),
        ("2026-12-10T11:05:00Z", seoul, "Asia/Tokyo", "en", ""),
        ("2026-12-10T11:05:00Z", seoul, new_york, "en", "06:05 EST"),
        ("2026-07-10T11:05:00Z", seoul, new_york, "en", "07:05 EDT"),
        ("2026-12-10T17:05:00Z", seoul, new_york, "en", "Thu, Dec 10, 12:05 EST"),
        ("2026-12-10T11:05:00Z", new_york, seoul, "ko", "20:05 GMT+9"),
        ("2026-12-10T11:05:00Z", new_york, "Asia/Kolkata", "en", "16:35 GMT+5:30"),
        ("2026-12-10T11:05:00Z", "UTC", "Pacific/Chatham", "en", "Fri, Dec 11, 00:50 GMT+13:45"),
        ("2026-12-10T11:05:00Z", apia, "Pacific/Pago_Pago", "en", "Thu, Dec 10, 00:05 GMT-11"),
        ("2026-12-10T11:05:00Z", apia, "UTC", "en", "Thu, Dec 10, 11:05 UTC"),
    ]
    module = tmp_path / "local_time.mjs"
    shutil.copyfile(LOCAL_TIME, module)
    program = (
        f"import {{ ownTime }} from {json.dumps(module.as_uri())};"
        f"console.log(JSON.stringify({json.dumps(cases)}.map((each) => ownTime(...each.slice(0, 4)))));"
    )
    argv = [str(NODE), "--input-type=module", "-e", program]
    told = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout)
    assert [text.replace("\u202f", " ") for text in told] == [case[4] for case in cases]
