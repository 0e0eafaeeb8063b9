"""The page that ``libpatrol report`` fills in: template, style and script."""

import json
from importlib.resources import files
from typing import Any

from libpatrol.extras import extra

_SCRIPT = '"use strict";\n(function () {{\n{}}})();'
"""Around the script, so that its names are its own."""


def page_text(**content: Any) -> str:
    """Return the page as one HTML file that loads nothing.

    Parameters
    ----------
    **content
        ``page``, ``pictures``, ``tables`` and ``shift``: what the template shows; ``shift`` as from
        ``shift_content``, or None.
    """
    with extra("plot", "libpatrol report"):
        import jinja2
        from markupsafe import Markup
    parts = files("libpatrol.city.reporting.page")

    def read(name: str) -> str:
        return (parts / name).read_text(encoding="utf-8")

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    shift = content["shift"]
    inside = None if shift is None else Markup(_json(shift))
    return environment.from_string(read("report.html.j2")).render(
        **content | {"shift": inside},
        style=Markup(read("style.css")),
        script=Markup(_SCRIPT.format(read("shift_words.js") + read("shift.js"))),
    )


def _json(value: Any) -> str:
    """Return JSON that may stand inside a script element: no ``<`` or ``&`` in it begins anything."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
