"""A card for each policy file of the package, from its metadata: a line `{cards}` of a page is replaced by them."""

from typing import Any

from sphinx.application import Sphinx

from libpatrol import Policy
from libpatrol.enums import Networks
from libpatrol.policy import bundled_policies
from libpatrol.studies.abstention import sentences


def card(name: str) -> str:
    """Return the card of one policy as Markdown."""
    policy = Policy.bundled(name)
    metadata = policy.metadata
    networks = ", ".join(f"`{each.name.lower()}`" for each in Networks if each in policy.info.networks)
    rows = [
        ("Networks", networks),
        ("Use", _use(metadata)),
        ("Made", _made(metadata)),
        ("Gain on validation", _gain(metadata)),
    ]
    if limits := sentences(policy):
        checked = f"chosen on {metadata['abstention_replications']} validation replications of each of "
        rows.append(("Abstains", f"{'; '.join(limits)}: {checked}{metadata['abstention_scenarios']}"))
    if options := metadata.get("training_options"):
        rows.append(("Options other than the defaults", f"`{options}`"))
    rows.append(("Content hash", f"`{policy.info.content_hash:016x}`"))
    lines = [f"| {key} | {value} |" for key, value in rows]
    return "\n".join([f"## {name}", "", "| | |", "| --- | --- |", *lines, ""])


def _use(metadata: dict[str, str]) -> str:
    pair = f"patrol `{metadata['patrol_policy']}` with dispatch `{metadata['dispatch_policy']}`"
    city = _city(metadata)
    return pair + (f" in the made-up city `{city}`" if city else " in any city; simulate yours first")


def _city(metadata: dict[str, str]) -> str:
    """Return the scenario for which a policy was trained; none where cities were drawn by number."""
    name = metadata["scenario"].split(", ")[0]
    return "" if name.startswith(("generated-", "department-")) else name


def _made(metadata: dict[str, str]) -> str:
    names = metadata["scenario"].split(", ")
    where = f"in {len(names)} generated cities"
    if city := _city(metadata):
        where = f"in the scenario `{city}`" + (f" and copies of it: `{'`, `'.join(names[1:])}`" if names[1:] else "")
    return (
        f"trained {where} with made-up demand, variant {metadata['training_variant']}, "
        f"seed {metadata['training_seed']}, "
        f"{int(metadata['training_events']):,} simulated events, libpatrol {metadata['libpatrol_version']}"
    )


def _gain(metadata: dict[str, str]) -> str:
    change, half_width = 100 * float(metadata["validation_difference"]), 100 * float(metadata["validation_half_width"])
    shown = "" if abs(change) > half_width else "; the interval includes no change"
    return (
        f"{change:+.1f} % ± {half_width:.1f} weighted wait against `{metadata['validation_against']}`, "
        f"on {metadata['validation_replications']} validation replications{shown}"
    )


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    if "\n{cards}\n" in source[0]:
        source[0] = source[0].replace("\n{cards}\n", "\n" + "\n".join(card(each) for each in bundled_policies()) + "\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}
