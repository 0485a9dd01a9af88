from marketday.crowd.report.model import ProcessorUse
from marketday.demo.processors import ProcessorTimes, ProcessStat
from marketday.provisioners.local.processes import RunningProcess


def test_a_process_counts_with_its_descendants_and_keeps_its_last_value() -> None:
    times, first, second = ProcessorTimes(), RunningProcess(10, 100), RunningProcess(30, 300)
    stats = {
        1: ProcessStat(0, 1, 99.0),
        10: ProcessStat(1, 100, 1.0),
        11: ProcessStat(10, 101, 2.0),
        12: ProcessStat(11, 102, 4.0),
        30: ProcessStat(1, 300, 0.5),
    }
    times.follow({"event nginx": [first], "crowd": [second]}, stats)
    assert without_demo(times) == [ProcessorUse("event nginx", 7.0), ProcessorUse("crowd", 0.5)]

    restarted, stats = RunningProcess(10, 400), {10: ProcessStat(1, 400, 3.0), 30: ProcessStat(1, 999, 50.0)}
    times.follow({"event nginx": [restarted], "crowd": [second]}, stats)
    assert without_demo(times) == [ProcessorUse("event nginx", 10.0), ProcessorUse("crowd", 0.5)]


def without_demo(times: ProcessorTimes) -> list[ProcessorUse]:
    uses = times.uses()
    assert [use.seconds > 0 for use in uses if use.name == "demo"] == [True]
    return [use for use in uses if use.name != "demo"]
