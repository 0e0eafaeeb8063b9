"""Intervals of shadow mode: days are what counts, and of too few of them nothing is said."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from libpatrol.shadow.blocks import by_blocks, text_of
from libpatrol.shadow.comparisons import OTHER, SAME
from libpatrol.shadow.coverage import about_intervals, not_seen
from libpatrol.studies.intervals import interval


def test_intervals_are_those_of_cluster_robust_regression() -> None:
    statsmodels = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(7)
    days = np.arange(301) % 7
    values = rng.normal(size=7)[days] + rng.normal(size=301)
    fitted = statsmodels.OLS(values, np.ones(301)).fit(
        cov_type="cluster", cov_kwds={"groups": days, "use_correction": True}, use_t=True
    )
    low, high = fitted.conf_int(0.05)[0]
    found = by_blocks(values, days)
    assert found.mean == pytest.approx(values.mean()) and found.replications == 7
    assert (found.mean - found.half_width, found.mean + found.half_width) == pytest.approx((low, high))
    assert found.half_width > 2 * interval(values).half_width  # as if all were independent: far too narrow


@pytest.mark.parametrize("sizes", [(10, 40, 35, 38), (40, 41, 39), (3, 30, 30, 30, 30, 30, 29)])
def test_intervals_of_days_of_different_sizes(sizes: tuple[int, ...]) -> None:
    """As in Bell & McCaffrey 2002, "CR2" and its degrees of freedom, written out with matrices over all values."""
    from scipy.linalg import block_diag, inv, sqrtm
    from scipy.stats import t

    rng, n = np.random.default_rng(3), sum(sizes)
    days = np.repeat(np.arange(len(sizes)), sizes)
    values = rng.normal(size=len(sizes))[days] + rng.normal(size=n)
    rest = np.eye(n) - np.ones((n, n)) / n
    own = block_diag(*(np.ones((size, size)) for size in sizes))  # errors of a day go together
    error, columns = 0.0, []
    for day in range(len(sizes)):
        rows = days == day
        weights = inv(sqrtm(rest[np.ix_(rows, rows)]).real) @ np.full(rows.sum(), 1 / n)
        error += float(weights @ (values - values.mean())[rows]) ** 2
        columns.append(rest[:, rows] @ weights)
    form = np.array(columns) @ own @ np.array(columns).T
    freedom = np.trace(form) ** 2 / np.trace(form @ form)
    found = by_blocks(values, days)
    assert found.half_width == pytest.approx(t.ppf(0.975, freedom) * math.sqrt(error), rel=1e-6)


@pytest.mark.parametrize("sizes", [(16, 24, 24, 8), (2, 24, 24, 24, 22), (16, 24, 20)])
def test_intervals_hold_as_often_as_they_say(sizes: tuple[int, ...]) -> None:
    """Runs that begin and end in the middle of a day; days that differ more than their calls."""
    rng, held, runs = np.random.default_rng(11), 0, 1000
    days = np.repeat(np.arange(len(sizes)), sizes)
    for _ in range(runs):
        found = by_blocks(rng.normal(size=len(sizes))[days] + rng.normal(size=len(days)), days)
        held += abs(found.mean) <= found.half_width
    assert 0.94 <= held / runs <= 0.98


def test_too_few_days_have_no_interval() -> None:
    """Two days, or three of which one is nearly all, say nothing of other days, however many calls there were."""
    rng = np.random.default_rng(5)
    for sizes in ((100, 100), (1000, 1), (3, 300, 3), (16, 24, 8)):
        values = rng.normal(size=sum(sizes))
        found = by_blocks(values, np.repeat(np.arange(len(sizes)), sizes))
        assert math.isnan(found.half_width) and found.mean == pytest.approx(values.mean())
    assert by_blocks(rng.normal(size=72), np.arange(72) // 24).half_width > 0


def comparisons_at(hours: Iterable[float]) -> list[dict[str, Any]]:
    """Return comparisons of which the drives differ, at hours since Monday 00:00."""
    return [{"local_seconds": 3600.0 * hour, "outcome": OTHER if k % 3 else SAME} for k, hour in enumerate(hours)]


def test_what_a_short_test_does_not_show() -> None:
    evening = comparisons_at(np.arange(18, 26, 0.2))
    assert about_intervals(evening).startswith("No intervals: the calls are of 2 days, and a day counts as one")
    assert not_seen(evening) == [
        "No call was compared from 02:00 to 18:00. What differs at such hours does not show.",
        "No call was compared on Wednesday, Thursday, Friday, Saturday, Sunday. "
        "What differs on such days does not show.",
    ]
    days_only = comparisons_at(hour for hour in np.arange(0, 168, 0.5) if 8 <= hour % 24 < 12 or 13 <= hour % 24 < 20)
    (hours,) = not_seen(days_only)
    assert "from 12:00 to 13:00, 20:00 to 08:00." in hours
    week = comparisons_at(np.arange(168))
    assert not_seen(week) == [] and about_intervals(week).startswith("Intervals of 95 %: Student's t over 7 days")
    assert not_seen([]) == [] and about_intervals([]).startswith("No intervals: the calls are of 0 days")


def test_intervals_of_a_day_and_of_days_that_do_not_differ() -> None:
    assert by_blocks([], []).replications == 0 and text_of(by_blocks([], [])) == "\N{EN DASH}"
    for values, days in (([1.0, 2.0, 3.0], [4, 4, 4]), ([1.0, 1.0, np.nan], [0, 1, 2])):
        found = by_blocks(values, days)
        assert math.isnan(found.half_width) and "±" not in text_of(found)
    equal = by_blocks([1.0, 3.0, 2.0, 4.0], [0, 1, 2, 3])
    assert equal.half_width == pytest.approx(interval([1.0, 3.0, 2.0, 4.0]).half_width)
