"""Whether the evaluator decides as IAM's documentation says, also where the answer is not the one that we wish."""

import pytest

from .policies import Resource, allowed

ACTION, ARN = "s3:GetObject", "arn:aws:s3:::bucket/key"


def statement(test, key, values, effect="Allow"):
    condition = [{"test": test, "variable": key, "values": values}] if test else []
    return {
        "sid": "",
        "effect": effect,
        "actions": ["s3:Get*"],
        "not_actions": None,
        "resources": ["arn:aws:s3:::bucket/*"],
        "not_resources": None,
        "condition": condition,
    }


@pytest.mark.parametrize(
    ("test", "expected", "context", "holds"),
    [
        ("StringEquals", ["a"], {"k": "a"}, True),
        ("StringEquals", ["a"], {"K": "a"}, True),  # the names of keys have no capitals
        ("StringEquals", ["a"], {"k": "A"}, False),
        ("StringEquals", ["a"], {}, False),
        ("StringEqualsIgnoreCase", ["a"], {"k": "A"}, True),
        ("StringNotEquals", ["a"], {"k": "b"}, True),
        ("StringNotEquals", ["a", "b"], {"k": "b"}, False),
        ("StringNotEquals", ["a"], {}, True),
        ("StringEqualsIfExists", ["a"], {}, True),
        ("StringEqualsIfExists", ["a"], {"k": "b"}, False),
        ("Null", ["true"], {}, True),
        ("Null", ["false"], {"k": ""}, True),
        ("StringLike", ["a?c*"], {"k": "abcd"}, True),
        ("StringLike", ["a.c"], {"k": "abc"}, False),
        ("ArnLike", ["arn:aws:rds:*:1:db:md-*"], {"k": "arn:aws:rds:r:1:db:md-1"}, True),
        ("ArnLike", ["arn:aws:rds:*:db:md-*"], {"k": "arn:aws:rds:r:1:db:md-1"}, False),
        ("ArnEquals", ["arn:*"], {"k": "arn:aws:rds:r:1:db:md-1"}, False),
        ("ArnNotLike", ["arn:aws:rds:r:1:db:md-*"], {"k": "arn:aws:rds:r:1:db:mall"}, True),
        ("ArnNotLike", ["arn:aws:rds:r:1:db:md-*"], {}, True),
        ("Bool", ["true"], {"k": "TRUE"}, True),
        ("ForAllValues:StringEquals", ["a", "b"], {"k": ["a"]}, True),
        ("ForAllValues:StringEquals", ["a"], {"k": ["a", "c"]}, False),
        ("ForAllValues:StringEquals", ["a"], {}, True),
        ("ForAnyValue:StringEquals", ["a"], {"k": ["c", "a"]}, True),
        ("ForAnyValue:StringEquals", ["a"], {}, False),
        ("ForAllValues:StringNotEqualsIgnoreCase", ["a"], {"k": ["b", "A"]}, False),
        ("ForAllValues:StringNotEqualsIgnoreCase", ["a"], {"k": ["b"]}, True),
    ],
)
def test_a_condition(test, expected, context, holds):
    assert allowed([statement(test, "k", expected)], ACTION, [Resource(ARN)], context) is holds
    both = [statement("", "", []), statement(test, "k", expected, "Deny")]
    assert allowed(both, ACTION, [Resource(ARN)], context) is not holds


def test_each_resource_of_a_request_has_to_be_allowed():
    given = [statement("StringEquals", "k", ["a"])]
    assert not allowed(given, ACTION, [Resource(ARN, {"k": "a"}), Resource(ARN, {"k": "b"})], {})
    assert not allowed(given, ACTION, [Resource(ARN), Resource("arn:aws:s3:::other/key")], {"k": "a"})


def test_an_operator_that_is_not_known_is_no_answer():
    with pytest.raises(NotImplementedError):
        allowed([statement("NumericLessThan", "k", ["1"])], ACTION, [Resource(ARN)], {"k": "0"})
