"""Times on scene by kind of call."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats

_EMPIRICAL_FROM = 100
"""Calls from which a kind's own times are drawn from."""
_SAMPLES = 200
_PRIOR_CALLS = 10.0
"""A kind's mean weighs against that of all kinds like so many calls."""
_LONGEST = 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class ServiceTime:
    """The distribution of the time on scene of one kind of calls.

    Attributes
    ----------
    calls : int
        From which it was found.
    service : str
        As in a scenario file: "empirical", "log_normal", "gamma" or "exponential".
    mean_seconds : float
        Of the distribution.
    variation : float
        Standard deviation / mean.
    samples : list of float
        Equally likely seconds, if empirical.
    """

    calls: int
    service: str
    mean_seconds: float
    variation: float
    samples: list[float] = field(default_factory=list)

    def plus(self, seconds: float) -> "ServiceTime":
        """Return the distribution of a time that is longer by so many seconds."""
        mean = self.mean_seconds + seconds
        service = "gamma" if self.service == "exponential" and seconds > 0 else self.service
        return ServiceTime(
            calls=self.calls,
            service=service,
            mean_seconds=mean,
            variation=self.variation * self.mean_seconds / mean,
            samples=[sample + seconds for sample in self.samples],
        )


def is_service_time(seconds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which times on scene are believable: above 0, at most a day."""
    return (seconds > 0) & (seconds <= _LONGEST)


def service_times(
    kind: NDArray[np.int64], seconds: NDArray[np.float64], assumed: NDArray[np.float32]
) -> list[ServiceTime]:
    """Return the time on scene of each kind of calls.

    Kinds with 100 calls or more keep their own distribution, in 200 equal parts; others get the one of log-normal,
    gamma and exponential that fits one half of all calls best if fitted to the other, with its mean shrunk toward the
    overall mean.

    Parameters
    ----------
    kind : int64 [calls]
        Of each call.
    seconds : float64 [calls]
        From the first arrival until the call was cleared; NaN if unknown.
    assumed : float32 [kinds]
        Means where the log has no times at all.
    """
    known = is_service_time(seconds)
    kind, seconds = kind[known], seconds[known]
    if not len(seconds):
        return [
            ServiceTime(calls=0, service="exponential", mean_seconds=float(mean), variation=1.0) for mean in assumed
        ]
    overall, spread = float(seconds.mean()), _variation(seconds)
    form = _form(seconds)
    found = []
    for k in range(len(assumed)):
        own = np.sort(seconds[kind == k])
        if len(own) >= _EMPIRICAL_FROM:
            found.append(_empirical(own))
            continue
        mean = (own.sum() + _PRIOR_CALLS * overall) / (len(own) + _PRIOR_CALLS)
        weight = len(own) / (len(own) + _PRIOR_CALLS)
        variation = weight * _variation(own) + (1 - weight) * spread if len(own) > 2 else spread
        found.append(
            ServiceTime(
                calls=len(own),
                service=form,
                mean_seconds=float(mean),
                variation=1.0 if form == "exponential" else float(variation),
            )
        )
    return found


def _empirical(ascending: NDArray[np.float64]) -> ServiceTime:
    """Return the means of equal parts: their mean is that of all."""
    parts = [float(part.mean()) for part in np.array_split(ascending, min(_SAMPLES, len(ascending)))]
    samples = np.array(parts) * (ascending.mean() / np.mean(parts))
    return ServiceTime(
        calls=len(ascending),
        service="empirical",
        mean_seconds=float(ascending.mean()),
        variation=_variation(ascending),
        samples=[round(float(sample), 1) for sample in samples],
    )


def _variation(seconds: NDArray[np.float64]) -> float:
    return float(seconds.std() / seconds.mean()) if len(seconds) > 1 else 1.0


def _form(seconds: NDArray[np.float64]) -> str:
    """Return the family that tells one half of the times best when its moments come from the other half."""
    halves = seconds[::2], seconds[1::2]
    if min(map(len, halves)) < _PRIOR_CALLS:
        return "exponential"
    scores = dict.fromkeys(("log_normal", "gamma", "exponential"), 0.0)
    for fitted, judged in (halves, halves[::-1]):
        mean, variation = fitted.mean(), max(_variation(fitted), 1e-3)
        sigma = np.sqrt(np.log1p(variation**2))
        scores["log_normal"] += stats.lognorm.logpdf(judged, sigma, scale=mean / np.exp(sigma**2 / 2)).sum()
        scores["gamma"] += stats.gamma.logpdf(judged, variation**-2, scale=mean * variation**2).sum()
        scores["exponential"] += stats.expon.logpdf(judged, scale=mean).sum()
    return max(scores, key=lambda name: scores[name])
