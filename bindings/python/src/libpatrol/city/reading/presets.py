"""Mappings for open data that departments publish: files in ``data/presets``, to read and to copy."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from libpatrol.scenario.toml_tables import parse_toml

_SUFFIX = ".toml"
_RULES = ("other_work", "left_out")


class Preset(NamedTuple):
    """A mapping that comes with the package.

    Attributes
    ----------
    name, title : str
        Of the preset; of the data.
    required : list of str
        Columns by which the data are known.
    body : str
        Text of the mapping, without the table ``[preset]``.
    values : dict
        Its tables.
    """

    name: str
    title: str
    required: list[str]
    body: str
    values: dict[str, Any]

    def respelled(self, spelled: Mapping[str, str]) -> "Preset":
        """Return the preset with columns as a log spells them; interfaces for programs write them in small letters."""
        body = self.body
        named = [*self.columns.values(), *(rule["column"] for kind in _RULES for rule in self.values.get(kind, []))]
        for column in named:
            body = body.replace(f'"{column}"', f'"{spelled.get(column.lower(), column)}"')
        return self._replace(body=body, values=parse_toml(body, self.name))

    @property
    def columns(self) -> dict[str, str]:
        """Columns of the table ``[calls]``."""
        return {name: column for name, column in self.values["calls"].items() if isinstance(column, str)}

    @property
    def has_categories(self) -> bool:
        """Whether it says which categories there are."""
        return bool(self.values.get("categories"))


def preset_names() -> list[str]:
    """Return the names of the presets, in order."""
    return sorted(entry.name.removesuffix(_SUFFIX) for entry in _folder().iterdir() if entry.name.endswith(_SUFFIX))


def read_preset(name: str) -> Preset:
    """Return a preset.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if name not in preset_names():
        raise ValueError(f"there is no preset {name}, expected one of {', '.join(preset_names())}")
    text = (_folder() / f"{name}{_SUFFIX}").read_text(encoding="utf-8")
    values = parse_toml(text, name)
    about = values["preset"]
    return Preset(name, about["title"], about["columns"], text[text.index("[city]") :], values)


def fitting_preset(columns: Sequence[str]) -> Preset | None:
    """Return the preset whose columns are all there, the one with most; None if there is none."""
    spelled = {column.lower(): column for column in reversed(columns)}
    presets = map(read_preset, preset_names())
    fitting = [preset for preset in presets if {column.lower() for column in preset.required} <= set(spelled)]
    found = max(fitting, key=lambda preset: len(preset.required), default=None)
    return None if found is None else found.respelled(spelled)


def _folder() -> Any:
    return files("libpatrol") / "data" / "presets"
