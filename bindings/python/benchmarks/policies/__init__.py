"""Trained policies that only measurements need: one for each bundled scenario and load, and `coverage`.

The package has `general` and few others. `coverage` is not trained but fitted to heuristics, by
`python -m benchmarks.policies.fit_coverage`; all others were made by `libpatrol train` with the options in their
metadata.
"""

from pathlib import Path

from libpatrol import Policy
from libpatrol.files import with_abstention
from libpatrol.policy import bundled_policies

HERE = Path(__file__).resolve().parent


def policy_names() -> list[str]:
    """Return the names of the policies of the package and of this folder."""
    return sorted({*bundled_policies(), *(path.stem for path in HERE.glob("*.safetensors"))})


def policy(name: str) -> Policy:
    """Return a policy of the package or of this folder."""
    return Policy.bundled(name) if name in bundled_policies() else Policy.load(HERE / f"{name}.safetensors")


def networks(name: str) -> Policy:
    """Return the same policy so that it never abstains: what is measured or tested is its networks."""
    return with_abstention(policy(name), patrol=1, dispatch=1)
