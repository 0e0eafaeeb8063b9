"""The page of a shadow run's report, in the style of the city's."""

from importlib.resources import files

from libpatrol.extras import extra
from libpatrol.shadow.findings import Findings

TITLE = "What libpatrol would have decided"


def page_text(found: Findings) -> str:
    """Return the findings as one HTML file that loads nothing."""
    with extra("shadow", "libpatrol shadow --html"):
        import jinja2
        from markupsafe import Markup
    style = (files("libpatrol.city.reporting.page") / "style.css").read_text(encoding="utf-8")
    template = (files("libpatrol.shadow.page") / "report.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(template).render(title=TITLE, found=found, style=Markup(style))
