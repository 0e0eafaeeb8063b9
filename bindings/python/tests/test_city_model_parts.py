"""The parts of a city's model: demand, service, surges, kinds, fleet, practice, targets, schedules, queues."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from libpatrol.city.activity import Activity
from libpatrol.city.demand import Smoothing, counts_of, fit_demand
from libpatrol.city.facts import Category
from libpatrol.city.fleet import spread, weekly_shifts
from libpatrol.city.history import gaps_of
from libpatrol.city.kept import Kept, done
from libpatrol.city.kinds import kind_index, kinds_of
from libpatrol.city.measures import OUTSIDE, TOO_FEW, UNCLEAR, WITHIN, Difference, Period
from libpatrol.city.places import places_of
from libpatrol.city.practice import Hold, Practice
from libpatrol.city.queues import erlang_c, hypercube
from libpatrol.city.schedules import Schedule
from libpatrol.city.service import service_times
from libpatrol.city.surges import variation_of
from libpatrol.city.targets import targets_of
from libpatrol.city.travel import TravelByHour, travel_by_hour
from reference.queueing import erlang_c as reference_erlang_c
from reference.queueing import hypercube as reference_hypercube

WEEK = 604_800.0


@pytest.fixture
def made(rng: np.random.Generator) -> dict:
    """Three weeks of calls from known rates at 60 places in 4 beats."""
    xy = rng.uniform(0, 4000, (60, 2))
    beats = (xy[:, 0] > 2000) + 2 * (xy[:, 1] > 2000)
    share = np.exp(-((xy - 1500) ** 2).sum(1) / (2 * 900.0**2))
    hourly = 1 + 0.7 * np.sin(2 * np.pi * np.arange(168) / 24)
    rates = 8.0 * (share / share.sum())[:, None, None] * np.array([0.3, 0.7])[:, None] * hourly
    weeks = 3
    counts = rng.poisson(np.repeat(rates[:, :, None], weeks, 2))
    index = np.repeat(np.argwhere(counts), counts[counts > 0], axis=0)
    order = np.argsort(index[:, 2] * 168 + index[:, 3], kind="stable")
    place, kind, week, hour = index[order].T
    received = 3600.0 * (week * 168 + hour) + 1800
    places = places_of(xy, beats, place)
    raw = counts.sum(2) / weeks
    return {"rates": rates, "raw": raw, "received": received, "place": place, "kind": kind, "places": places}


def test_smoothed_rates_are_far_closer_to_the_truth_than_counts(made: dict) -> None:
    counts = counts_of(made["received"], made["place"], made["kind"], 0, 3 * WEEK)
    found = fit_demand(counts, made["places"], 2, 4)
    total = made["rates"].sum()
    assert found.rates.sum() == pytest.approx(len(made["received"]) / 3, rel=0.01)
    assert np.abs(found.rates - made["rates"]).sum() < 0.3 * total < np.abs(made["raw"] - made["rates"]).sum()
    assert np.abs(found.rates.sum((0, 1)) - made["rates"].sum((0, 1))).sum() < 0.1 * total
    assert found.score > 0.1  # left-out calls are told better than by one rate for all
    assert any(getattr(found.smoothing, field.name) != field.default for field in fields(Smoothing))


def test_days_that_the_log_lacks_lower_no_rate(made: dict) -> None:
    gone = (made["received"] // 86_400).astype(int) == 9
    parts = (made[name][~gone] for name in ("received", "place", "kind"))
    counts = counts_of(*parts, 0, 3 * WEEK, gaps=[9])
    found = fit_demand(counts, made["places"], 2, 4)
    assert found.rates.sum() == pytest.approx(made["rates"].sum(), rel=0.08)


def test_days_of_which_the_log_lacks_hours_are_left_out() -> None:
    """A collector of the log that stops for a night, and one that starts and stops in the middle of a day."""
    hours = np.arange(6, 10 * 24 + 15)  # two calls an hour, from 6 o'clock of the first day on
    hours = hours[(hours < 5 * 24 + 12) | (hours >= 6 * 24 + 4)]
    received = np.sort(np.concatenate([3600.0 * hours + 600, 3600.0 * hours + 1200]))
    table = pd.DataFrame({"received": received, "node": 0, "beat": 0, "category": 0, "priority": 1})
    jobs = pd.DataFrame({"call": np.arange(len(table)), "unit": -1})
    work = pd.DataFrame({"unit": -1, "start": received, "end": received + 60})
    assert gaps_of(received) == [5]  # four, six and nine hours are too few to tell
    assert gaps_of(np.repeat(received, 4)) == [0, 5, 6, 10]
    assert gaps_of(received[::20]) == []  # of so few calls, hours without one are usual
    left = Activity(table, jobs, work, work[:0]).without([5])
    assert set(left.calls["received"] // 86_400) == set(left.work["start"] // 86_400) == set(range(11)) - {5}
    assert len(left.calls) == len(left.responses) == len(table) - 2 * 12
    assert left.calls["received"].to_numpy()[left.responses["call"]] == pytest.approx(left.calls["received"])


def test_many_nodes_become_places_of_their_own_beats(rng: np.random.Generator) -> None:
    xy = rng.uniform(0, 5000, (900, 2))
    beats = (xy[:, 0] > 2500).astype(np.int64)
    calls = rng.choice(900, 3000, p=np.where(beats == 0, 3.0, 1.0) / np.where(beats == 0, 3.0, 1.0).sum())
    places = places_of(xy, beats, calls, most=50)
    assert len(places.nodes) <= 50
    assert (beats[places.nodes[places.of_node]] == beats).all()
    assert (places.beats == 0).sum() > (places.beats == 1).sum()
    assert np.linalg.norm(xy[places.nodes[places.of_node]] - xy, axis=1).mean() < 600


def test_overdispersed_days_and_a_surge_are_measured(rng: np.random.Generator) -> None:
    hourly, days = np.full(168, 10.0), np.arange(56)
    chance = [3600.0 * np.sort(rng.uniform(24 * d, 24 * d + 24, rng.poisson(240))) for d in days]
    quiet, surges = variation_of(np.concatenate(chance), hourly, days)
    assert quiet.day_ratio < 1.8 and quiet.day_factor_deviation == 0 and surges == []
    factors = rng.gamma(1 / 0.09, 0.09, len(days))
    varied = [3600.0 * np.sort(rng.uniform(24 * d, 24 * d + 24, rng.poisson(240 * f))) for d, f in enumerate(factors)]
    storm = 3600.0 * rng.uniform(24 * 20 + 18, 24 * 20 + 22, 200)
    found, surges = variation_of(np.sort(np.concatenate([*varied, storm])), hourly, days)
    assert found.day_ratio > 5
    assert found.day_factor_deviation == pytest.approx(0.3, rel=0.35)
    assert len(surges) == 1 and surges[0].start_seconds == pytest.approx(3600 * (24 * 20 + 18), abs=7200)
    storms = [found.storms(0, 4 * WEEK, seed) for seed in range(50)]
    daily = np.concatenate(
        [rows["multiplier"][rows["end_seconds"] - rows["start_seconds"] == 86_400] for rows in storms]
    )
    assert daily.mean() == pytest.approx(1, abs=0.03) and daily.std() == pytest.approx(
        found.day_factor_deviation, rel=0.1
    )


def test_service_times_return(rng: np.random.Generator) -> None:
    sigma = np.sqrt(np.log1p(0.8**2))
    many = rng.lognormal(np.log(1800) - sigma**2 / 2, sigma, 2000)
    few = rng.lognormal(np.log(600) - sigma**2 / 2, sigma, 12)
    kind = np.repeat([0, 1, 2], [2000, 12, 0])
    seconds = np.r_[many, few]
    found = service_times(kind, seconds, np.array([900.0, 900.0, 900.0]))
    assert [time.service for time in found] == ["empirical", "log_normal", "log_normal"]
    assert found[0].mean_seconds == pytest.approx(many.mean()) and np.mean(found[0].samples) == pytest.approx(
        many.mean(), rel=1e-3
    )
    assert few.mean() < found[1].mean_seconds < many.mean()
    assert found[2].mean_seconds == pytest.approx(seconds.mean(), rel=0.02)
    later = found[0].plus(60)
    assert later.mean_seconds == pytest.approx(many.mean() + 60)
    assert later.variation * later.mean_seconds == pytest.approx(found[0].variation * found[0].mean_seconds)
    assumed = service_times(kind, np.full(len(kind), np.nan), np.array([900.0, 600.0, 300.0]))
    assert [time.mean_seconds for time in assumed] == [900, 600, 300]


def test_kinds_part_a_category_by_priority_and_units() -> None:
    calls = pd.DataFrame(
        {"category": 0, "priority": [1] * 60 + [2] * 40 + [3], "responding": [1] * 60 + [2] * 40 + [1]}
    )
    calls["weight"] = 1.0
    kinds = kinds_of(calls, [Category(name="fight"), Category(name="unseen", priority=4, units=3)])
    assert [kind.name for kind in kinds] == ["fight (priority 1, 1 unit)", "fight (priority 2, 2 units)", "unseen"]
    index = kind_index(calls, kinds, ["fight", "unseen"])
    assert np.bincount(index).tolist() == [60, 41]
    assert (kinds[2].priority, kinds[2].units) == (4, 3)


def test_weekly_shifts_wrap_around_the_week() -> None:
    on_duty = np.zeros((2, 168), bool)
    on_duty[0, [166, 167, 0, 1, 50]] = True
    on_duty[1] = True
    rows = [(int(row["unit"]), row["start_hour"], row["end_hour"]) for row in weekly_shifts(on_duty)]
    assert rows == [(0, 50, 51), (0, 166, 170), (1, 0, 168)]


def test_units_are_spread_in_proportion() -> None:
    assert np.bincount(spread(7, np.array([4.0, 2.0, 1.0]))).tolist() == [4, 2, 1]


def test_practice_survives_its_file(tmp_path: Path) -> None:
    practice = Practice(dispatch="own_beat_first", hold=[Hold(category="noise", free_units=2)], assumed=["patrol"])
    path = tmp_path / "practice.toml"
    path.write_text(practice.text(["found"]))
    assert Practice.load(path) == practice
    path.write_text(practice.text().replace('"own_beat_first"', '"own_beats_first"'))
    with pytest.raises(ValueError, match=r"practice.toml.*dispatch is 'own_beats_first', expected one of"):
        Practice.load(path)


def test_holds_become_travel_limits() -> None:
    calls = pd.DataFrame({"category": [0, 1], "priority": [1, 3], "responding": 1, "weight": 1.0})
    kinds = kinds_of(calls, [Category(name="assault"), Category(name="noise", priority=3)])
    limits = np.array(Practice(hold=[Hold(category="noise", free_units=2)]).options(kinds)["hold_travel_seconds"])
    assert (limits[:, 0] == np.inf).all() and limits[:, 1].tolist() == [0, 0, np.inf]
    with pytest.raises(ValueError, match="hold names the category 'parking'"):
        Practice(hold=[Hold(category="parking", free_units=2)]).options(kinds)


def test_targets() -> None:
    first, second = targets_of(
        "priority 1: 90 % within 8 min of the call; Priority 3: 80% within 600 s of the dispatch"
    )
    assert (first.priority, first.share, first.seconds, first.from_dispatch) == (1, 0.9, 480, False)
    assert (second.priority, second.seconds, second.from_dispatch) == (3, 600, True)
    for wrong in (
        "90 % in 8 min",
        "priority 9: 90 % within 8 min",
        "priority 1: 90 % within 8 min; priority 1: 80 % within 4 min",
    ):
        with pytest.raises(ValueError):
            targets_of(wrong)


def test_schedules_cover_midnight() -> None:
    schedule = Schedule.of(np.bincount([7, 7, 15, 23], minlength=24), 8)
    assert schedule.on_duty.tolist() == [1] * 7 + [2] * 8 + [1] * 9
    assert schedule.changed(23, -1).units == 3 and schedule.unit_hours == 32


@pytest.mark.parametrize(("units", "load"), [(1, 0.5), (5, 3.5), (12, 9.0)])
def test_erlang_c_is_the_formula(units: int, load: float) -> None:
    found = erlang_c(units, load, 3600)
    assert found.waiting_share == pytest.approx(reference_erlang_c(units, load))
    assert found.wait_seconds_mean == pytest.approx(reference_erlang_c(units, load) * 3600 / (units - load))


def test_hypercube_is_the_reference(rng: np.random.Generator) -> None:
    rates, travel = rng.uniform(0.2, 1.0, 4), rng.uniform(30, 300, (4, 4))
    found = hypercube(rates, travel, 3000.0)
    order = np.argsort(travel, axis=0, kind="stable").T
    busy, _, _ = reference_hypercube(order.tolist(), rates / 3600, 3000.0, True)
    np.testing.assert_allclose(found.share_time_committed, busy, atol=1e-9)
    assert found.waiting_share == pytest.approx(erlang_c(4, rates.sum(), 3000).waiting_share)
    assert found.dispatched.sum() == pytest.approx(1 - found.waiting_share)


def test_the_approximate_hypercube_is_close_to_the_exact_one(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    xy, posts = rng.uniform(0, 1, (30, 2)), rng.uniform(0, 1, (6, 2))
    travel = np.linalg.norm(posts[:, None] - xy[None], axis=2) * 600
    rates = rng.uniform(0.02, 0.2, 30)
    exact = hypercube(rates, travel, 3600.0)
    monkeypatch.setattr("libpatrol.city.queues._MOST_EXACT", 2)
    close = hypercube(rates, travel, 3600.0)
    np.testing.assert_allclose(close.share_time_committed, exact.share_time_committed, atol=0.03)
    assert close.travel_seconds_mean == pytest.approx(exact.travel_seconds_mean, rel=0.03)
    assert close.waiting_share == pytest.approx(exact.waiting_share, rel=1e-6)


def test_status_of_a_difference() -> None:
    def status(relative: float, low: float, high: float, log: float = 600.0, calls: float = 500.0) -> str:
        return Difference(log, log * (1 + relative), relative, low, high, calls).status("travel_seconds")

    assert status(0.08, -0.1, 0.3) == WITHIN
    assert status(0.2, 0.05, 0.4) == UNCLEAR
    assert status(0.2, 0.12, 0.3) == OUTSIDE
    assert status(0.2, 0.12, 0.3, log=60.0) == WITHIN  # 12 s of 15
    assert status(0.2, 0.12, 0.3, calls=10) == TOO_FEW


def test_work_that_was_interrupted_is_not_done_again(tmp_path: Path) -> None:
    class Folder:
        path = tmp_path

    ran: list[str] = []

    def job(name: str, fails: bool = False):
        def run() -> dict:
            ran.append(name)
            if fails:
                raise KeyboardInterrupt
            return {"value": len(name)}

        return name, run

    with pytest.raises(KeyboardInterrupt):
        done([job("a"), job("bb"), job("c", fails=True)], Kept(Folder, "check", 1), "work", threads=1)
    again = Kept(Folder, "check", 1)
    told: list[tuple] = []
    found = done([job("a"), job("bb"), job("c")], again, "work", lambda *seen: told.append(seen), threads=1)
    assert found == [{"value": 1}, {"value": 2}, {"value": 1}] and ran == ["a", "bb", "c", "c"]
    assert told == [("work", 2, 3), ("work", 3, 3)]
    assert len(again.path.read_text().splitlines()) == 3
    assert "a" not in Kept(Folder, "check", 2)  # made from something else
    again.forget()
    assert not (tmp_path / ".check.kept.jsonl").exists()


def drives(rng: np.random.Generator, seconds: np.ndarray, per_hour: float, days: int = 28) -> Period:
    """Exponential drives of these means by hour of the day, on top of 60 s until a unit starts."""
    counts = rng.poisson(per_hour, (24, days))
    sums = 60 * counts + seconds[:, None] * rng.standard_gamma(counts)
    return Period(days, {("travel_seconds", "hour"): (sums, counts.astype(float))}, {})


def test_travel_by_hour_is_what_the_simulation_leaves_open(rng: np.random.Generator) -> None:
    """Nights have longer ways in the log and in the simulation alike; only the rush hours are slower."""
    ways = np.where(np.arange(24) < 6, 500.0, 300.0)
    pace = np.where(np.isin(np.arange(24), (7, 8, 16, 17)), 1.6, 1.0)
    found = travel_by_hour(drives(rng, 1.2 * ways * pace, 60), drives(rng, ways, 200), 60.0)
    level = 1.2 * (ways * pace).mean() / ways.mean()
    np.testing.assert_allclose(found.factors, 1.2 * pace / level, atol=0.08)
    assert found.of_the_week.tolist() == found.factors.tolist() * 7
    assert "of its usual time at" in found.sentence


def test_travel_that_differs_by_chance_has_no_hours(rng: np.random.Generator) -> None:
    found = [
        travel_by_hour(drives(rng, np.full(24, 300.0), 4), drives(rng, np.full(24, 300.0), 100), 60.0)
        for _ in range(50)
    ]
    assert sum(travel.factors is None for travel in found) >= 48
    assert "differ by no more than chance" in found[0].sentence


@pytest.mark.parametrize(
    ("per_hour", "reason"), [(1.0, "fewer than 50 drives in 24 hours of the day"), (0.0, "no driving times")]
)
def test_too_few_drives_for_travel_by_hour(per_hour: float, reason: str, rng: np.random.Generator) -> None:
    found = travel_by_hour(drives(rng, np.full(24, 300.0), per_hour), drives(rng, np.full(24, 300.0), 9.0), 60.0)
    assert isinstance(found, TravelByHour) and found.factors is None and found.of_the_week is None
    assert found.sentence.endswith(f"the log has {reason}")
