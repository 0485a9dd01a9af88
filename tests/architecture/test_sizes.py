import ast

import pytest

from .source import python_files, relative, tree

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 60


@pytest.mark.parametrize("path", python_files(), ids=relative)
def test_a_file_is_small_enough_to_read(path):
    assert len(path.read_text("utf-8").splitlines()) <= MOST_FILE_LINES


@pytest.mark.parametrize("path", python_files(), ids=relative)
def test_a_function_is_small_enough_to_see(path):
    too_long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > MOST_FUNCTION_LINES
    }
    assert too_long == {}
