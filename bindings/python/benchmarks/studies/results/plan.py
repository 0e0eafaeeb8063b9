"""What is run: cells, ways to train, and how many seeds each gets. Declared before it is run."""

from benchmarks.studies.results.study import Effort, Training
from benchmarks.studies.scenarios import FAMILIES, LOADS, Cell

EFFORTS = {
    "full": Effort(test_replications=200, validation_replications=40, tuning_events=8_000_000, trainer={}),
    "quick": Effort(
        test_replications=40, validation_replications=10, tuning_events=1_000_000,
        trainer={
            "rounds": 1, "comparisons": 4_000, "bootstrap_comparisons": 4_000, "dispatch_generations": 8,
            "patrol_generations": 8, "validations": 64,
        },
    ),
}  # fmt: skip

JOINT = Training("joint")
JOINT_OR_KEPT = Training("joint, or with the rules kept", either=JOINT)
PAPER_TERMS = (
    Training("patrol only", {"variant": "patrol_only"}, dispatch="closest_fcfs"),
    Training("dispatch only", {"variant": "dispatch_only"}, patrol="random_walk"),
)
APART = Training("learned apart", {"variant": "apart"})
PATROL_ONLY = Training("patrol only, best dispatch", {"variant": "patrol_only"})
DISPATCH_ONLY = Training("dispatch only, best patrol", {"variant": "dispatch_only"})
ABLATIONS = (
    APART,
    Training("joint, no warm start", {"warm_start": False}),
    PATROL_ONLY,
    DISPATCH_ONLY,
    Training("joint, deep Q-learning", {"patrol_method": "q_learning"}),
    Training("joint, deep Q-learning, team reward", {"patrol_method": "q_learning", "patrol_reward": "team_cost"}),
    Training("joint, separable value", {"value_form": "none"}),
    Training("joint, general value", {"value_form": "general"}),
)
ABLATION_SEEDS = 2
ABLATION_CELLS = (Cell("shifting-hotspots", "medium"), Cell("irregular-roads", "heavy", "off"))

MAIN_CELLS = [Cell(family, load) for family in FAMILIES for load in ("medium", "heavy")]
FREE_CELLS = [Cell(family, load, "off") for family in FAMILIES for load in ("medium", "heavy")]
LIGHT_CELLS = [Cell(family, "light") for family in FAMILIES]


MOST_SEEDS = 5
"""No way to train gets more."""


def trainings(cell: Cell) -> list[tuple[Training, int]]:
    """Return the ways to train that a cell gets, each with its number of training seeds."""
    if cell.rules == "off":
        return [(JOINT, 2), (JOINT_OR_KEPT, 2)]
    if cell.load == "light":
        return [(JOINT, 1)]
    return [*((training, 1) for training in PAPER_TERMS), (JOINT, MOST_SEEDS)]


def ablations(cell: Cell) -> list[tuple[Training, int]]:
    """Return the same for the section on ablations."""
    return [(training, ABLATION_SEEDS) for training in (JOINT, *ABLATIONS)] if cell in ABLATION_CELLS else []


def cells() -> list[Cell]:
    """Return all cells, those of most weight first."""
    assert {cell.load for cell in (*MAIN_CELLS, *LIGHT_CELLS)} == set(LOADS)
    return [*MAIN_CELLS, *FREE_CELLS, *LIGHT_CELLS]
