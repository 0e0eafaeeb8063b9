"""Random decisions under every rule, proven by HiGHS and by rules written from the header's wording."""

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import highspy
import numpy as np
import pytest

import libpatrol
from libpatrol import Area, AreaArrays, Engine, PatrolError, Policy, Session, Snapshot, Status, Task
from libpatrol.files import write_policy
from reference.broken_rules import broken
from reference.highs import solve
from reference.instances import instances
from reference.networks import state_dict
from reference.proof import faults
from reference.rules import RULES_OFF


@pytest.mark.parametrize("seed", range(8))
def test_decisions_are_optimal_and_keep_every_rule(seed: int, tmp_path: Path) -> None:
    for index, instance in enumerate(instances(seed, 60, tmp_path)):
        assert list(faults(instance, tmp_path)) == [], f"instance {index}"


def test_large_decisions_are_optimal_and_keep_every_rule(tmp_path: Path) -> None:
    for index, instance in enumerate(instances(100, 40, tmp_path, most=(16, 12))):
        assert list(faults(instance, tmp_path)) == [], f"instance {index}"


def test_the_rules_of_the_tests_can_be_broken(tmp_path: Path) -> None:
    """Decisions of an engine without rules, judged by rules that it did not have."""
    found: Counter[str] = Counter()
    words = ("may not serve", "passes it over", "are taken from beat", "beyond its limit", "held against")
    for instance in instances(7, 400, tmp_path):
        if instance.kind == "none":
            continue
        lawless = Session(
            Engine(instance.place.area, Policy.load(tmp_path / "policy"), compliance_rows=4, **RULES_OFF),
            max(1, len(instance.snapshot.units)),
            len(instance.snapshot.incidents),
        )
        answer = lawless.decide(instance.snapshot, tasks=Task.DISPATCH, deadline=None)
        for fault in broken(instance.department(), answer):
            found.update(word for word in words if word in fault)
    assert min(found[word] for word in words) > 3


def test_decisions_without_units_or_calls(small_policy: Policy, city: AreaArrays, area: Area, tmp_path: Path) -> None:
    session = Session(Engine(area, small_policy), 3, 3)
    for units, calls in ((0, 0), (3, 0), (0, 3)):
        crew, waiting = libpatrol.units(units), libpatrol.incidents(calls)
        crew["node"], waiting["node"] = 5, 7
        snapshot = Snapshot(0.0, crew, waiting)
        answer = session.decide(snapshot, tasks=Task.DISPATCH)
        assert (len(answer.assignments), len(answer.waits)) == (0, calls)
        assert answer.bound == answer.objective == solve(session.program(snapshot), tmp_path).objective == 0.0


def test_a_unit_whose_skill_is_not_needed_does_not_block_another(city: AreaArrays, area: Area, tmp_path: Path) -> None:
    """An urgent call needs a medic and anyone: both go, though the network would have nobody go."""
    layers = [(np.zeros((1, 24), np.float32), np.array([-1000.0], np.float32))]
    write_policy(tmp_path / "policy", pair=state_dict(layers))
    session = Session(Engine(area, Policy.load(tmp_path / "policy")), 2, 1)
    units, calls = libpatrol.units(2), libpatrol.incidents(1)
    units["node"], units["capabilities"] = [0, 99], [1, 0]
    calls["node"], calls["units_required"] = 50, 2
    calls["needs"][0, 0] = (1, 1, 0)
    assert len(session.decide(Snapshot(0.0, units, calls)).assignments) == 2
    units["capabilities"] = [0, 0]
    answer = session.decide(Snapshot(0.0, units, calls))
    assert len(answer.assignments) == 1
    assert answer.waits["reason"].tolist() == [libpatrol.WaitReason.NO_ELIGIBLE_UNIT]


def test_heuristics_without_a_program_have_no_text(area: Area) -> None:
    session = Session(Engine(area, dispatch_policy="closest_fcfs"), 1, 1)
    units = libpatrol.units(1)
    units["node"] = 3
    with pytest.raises(PatrolError) as caught:
        session.program(Snapshot(0.0, units))
    assert caught.value.status is Status.UNSUPPORTED


@pytest.mark.parametrize(("units", "calls"), [(0, 0), (1, 0), (0, 1)])
@pytest.mark.parametrize("name", [None, "hotspots-heavy"])
def test_programs_without_rows_are_read(area: Area, tmp_path: Path, name: str | None, units: int, calls: int) -> None:
    """By HiGHS, and by GLPK where it is there, which refuses a file without any constraint."""
    fleet, waiting = libpatrol.units(units), libpatrol.incidents(calls)
    fleet["node"], waiting["node"] = np.arange(units), 50
    snapshot = Snapshot(0.0, fleet, waiting)
    session = Session(Engine(area, None if name is None else Policy.bundled(name)), 2, 2)
    path = tmp_path / "decision.lp"
    path.write_text(session.program(snapshot), encoding="utf-8")
    objective = session.decide(snapshot).objective
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk and solver.getNumRow() > 0
    solver.run()
    assert solver.getInfo().objective_function_value == pytest.approx(objective, rel=1e-6, abs=1e-6)
    if glpsol := shutil.which("glpsol"):
        subprocess.run([glpsol, "--lp", str(path), "-o", str(tmp_path / "solution")], check=True, capture_output=True)
        wording = (tmp_path / "solution").read_text(encoding="utf-8")
        found = re.search(r"^Objective:\s+obj = (\S+)", wording, re.MULTILINE)
        assert found is not None and float(found[1]) == pytest.approx(objective, rel=1e-6, abs=1e-6)
