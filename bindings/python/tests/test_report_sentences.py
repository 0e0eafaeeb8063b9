"""What the report and the steps of a city say in sentences: what is worse, assumed, unknown and not excluded."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

for package, extra in {"pandas": "city", "geopandas": "city", "matplotlib": "plot", "jinja2": "plot"}.items():
    pytest.importorskip(package, reason=f"the extra `{extra}` is not installed")

import pandas as pd  # noqa: E402, after the checks

from libpatrol.city.checking import _no_turnout  # noqa: E402
from libpatrol.city.comparing import _change, _listed  # noqa: E402
from libpatrol.city.measures import MISSING, TOO_FEW, UNCLEAR, WITHIN  # noqa: E402
from libpatrol.city.model import MATCHES, NOT_MATCHED  # noqa: E402
from libpatrol.city.practice import Practice  # noqa: E402
from libpatrol.city.reading.numbers import _html_table  # noqa: E402
from libpatrol.city.reporting import findings  # noqa: E402
from libpatrol.city.reporting.comparison import StrategyResults  # noqa: E402
from libpatrol.city.reporting.shift import FREE, OFF_DUTY, SENT, Shift, UnitStory  # noqa: E402
from libpatrol.city.reporting.source import Source  # noqa: E402
from libpatrol.city.reporting.words import plain, signed  # noqa: E402
from libpatrol.city.verdict import verdict_on  # noqa: E402
from libpatrol.training_range import Use  # noqa: E402

LONGEST = "longest_queue_wait_seconds"


def row(policies: str, measure: str, mean: float, difference: float | None = None, half: float = 0.0) -> dict[str, Any]:
    return {
        "policies": policies, "class": "priority", "row": "3", "measure": measure, "mean": mean, "half_width": 1.0,
        "difference": difference, "difference_half_width": None if difference is None else half,
    }  # fmt: skip


def results(difference: float, half: float) -> StrategyResults:
    """Two strategies whose longest waits differ by so many seconds."""
    calls = [row(name, "response_calls", 70.0, 0.0) for name in ("current practice", "general policy")]
    waits = [row("current practice", LONGEST, 3600.0), row("general policy", LONGEST, 4200.0, difference, half)]
    return StrategyResults([*calls, *waits])


def test_a_clear_worsening_is_colored_and_told() -> None:
    found = results(600.0, 300.0)
    (longest,) = (row for row in findings.comparison_rows(found, 7.0) if row["label"].startswith("longest"))
    assert [cell["mark"] for cell in longest["cells"]] == ["", "worse"]
    told = 'Worse under "general strategy": longest time until a unit was sent, priority 3: +10.0 min (+5.0 to +15.0)'
    assert findings.worsenings(found) == [told]


@pytest.mark.parametrize(("difference", "half"), [(600.0, 700.0), (-600.0, 300.0), (2.0, 1.0)])
def test_what_is_not_clearly_worse_is_not_told(difference: float, half: float) -> None:
    assert findings.worsenings(results(difference, half)) == []


def test_rows_without_a_color_are_named() -> None:
    note = findings.comparison(results(600.0, 300.0), 7.0)["note"]
    assert "The share of time committed has no color" in note


def test_free_units_are_instructions_only_if_the_simulation_matches() -> None:
    free = np.ones((2, 24))
    for verdict, is_instruction in ((MATCHES, True), (NOT_MATCHED, False)):
        caption = findings.patrol_plan(free, ["a", "b"], "current practice", check=verdict)["caption"]
        assert caption.startswith("Patrol instructions") == is_instruction
        assert ("(not instructions)" in caption) != is_instruction


def test_use_far_from_training_is_told() -> None:
    pair = SimpleNamespace(policy=SimpleNamespace(metadata={"trained_units": "3 10"}))
    source = Source(SimpleNamespace())  # type: ignore[arg-type]
    practice = SimpleNamespace(returns_to_stations=False)
    source.__dict__["comparison"] = results(0.0, 1.0)
    source.__dict__["strategies"] = {"general policy": SimpleNamespace(pair=pair)}
    for units, told in ((8, 0), (43, 1)):
        source.__dict__["model"] = SimpleNamespace(practice=practice, scenario=SimpleNamespace(use=Use(units=units)))
        assert len(source.far_from_training) == told
    sentence = '"general strategy" is used far from what it was trained for: 43 units instead of 3 to 10'
    assert source.far_from_training == [sentence]
    assert f"{sentence}." in findings.unknown({"headlines": []}, source.far_from_training)


def test_a_page_without_a_simulation_does_not_speak_of_one() -> None:
    can, cannot = findings.verdict(None), findings.verdict(None, "it covers 0 full weeks")
    assert can["headline"] == cannot["headline"] == "Nothing was simulated."
    assert "libpatrol check finds how well" in can["sentence"]
    assert cannot["sentence"].endswith("libpatrol check cannot be run on this log: it covers 0 full weeks.")
    assert not any("Everything on this page was simulated" in sentence for sentence in findings.unknown(None))


def test_what_could_not_be_compared_is_listed() -> None:
    rows = [
        *({"quantity": name, "priority": None, "status": UNCLEAR} for name in ("calls_per_day", "busy_units")),
        {"quantity": "on_scene_seconds", "priority": None, "status": MISSING},
        *(
            {"quantity": f"response_seconds_{share}", "priority": priority, "status": TOO_FEW}
            for priority in (1, 2, 3)
            for share in ("p50", "p90")
        ),
    ]
    told = findings.unknown({"headlines": rows})
    assert "Even calls per day and busy units could not be compared reliably." in told
    assert "Not in the log, and so not compared: time on scene." in told
    assert "Too few calls to compare: response to priority 1, 2 and 3." in told


def test_assumptions_are_sentences_and_those_that_matter_most_come_first() -> None:
    names = ["officers_per_unit", "posts", "patrol", "preemption", "units_on_duty"]
    told = Practice(units_on_duty=43, assumed=names).sentences(["the mapping is a draft"])
    assert told == [
        "43 units are assumed to be on duty at all hours; nobody has confirmed it (units_on_duty in practice.toml)",
        "free units are assumed to drive about at random; nobody has confirmed it, and gains over current practice "
        "rest on it (patrol in practice.toml)",
        "the mapping is a draft",
        "a unit on its way to a less urgent call is assumed never to be sent to a more urgent one; nobody has "
        "confirmed it (preemption in practice.toml)",
        "1 officer is assumed to be in a car; nobody has confirmed it (officers_per_unit in practice.toml)",
    ]
    assert any("posts that suit the calls" in one for one in Practice(patrol="fixed_posts", assumed=names).sentences())


def headline(low: float, high: float, log: float = 600.0) -> dict[str, Any]:
    return {
        "quantity": "dispatch_delay_seconds", "by": "all", "group": "", "log": log, "simulated": 1.02 * log,
        "difference_percent": 2.0, "low_percent": low, "high_percent": high, "calls": 500.0, "status": WITHIN,
    }  # fmt: skip


def test_a_match_says_what_the_log_cannot_exclude() -> None:
    verdict, sentence = verdict_on(pd.DataFrame([headline(-17.0, 41.0)]), [])
    assert verdict == MATCHES
    assert sentence.endswith("; the log cannot exclude differences beyond it: dispatch delay (-17 to +41 %)")
    for row in (headline(-5.0, 9.0), headline(-17.0, 41.0, log=30.0)):  # of 30 s, 15 s are allowed: 50 %
        assert "cannot exclude" not in verdict_on(pd.DataFrame([row]), [])[1]


@pytest.mark.parametrize(("status", "words"), [(MISSING, "the log has no travel times"), (WITHIN, "where units were")])
def test_why_no_turn_out_is_simulated(status: str, words: str) -> None:
    rows = pd.DataFrame([{"by": "all", "quantity": "travel_seconds", "status": status}])
    assert words in _no_turnout(rows)


def test_shares_are_listed_once_if_they_are_the_same() -> None:
    names = "current practice", "closest unit, same patrol", "general policy"
    assert _listed(dict.fromkeys(names, "97 %")) == "all three: 97 %"
    found = _listed(dict(zip(names, ("97 %", "98 %", "97 %"), strict=True)))
    assert found == 'current practice 97 %; "closest unit, same patrol" 98 %; general policy 97 %'


def test_zero_has_no_sign() -> None:
    told = {"difference": -5.0, "difference_interval": [-10.0, -1.0]}
    assert _change(told) == "-0.1 min (-0.2 to 0.0)"
    assert signed(-0.01) == signed(0.01) == "0.0" and signed(-0.06) == "\N{MINUS SIGN}0.1"
    same = findings._cell(results(0.4, 0.4).get("general policy", LONGEST, "priority", "3"), 1 / 60, 1, True, True)
    assert same["change"] == "(0.0)"


def test_sentences_end_with_a_full_stop_and_have_real_minus_signs() -> None:
    assert plain("calls: -0.1 min (-0.2 to -0.1) from 2024-01-08") == (
        "Calls: \N{MINUS SIGN}0.1 min (\N{MINUS SIGN}0.2 to \N{MINUS SIGN}0.1) from 2024-01-08."
    )
    assert plain("Nothing was simulated.") == "Nothing was simulated."


def test_units_on_duty_at_a_time_are_counted() -> None:
    """Two tours of which one begins as the other ends, a unit that begins later, and one that is never there."""
    track: Any = None
    units = [
        UnitStory(track, [(0.0, FREE, -1), (50.0, SENT, 0), (200.0, OFF_DUTY, -1)]),
        UnitStory(track, [(0.0, OFF_DUTY, -1), (200.0, FREE, -1)]),
        UnitStory(track, [(0.0, OFF_DUTY, -1), (250.0, FREE, -1)]),
        UnitStory(track, [(0.0, OFF_DUTY, -1), (400.0, FREE, -1)]),
    ]
    for end, most in ((220.0, 1), (300.0, 2)):
        assert Shift(start_seconds=100.0, end_seconds=end, units=units, calls=[], decisions=[]).most_on_duty == most


def test_columns_of_which_the_log_says_nothing_are_left_out() -> None:
    table = pd.DataFrame({"priority": [1, 2], "travel_seconds_p50": [np.nan, np.nan], "response": [3.0, np.nan]})
    page = _html_table(table)
    assert "<th>response</th>" in page and "travel" not in page
