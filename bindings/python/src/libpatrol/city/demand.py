"""Call rates by place, kind of call and hour of the week, smoothed as far as held-out calls want it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from libpatrol.city.places import Places

_ENDLESS = 1e9
_FOLDS = 4
_LEAST_SHARE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Smoothing:
    """How much rates borrow from others. Each strength is chosen by the fit to calls that were left out.

    Attributes
    ----------
    hours : float
        Standard deviation, in hours, over which the rate by hour is spread.
    days_alike_weeks : float
        The mean over the days weighs in each day's hours like so many weeks.
    kind_hours_calls : float
        A kind's share over the day weighs against its share in each hour of the day like so many calls.
    metres : float
        Standard deviation over which a call is spread around its place.
    kind_places_calls : float
        The map of all calls weighs in each kind's map like so many calls.
    beat_hours_calls : float
        A beat's share over the day weighs against its share in each hour of the day like so many calls.
    """

    hours: float = 1.0
    days_alike_weeks: float = 8.0
    kind_hours_calls: float = 1000.0
    metres: float = 300.0
    kind_places_calls: float = 1000.0
    beat_hours_calls: float = 1000.0


_STEPS: dict[str, tuple[float, ...]] = {
    "hours": (0.0, 0.75, 1.5, 3.0),
    "days_alike_weeks": (0.0, 2.0, 8.0, 32.0, _ENDLESS),
    "kind_hours_calls": (30.0, 300.0, 3000.0, _ENDLESS),
    "metres": (0.0, 100.0, 250.0, 500.0, 1000.0, 2000.0),
    "kind_places_calls": (10.0, 100.0, 1000.0, _ENDLESS),
    "beat_hours_calls": (30.0, 300.0, 3000.0, _ENDLESS),
}


class Counts(NamedTuple):
    """Calls to fit.

    Attributes
    ----------
    day : int64 [calls]
        Since a Monday.
    hour : int64 [calls]
        Of the week.
    place, kind : int64 [calls]
        Index of place and kind.
    exposure : float64 [days, 168]
        1 for each hour that the log covers, on the days from ``first_day`` on.
    first_day : int
        Of ``exposure``.
    """

    day: NDArray[np.int64]
    hour: NDArray[np.int64]
    place: NDArray[np.int64]
    kind: NDArray[np.int64]
    exposure: NDArray[np.float64]
    first_day: int

    def days(self, chosen: NDArray[np.bool_]) -> "Counts":
        """Return the calls of some of the days: bool [days]."""
        own = chosen[self.day - self.first_day]
        kept = np.where(chosen[:, None], self.exposure, 0.0)
        return Counts(self.day[own], self.hour[own], self.place[own], self.kind[own], kept, self.first_day)


def counts_of(
    received: NDArray[np.float64],
    place: NDArray[np.int64],
    kind: NDArray[np.int64],
    start: float,
    end: float,
    gaps: Sequence[int] = (),
) -> Counts:
    """Return the calls of a period of whole days, seconds since a Monday; ``gaps`` are days that the log lacks."""
    first, last = int(start // 86_400), int(end // 86_400)
    exposure = np.zeros((last - first, 168))
    for day in range(first, last):
        if day not in gaps:
            exposure[day - first, 24 * (day % 7) : 24 * (day % 7) + 24] = 1
    hours = (received // 3600).astype(np.int64)
    return Counts(hours // 24, hours % 168, place, kind, exposure, first)


class Demand(NamedTuple):
    """Fitted rates.

    Attributes
    ----------
    rates : float64 [places, kinds, 168]
        Calls an hour.
    smoothing : Smoothing
        The strengths that were chosen.
    score : float
        Log-likelihood a call of calls that were left out, above that of rates that are the same everywhere and always.
    """

    rates: NDArray[np.float64]
    smoothing: Smoothing
    score: float


def fit_demand(counts: Counts, places: Places, kinds: int, beats: int) -> Demand:
    """Fit rates; one strength after the other is moved to the step that tells left-out days best, until none moves.

    The calls of a fourth of the weeks (of the days, if there are fewer than four weeks) are left out in turn.

    Parameters
    ----------
    counts : Counts
        Calls to fit.
    places : Places
        Where calls come.
    kinds, beats : int
        How many there are.
    """
    days = np.arange(len(counts.exposure))
    week = (days + counts.first_day) // 7
    fold = (week - week.min() if week.max() - week.min() >= _FOLDS - 1 else days) % _FOLDS
    parts = [(counts.days(fold != k), counts.days(fold == k)) for k in range(min(_FOLDS, len(days)))]
    parts = [(fitted, judged) for fitted, judged in parts if len(fitted.day) and len(judged.day)]
    model = _Model(places, kinds, beats)

    def score(smoothing: Smoothing) -> float:
        return sum(model.score(model.fit(fitted, smoothing), judged) for fitted, judged in parts)

    best = Smoothing()
    if parts:
        best, value = _climb(best, score)
        flat = sum(_flat_score(fitted, judged, len(places.nodes) * kinds) for fitted, judged in parts)
        gain = (value - flat) / max(1, len(counts.day))
    else:
        gain = float("nan")
    return Demand(model.rates(model.fit(counts, best)), best, gain)


def weekly_rate(events: NDArray[Any], covered: NDArray[Any], by: Smoothing) -> NDArray[np.float64]:
    """Return smoothed events an hour by hour of the week: [168] events over [168] hours covered."""
    calls, hours = np.asarray(events, np.float64), np.asarray(covered, np.float64)
    if by.hours > 0:
        away = np.minimum(np.arange(168), 168 - np.arange(168))
        kernel = np.fft.rfft(np.exp(-0.5 * (away / by.hours) ** 2))
        calls, hours = (np.fft.irfft(np.fft.rfft(part) * kernel, 168) for part in (calls, hours))
    daily = calls.reshape(7, 24).sum(0) / np.maximum(hours.reshape(7, 24).sum(0), 1e-12)
    weight = by.days_alike_weeks + 1e-3
    return np.maximum((calls + weight * np.tile(daily, 7)) / (np.maximum(hours, 0) + weight), 1e-6)


def _climb(start: Smoothing, score: Callable[[Smoothing], float]) -> tuple[Smoothing, float]:
    best, value = start, score(start)
    tried = {start}
    moved = True
    while moved:
        moved = False
        for field in fields(Smoothing):
            for step in _STEPS[field.name]:
                proposal = replace(best, **{field.name: step})
                if proposal in tried:
                    continue
                tried.add(proposal)
                found = score(proposal)
                if found > value + 1e-9:
                    best, value, moved = proposal, found, True
    return best, value


def _flat_score(fitted: Counts, judged: Counts, cells: int) -> float:
    rate = max(len(fitted.day), 1) / max(fitted.exposure.sum(), 1)
    return float(len(judged.day) * np.log(rate / cells) - rate * judged.exposure.sum())


class _Fit(NamedTuple):
    total: NDArray[np.float64]  # [168] calls an hour
    kind: NDArray[np.float64]  # [24, kinds] shares
    place: NDArray[np.float64]  # [kinds, places] shares
    beat: NDArray[np.float64]  # [24, beats + 1] factors; the last row of shares is of places without a beat
    norm: NDArray[np.float64]  # [24, kinds]


class _Model:
    """Rate = calls of the hour x share of the kind x share of the place x factor of the beat."""

    def __init__(self, places: Places, kinds: int, beats: int) -> None:
        self.places, self.kinds = places, kinds
        self.beat = np.where(places.beats < 0, beats, places.beats)
        self.beats = beats + 1
        self.squares = ((places.xy[:, None] - places.xy[None]) ** 2).sum(-1)

    def fit(self, counts: Counts, by: Smoothing) -> _Fit:
        clock = counts.hour % 24
        total = self._total(counts, by)
        kind = self._shares(clock, counts.kind, self.kinds, by.kind_hours_calls)
        place = self._place(counts, by)
        of_beat = self.beat[counts.place]
        shares = self._shares(clock, of_beat, self.beats, by.beat_hours_calls)
        mean = self._shares(np.zeros(len(clock), np.int64), of_beat, self.beats, 0.0)[0]
        factor = np.where(mean > 0, shares / np.where(mean > 0, mean, 1), 1.0)
        by_beat = np.zeros((self.kinds, self.beats))
        np.add.at(by_beat.T, self.beat, place.T)
        return _Fit(total, kind, place, factor, factor @ by_beat.T)

    def _total(self, counts: Counts, by: Smoothing) -> NDArray[np.float64]:
        return weekly_rate(np.bincount(counts.hour, minlength=168), counts.exposure.sum(0), by)

    def _shares(
        self, clock: NDArray[np.int64], label: NDArray[np.int64], labels: int, weight: float
    ) -> NDArray[np.float64]:
        table = np.bincount(clock * labels + label, minlength=24 * labels).reshape(24, labels).astype(float)
        mean = (table.sum(0) + 0.5) / (table.sum() + 0.5 * labels)
        weight = weight + 1e-3
        return np.asarray((table + weight * mean) / (table.sum(1, keepdims=True) + weight))

    def _place(self, counts: Counts, by: Smoothing) -> NDArray[np.float64]:
        size = len(self.places.nodes)
        table = np.bincount(counts.kind * size + counts.place, minlength=self.kinds * size)
        table = table.reshape(self.kinds, size).astype(float)
        if by.metres > 0:
            kernel = np.exp(-self.squares / (2 * by.metres**2))
            table = table @ (kernel / kernel.sum(1, keepdims=True))
        everywhere = (table.sum(0) + 1.0 / size) / (table.sum() + 1.0)
        weight = by.kind_places_calls
        own = (table + weight * everywhere) / (table.sum(1, keepdims=True) + weight)
        return np.asarray(np.maximum(own, _LEAST_SHARE))

    def score(self, fit: _Fit, judged: Counts) -> float:
        """Return the Poisson log-likelihood of calls."""
        clock = judged.hour % 24
        share = (
            fit.kind[clock, judged.kind]
            * fit.place[judged.kind, judged.place]
            * fit.beat[clock, self.beat[judged.place]]
            / fit.norm[clock, judged.kind]
        )
        expected = float(judged.exposure.sum(0) @ fit.total)
        return float(np.log(fit.total[judged.hour] * np.maximum(share, 1e-300)).sum()) - expected

    def rates(self, fit: _Fit) -> NDArray[np.float64]:
        by_clock = np.einsum("kp,hp,hk->pkh", fit.place, fit.beat[:, self.beat], fit.kind / fit.norm)
        return np.tile(by_clock, 7) * fit.total
