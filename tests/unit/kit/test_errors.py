from marketday.kit.errors import Kind, MarketdayError
from marketday.web.problems import STATUS


class OutOfTea(MarketdayError):
    """There is no tea.

    Nobody brewed any.
    """

    kind = Kind.CONFLICT
    slug = "out-of-tea"


def test_the_title_is_the_first_line_of_the_docstring_without_its_full_stop():
    assert OutOfTea().title == "There is no tea"


def test_the_type_is_made_of_the_slug():
    assert OutOfTea().type == "urn:marketday:problem:out-of-tea"


def test_detail_and_extra_members_are_kept():
    error = OutOfTea("green; expected black", left=0)
    assert (error.detail, error.extra, str(error)) == ("green; expected black", {"left": 0}, "green; expected black")
    assert str(OutOfTea()) == "There is no tea"


def test_every_kind_has_a_status():
    assert set(STATUS) == set(Kind)
    assert all(400 <= status < 600 for status in STATUS.values())
