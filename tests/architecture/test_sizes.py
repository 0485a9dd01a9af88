import ast

from .source import nodes, python_files, text, wrong

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 60


def test_a_file_is_small_enough_to_read():
    def too_long(path):
        lines = len(text(path).splitlines())
        return lines if lines > MOST_FILE_LINES else None

    assert wrong(python_files(), too_long) == {}


def test_a_function_is_small_enough_to_see():
    def too_long(path):
        return {
            node.name: node.end_lineno - node.lineno + 1
            for node in nodes(path)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno - node.lineno + 1 > MOST_FUNCTION_LINES
        }

    assert wrong(python_files(), too_long) == {}
