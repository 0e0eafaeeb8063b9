"""What each policy of the results page is, how it is made, and what it costs on test seeds: all kept and resumed."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.studies.laboratory import Laboratory, Trained
from benchmarks.studies.measures import MEASURES, Measured
from benchmarks.studies.pairs import WEIGHTED_INDEX
from benchmarks.studies.scenarios import Cell, GeneratedCell
from libpatrol import EngineOptions, __version__
from libpatrol.studies.best import Search, best
from libpatrol.studies.measures import Measure
from libpatrol.studies.pairs import PolicyPair
from reference.rules import RULES_OFF

RULES_ON = {name: getattr(EngineOptions(), name) for name in RULES_OFF}
"""The defaults of an engine: heuristics under them are rivals where every call may be held, too."""


@dataclass(frozen=True)
class Training:
    """A way to train: a title, options of the trainer beside its defaults, and the heuristics that it has beside it.

    Attributes
    ----------
    patrol, dispatch : str, optional
        Heuristics in place of the trainer's own list.
    either : Training, optional
        For cells without rules: this training without them or with the rules kept, which is better on validation.
    """

    title: str
    options: Mapping[str, Any] = field(default_factory=dict)
    patrol: str = ""
    dispatch: str = ""
    either: "Training | None" = None

    @property
    def name(self) -> str:
        return self.title.replace(" ", "-").replace(",", "")


@dataclass(frozen=True)
class Effort:
    """How much is done for every cell.

    Attributes
    ----------
    test_replications, validation_replications : int
        Half of the first are validation replications where there are `pairs`.
    tuning_events : int
        For travel limits.
    trainer : mapping
        Options of all trainings.
    pairs : sequence of PolicyPair
        The best heuristics are of these, and there are no travel limits; none: all pairs.
    measures : sequence of Measure
        Kept of every replication.
    """

    test_replications: int
    validation_replications: int
    tuning_events: int
    trainer: Mapping[str, Any]
    pairs: Sequence[PolicyPair] = ()
    measures: Sequence[Measure] = MEASURES


class Study:
    """The results of one effort, in a folder of their own: what is there is not done again.

    Everything runs on one thread, so that several cells and seeds can be made at once.
    """

    def __init__(self, folder: Path, effort: Effort, say: Callable[[str], None], makes: bool = True) -> None:
        self.effort = effort
        self._lab = Laboratory(folder, effort.test_replications, trainer=effort.trainer, say=say, makes=makes)

    def heuristics(self, cell: Cell) -> tuple[PolicyPair, PolicyPair]:
        """Return the best pair of heuristics by validation, and it with tuned travel limits where these are confirmed.

        Without rules, heuristics that keep them anyway are candidates too.
        """
        effort, scenario = self.effort, cell.scenario()
        if effort.pairs:
            pair = self._lab.room(cell.name).best("short", scenario, effort.pairs)
            return pair, pair

        def search() -> dict[str, Any]:
            search = Search(scenario, replications=effort.validation_replications, hours=None, threads=1)
            found = best(search, effort.tuning_events)
            plain, limits = found.trials[0].pair, found.pair.options.get("hold_travel_seconds")
            rules: dict[str, Any] = {}
            if cell.rules == "off":
                kept, limited = self.heuristics(Cell(cell.family, cell.load))
                rival = PolicyPair(patrol=kept.patrol, dispatch=kept.dispatch, options=RULES_ON)
                if search.trial(rival).cost.mean < found.trials[0].cost.mean:
                    plain, rules, limits = rival, RULES_ON, limited.options.get("hold_travel_seconds")
            return {"pair": [plain.patrol, plain.dispatch], "rules": rules, "limits": limits, "events": search.events}

        made_from = [scenario.content_hash, effort.validation_replications, effort.tuning_events]
        found = self._lab.room(cell.name).kept("heuristics", made_from, search)
        patrol, dispatch = found["pair"]
        name = f"{patrol}+{dispatch}" + (", rules kept" if found["rules"] else "")
        plain = PolicyPair(patrol=patrol, dispatch=dispatch, options=found["rules"], name=name)
        if found["limits"] is None:
            return plain, plain
        limits = {**found["rules"], "hold_travel_seconds": found["limits"]}
        return plain, PolicyPair(patrol=patrol, dispatch=dispatch, options=limits, name=f"{name}+hold")

    def learned(self, cell: Cell, training: Training, seed: int) -> Trained:
        """Return what a trainer makes of a seed."""
        if training.either is not None:
            return self._better(cell, training.either, seed)
        options = dict(training.options)
        if training.patrol:
            options["heuristic_patrols"] = [training.patrol]
        if training.dispatch:
            options["heuristic_dispatches"] = [training.dispatch]
        elif cell.rules == "off":
            # Without rules the strongest; others start far behind.
            options["heuristic_dispatches"] = [WEIGHTED_INDEX]
        metadata = {"scenario": cell.name, "libpatrol_version": __version__}
        lab = self._lab.room(cell.name)
        trained = lab.trained(training.name, cell.scenario(), seed=seed, metadata=metadata, **options)
        return _named(trained, f"{training.name}-{seed}")

    def _better(self, cell: Cell, training: Training, seed: int) -> Trained:
        """Return the better of trainings without rules and with them, by the cost of the last accepted phase.

        Both are validated on the same calls.
        """
        freely, kept = (self.learned(one, training, seed) for one in (cell, Cell(cell.family, cell.load)))
        events = freely.events + kept.events
        if _validated(freely) <= _validated(kept):
            return dataclasses.replace(freely, events=events)
        kept = _named(kept, f"{kept.pair.name}-rules-kept", RULES_ON)
        return dataclasses.replace(kept, events=events)

    def measured(
        self, cell: Cell | GeneratedCell, name: str, pair: PolicyPair, replications: int | None = None
    ) -> Measured:
        """Return each measure on the test seeds: as many as the effort says, or fewer."""
        if pair.policy is None:
            rules = "-rules-kept" if pair.options.get("strict_priority") else ""
            name = f"{pair.patrol}+{pair.dispatch}{rules}{'+hold' if 'hold_travel_seconds' in pair.options else ''}"
        return self._lab.room(cell.name).measured(name, cell.scenario(), pair, self.effort.measures, replications)


def _named(trained: Trained, name: str, options: Mapping[str, Any] | None = None) -> Trained:
    """Return a training whose pair has a name and, where given, other options."""
    pair = trained.pair
    options = pair.options if options is None else options
    return dataclasses.replace(trained, pair=dataclasses.replace(pair, name=name, options=options))


def _validated(trained: Trained) -> float:
    """Return the cost of the last phase that validation accepted."""
    outcomes = trained.outcomes
    return float([cost for cost, taken in zip(outcomes["cost"], outcomes["is_accepted"], strict=True) if taken][-1])
