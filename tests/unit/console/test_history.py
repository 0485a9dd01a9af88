from marketday.web.console.history import COARSE_SECONDS, RECENT, History


def test_columns_are_of_one_length_and_have_gaps_where_a_series_had_no_value():
    history = History()
    history.add(1, {"waiting": 5})
    history.add(2, {"waiting": 6, "p95 gate": 1.5})
    assert history.columns() == {"at": [1, 2], "waiting": [5, 6], "p95 gate": [None, 1.5]}


def test_what_is_older_than_the_recent_points_is_kept_coarse():
    history = History()
    for at in range(RECENT + 100):
        history.add(at, {"waiting": at})
    times = history.columns()["at"]
    coarse, recent = times[:-RECENT], times[-RECENT:]
    assert recent == list(range(100, RECENT + 100))
    assert coarse == list(range(0, 100, int(COARSE_SECONDS)))


def test_another_drop_begins_with_nothing():
    history = History()
    history.add(1, {"waiting": 5})
    history.clear()
    assert history.columns() == {"at": []}
