"""The study of the general policy: replications until intervals are narrow, and what counts as a mistake."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

from benchmarks.studies.general import __main__ as command
from benchmarks.studies.general.unseen import LOADS, Precision, Unseen, mistakes, over, unseen
from benchmarks.studies.laboratory import Laboratory
from libpatrol import Policy
from libpatrol.files import with_abstention
from libpatrol.studies.intervals import Interval
from libpatrol.studies.pairs import PolicyPair


def test_simultaneous_intervals_are_wider() -> None:
    together = Precision(8, 8, 0.01, comparisons=120).together(Interval(-0.05, 0.01, 20))
    assert together.mean == -0.05 and together.replications == 20
    assert together.half_width == pytest.approx(0.01 * t.ppf(1 - 0.025 / 120, 19) / t.ppf(0.975, 19))


def test_replications_until_it_is_known(tmp_path: Path) -> None:
    made: list[str] = []
    lab = Laboratory(tmp_path, say=made.append)
    pair = PolicyPair.trained(with_abstention(Policy.bundled(), patrol=0, dispatch=1))
    found = unseen(lab, 19, pair, Precision(2, 5, 1e-9, comparisons=1))
    assert (found.units, list(found.changes)) == (3, list(LOADS))
    assert {change.replications for change in found.changes.values()} == {5}
    count = len(made)
    # Continued, not begun anew; a wide interval is enough after the first look.
    wider = unseen(lab, 19, pair, Precision(2, 8, 1e-9, comparisons=1))
    assert len(made) == count + 2 * len(LOADS) and all(one.replications == 8 for one in wider.changes.values())
    once = unseen(lab, 19, pair, Precision(2, 8, 1e9, comparisons=1))
    assert len(made) == count + 2 * len(LOADS) and all(one.replications == 2 for one in once.changes.values())


def test_a_policy_that_always_abstains_changes_nothing(tmp_path: Path) -> None:
    never = with_abstention(Policy.bundled(), patrol=0, dispatch=0)
    precision = Precision(2, 8, 0.004, comparisons=3)
    found = unseen(Laboratory(tmp_path, say=lambda name: None), 22, PolicyPair.trained(never), precision)
    assert all(change == Interval(0.0, 0.0, 2) for change in found.changes.values())
    text = "\n".join(command.sections([found], never, precision))
    assert "dispatch is always left to minimum_weighted_travel" in text and "is shown in 0 of 3" in text
    command.draw([found], tmp_path / "results.png")
    assert (tmp_path / "results.png").stat().st_size > 5000


def test_mistakes_are_what_intervals_show() -> None:
    changes = [Interval(0.02, 0.01, 9), Interval(0.0, 0.003, 9), Interval(0.0, 0.006, 9)]
    found = [Unseen(1000, 5, 50, dict(zip(LOADS, changes, strict=True)))]
    assert mistakes(found) == (2, 1)
    twice = [*found, Unseen(1001, 9, 90, {load: Interval(-0.04, 0.01, 9) for load in LOADS})]
    assert over(twice, LOADS[1:]).mean == pytest.approx(np.mean([0.0, -0.04]))
