"""The report of a city: what it says, what it keeps to itself, and how it works in a browser."""

import base64
import html
import itertools
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from browser import browser, opened

for package, extra in {"pandas": "city", "geopandas": "city", "matplotlib": "plot", "jinja2": "plot"}.items():
    pytest.importorskip(package, reason=f"the extra `{extra}` is not installed")

from city_folders import CATEGORIES, tiny_city  # noqa: E402, after the checks
from report_folders import studied_city  # noqa: E402

from libpatrol import Scenario  # noqa: E402
from libpatrol.city.folder import CityFolder  # noqa: E402
from libpatrol.city.kinds import Kind  # noqa: E402
from libpatrol.city.reporting.comparison import StrategyResults  # noqa: E402
from libpatrol.city.reporting.making import report  # noqa: E402
from libpatrol.city.reporting.observed import observe  # noqa: E402
from libpatrol.city.reporting.source import Source  # noqa: E402
from libpatrol.city.reporting.words import sensitive_categories, signed, strategy_words  # noqa: E402
from libpatrol.commands.cli import main  # noqa: E402
from libpatrol.lab.simulation import Simulation  # noqa: E402

A4 = 190 / 25.4 * 96, 277 / 25.4 * 96  # pixels between margins of 10 mm


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "tiny"
    studied_city(path)
    return path


@pytest.fixture(scope="module")
def page(folder: Path) -> Path:
    return report(folder, hours=3, seed=1)


@pytest.fixture(scope="module")
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def many_priorities(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The page if the same strategies had been compared for so many priorities, one of them trained for the city."""
    compare = json.loads((folder / "compare" / "results.json").read_text(encoding="utf-8"))
    last = [row for row in compare["rows"] if row["policies"] == "general policy"]
    compare["rows"] += [row | {"policies": "trained for this city"} for row in last]
    pages = {}
    for count in (5, 8):
        copy = tmp_path_factory.mktemp(f"priorities_{count}") / "tiny"
        shutil.copytree(folder, copy)
        lowest = [row for row in compare["rows"] if row["class"] == "priority" and row["row"] == "3"]
        more = [row | {"row": str(priority)} for priority in range(4, count + 1) for row in lowest]
        told = compare | {"rows": [*compare["rows"], *more]}
        (copy / "compare" / "results.json").write_text(json.dumps(told), encoding="utf-8")
        pages[count] = report(copy, hours=0.5)
    return pages


@pytest.fixture(scope="module")
def chromium(page: Path) -> Iterator[Any]:
    with browser() as driver:
        yield driver


def shift_data(text: str) -> dict[str, Any]:
    return json.loads(re.search(r'id="shift-data">(.*?)</script>', text, re.DOTALL)[1])


def strategies_of(folder: Path) -> list[str]:
    results = json.loads((folder / "compare" / "results.json").read_text(encoding="utf-8"))
    return [option["name"] for option in results["options"]]


# What it says


def test_the_first_page_has_every_priority_strategy_and_beat(folder: Path, text: str) -> None:
    first = text.split("</section>")[0]
    for category in CATEGORIES:
        assert f"Priority {category.priority}:" in first
    for name in strategies_of(folder):
        assert html.escape(strategy_words(name)) in first
    for beat in ("north-west", "south-east"):
        assert beat in first
    for words in ("Share of time committed", "Weighted wait", "What is assumed", "What is not known", "longest time"):
        assert words in first


def test_the_numbers_are_those_of_the_comparison(folder: Path, text: str) -> None:
    rows = json.loads((folder / "compare" / "results.json").read_text(encoding="utf-8"))["rows"]
    found, names = StrategyResults(rows), strategies_of(folder)
    for priority in ("1", "2", "3"):
        for name in names:
            minutes = found.get(name, "response_charged_mean", "priority", priority).value.mean / 60
            assert f"<span>{minutes:.1f}" in text
        other = found.get(names[-1], "response_charged_mean", "priority", priority).difference.mean / 60
        assert f"({signed(other)} ±" in text


def test_beats_and_groups_keep_their_names(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "numbered")
    city = CityFolder(tmp_path / "numbered")
    names = city.beats()["name"].tolist()
    results = city.step("compare").results
    means = {row["row"]: row["mean"] for row in results["rows"] if row["measure"] == "response_calls"}
    for row in results["rows"]:
        if row["class"] == "beat":
            row["row"] = str(names.index(row["row"]) + 1)  # as districts are called that have no other name
    with city.write_step("compare") as place:
        (place / "results.json").write_text(json.dumps(results), encoding="utf-8")
    found = Source(city).comparison
    assert found is not None and found.rows("group") == ["north", "south"]
    assert found.rows("beat") == ["1", "2", "3", "4"]
    for number, name in zip(found.rows("beat"), names, strict=True):
        assert found.get(found.strategies[-1], "response_calls", "beat", number).value.mean == means[name]


def test_words_of_the_trade_are_used(text: str) -> None:
    shown = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL).lower()
    assert not re.findall(r"\b(policy|policies|cost|utilization|heuristic|epsilon)\b", shown)


def test_it_loads_nothing(text: str) -> None:
    class Links(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[str] = []

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            self.found += [value or "" for name, value in attributes if name in ("src", "href", "srcset", "action")]

    links = Links()
    links.feed(text)
    assert links.found and all(link.startswith(("data:", "#")) for link in links.found)
    assert "url(" not in text and "@import" not in text and "default-src 'none'" in text


def test_no_ids_of_calls_and_no_exact_places(folder: Path, text: str) -> None:
    import pandas as pd

    calls = pd.read_parquet(folder / "calls.parquet")
    assert not any(name in text for name in calls["call_id"])
    exact = {f"{value:.1f}" for value in calls["x"]} | {f"{value:.3f}" for value in calls["x"]}
    assert not any(value in text for value in exact)
    data = shift_data(text)
    assert {call[1] for call in data["calls"]} <= set(range(len(data["x"])))


def test_sensitive_types_are_only_in_sums(folder: Path, tmp_path: Path) -> None:
    page = report(folder, tmp_path / "page.html", hours=1, sensitive=["assault", "noise"])
    text = page.read_text(encoding="utf-8")
    table = text.split("Calls of the log by category")[1].split("</table>")[0]
    assert "sensitive types together (2)" in table
    assert "assault" not in table and "noise" not in table and "burglary" in table
    assert {call[3] for call in shift_data(text)["calls"]} <= {-1, 1}
    assert sensitive_categories(["theft", "DOMESTIC VIOLENCE", "Welfare check"]) == {1, 2}
    with pytest.raises(ValueError, match="there is no category arson, expected one of assault"):
        report(folder, tmp_path / "page.html", sensitive=["arson"])


def test_sensitive_types_are_hidden_in_all_their_kinds(folder: Path) -> None:
    """The model parts a category by priority and units: its kinds are numbered otherwise than categories."""
    source = Source(CityFolder(folder), ["noise"])
    names = ["assault", "burglary", "burglary", "noise", "noise"]
    kinds = [Kind(name=f"{name} {k}", category=name, priority=2, units=1, weight=1.0) for k, name in enumerate(names)]
    source.__dict__["model"] = SimpleNamespace(facts=SimpleNamespace(kinds=kinds))
    assert source.sensitive == {"noise"} and source.sensitive_kinds == {3, 4}


def test_a_strategy_that_is_gone_is_not_shown(folder: Path, tmp_path: Path) -> None:
    """What was trained may have been removed since it was compared: the best of the others is shown then."""
    shutil.copytree(folder, tmp_path / "tiny")
    path = tmp_path / "tiny" / "compare" / "results.json"
    compare = json.loads(path.read_text(encoding="utf-8"))
    known = [row for row in compare["rows"] if row["policies"] == "general policy"]
    gone = [row | {"policies": "trained for this city", "mean": 0.0} for row in known]
    path.write_text(json.dumps(compare | {"rows": [*compare["rows"], *gone]}), encoding="utf-8")
    source = Source(CityFolder(tmp_path / "tiny"))
    assert source.best_strategy in source.strategies and source.best_strategy != "trained for this city"


def test_staffing_is_told_in_people(text: str) -> None:
    table = text.split("Staffing for priority 1: 90 % within 8 min of the call")[1].split("</table>")[0]
    for words in ("officers", "relief factor", "for the target", "by M/M/c", "priority 1 in time", "8 at 07:00"):
        assert words in table
    assert "One unit fewer than the target needs" in text and "+0.5 (+0.2 to +0.8)" in text
    assert "1 of 168 hours are above the benchmark of 60 %" in text and "by tours a day" in text


def test_reasons_are_offered_in_the_same_words_everywhere(text: str) -> None:
    assert text.count("Choose a unit, a call or a decision to see the reasons.") == 2


def test_progress_is_told(folder: Path, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    report(folder, tmp_path / "page.html", hours=0.5, progress=lambda doing, share: told.append((doing, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares) and min(shares) >= 0 and max(shares) <= 1 and len(set(shares)) > 10
    assert {doing.split()[0] for doing, _ in told} == {"observing", "recording", "drawing", "writing"}


def test_what_was_not_done_is_said(tmp_path: Path) -> None:
    tiny_city(tmp_path / "bare")
    text = report(tmp_path / "bare").read_text(encoding="utf-8")
    assert (
        "Nothing was simulated." in text
        and "Everything on this page was simulated" not in text
        and 'id="shift-data"' not in text
    )
    for step in ("check", "compare", "staff", "train"):
        assert f"(libpatrol {step} bare)" in text
    assert "Calls an hour in each hour of the week" in text


def test_the_same_folder_gives_the_same_page(folder: Path, page: Path, tmp_path: Path) -> None:
    assert report(folder, tmp_path / "again.html", hours=3, seed=1).read_bytes() == page.read_bytes()


def test_failures_leave_the_page_that_was_there(folder: Path, page: Path) -> None:
    before = page.read_bytes()
    with pytest.raises(ValueError, match="'flying' is not a pair"):
        report(folder, strategy="flying")
    assert page.read_bytes() == before
    assert not list(folder.glob(".*partial"))


def test_the_command_writes_it(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "r.html"
    strategy = "stay+closest_fcfs"
    assert main(["report", str(folder), "--out", str(out), "--hours", "1", "--strategy", strategy]) == 0
    assert "written:" in capsys.readouterr().out
    assert f"Strategy: {strategy_words(strategy)}." in out.read_text(encoding="utf-8")
    assert main(["report", str(tmp_path)]) == 1
    assert "is not a city folder" in capsys.readouterr().err


def test_names_cannot_break_the_page(folder: Path, tmp_path: Path) -> None:
    facts = (folder / "city.toml").read_text(encoding="utf-8")
    hostile = '</script><img src=x onerror="document.title=1">&'
    try:
        (folder / "city.toml").write_text(facts.replace('name = "Tiny"', f"name = '{hostile}'"), encoding="utf-8")
        text = report(folder, tmp_path / "page.html", hours=1).read_text(encoding="utf-8")
    finally:
        (folder / "city.toml").write_text(facts, encoding="utf-8")
    assert "<img src=x" not in text and "&lt;/script&gt;&lt;img src=x" in text


# What was observed


def test_free_units_are_those_that_are_not_busy() -> None:
    scenario = Scenario.load("hotspots-light")
    engine = scenario.engine(patrol_policy="dmexclp", dispatch_policy="priority_closest")
    free = observe(scenario, engine, seed=3)
    assert free.shape == (scenario.area.info.beat_count, 24)
    with Simulation(scenario, engine, seed=3) as simulation:
        simulation.run(hours=168)
        busy = simulation.metrics().utilization
    assert free.sum(0).mean() == pytest.approx(scenario.unit_count * (1 - busy), rel=0.01)
    assert np.isfinite(free).all()


# In a browser


def test_it_works_without_an_error(chromium: Any, page: Path) -> None:
    opened(chromium, page)
    chromium.get_log("browser")
    detail, clock = (chromium.find_element("id", f"shift-{name}") for name in ("detail", "clock"))
    began = clock.text
    slider = chromium.find_element("id", "shift-time")
    chromium.execute_script("arguments[0].value = 5400; arguments[0].dispatchEvent(new Event('input'))", slider)
    assert clock.text != began and slider.get_attribute("aria-valuetext") == clock.text
    chromium.find_element("id", "shift-next").click()
    assert re.search(r"goes to call|waits for", detail.text)
    rows = chromium.find_elements("css selector", "#shift-decisions button")
    rows[-1].click()
    pressed = chromium.find_elements("css selector", "#shift-decisions button[aria-pressed=true]")
    assert len(pressed) == 1 and re.search(r"goes to call|waits for", detail.text)
    chromium.find_element("id", "shift-moves").click()
    assert any("→" in row.text for row in chromium.find_elements("css selector", "#shift-decisions button"))
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_keys_move_time_and_decisions(chromium: Any, page: Path) -> None:
    opened(chromium, page)
    canvas, slider = (chromium.find_element("id", f"shift-{name}") for name in ("map", "time"))
    send = """
        const pressed = {key: arguments[1], shiftKey: arguments[2], bubbles: true};
        arguments[0].dispatchEvent(new KeyboardEvent('keydown', pressed));
    """

    def at(key: str, shift: bool = False) -> int:
        chromium.execute_script(send, canvas, key, shift)
        return int(slider.get_attribute("value"))

    assert at("ArrowRight") == 60 and at("ArrowRight", True) == 660 and at("ArrowLeft") == 600
    assert at("End") == 3 * 3600 and at("Home") == 0
    first = at("n")
    assert first > 0 and at("n") > first and at("p") == first
    at(" ")
    assert chromium.find_element("id", "shift-play").text == "Pause"
    at(" ")
    assert chromium.find_element("id", "shift-play").text == "Play"


def test_units_move_while_it_plays(chromium: Any, page: Path) -> None:
    opened(chromium, page)
    slider = chromium.find_element("id", "shift-time")
    chromium.execute_script("document.getElementById('shift-speed').value = '1200'")
    before = chromium.execute_script("return document.getElementById('shift-map').toDataURL()")
    chromium.find_element("id", "shift-play").click()
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(chromium, 60).until(lambda _: int(slider.get_attribute("value")) > 600)
    chromium.find_element("id", "shift-play").click()
    assert chromium.execute_script("return document.getElementById('shift-map').toDataURL()") != before


def test_a_click_on_the_map_explains_a_unit(chromium: Any, page: Path, text: str) -> None:
    opened(chromium, page)
    everywhere = """
        const canvas = document.getElementById('shift-map'), box = canvas.getBoundingClientRect(), told = new Set();
        for (let x = 5; x < box.width; x += 15) for (let y = 5; y < box.height; y += 15) {
            canvas.dispatchEvent(new MouseEvent('click', {clientX: box.x + x, clientY: box.y + y}));
            told.add(document.getElementById('shift-detail').textContent);
        }
        return [...told];
    """
    told = chromium.execute_script(everywhere)
    names = {unit["name"] for unit in shift_data(text)["units"]}
    explained = [line for line in told if line.partition(":")[0] in names]
    states = "free|on its way|on scene|own work|out of service"
    assert explained, told
    assert all(re.match(rf"[^:]*: ({states})", line) for line in explained)


@pytest.mark.parametrize("width", [360, 390, 800])
def test_it_fits_a_phone(chromium: Any, page: Path, width: int) -> None:
    opened(chromium, page, width, 800)
    assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
    sizes = chromium.execute_script(
        "return [...document.querySelectorAll('.controls button, select')].map(b => b.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 32


def test_tables_are_stacked_on_a_phone_or_say_that_they_scroll(chromium: Any, page: Path) -> None:
    opened(chromium, page, 390, 800)
    hidden = """
        const beyond = (e) => e.getBoundingClientRect().right > 390;
        return [...document.querySelectorAll('.stacked td, .stacked th, caption span')].filter(beyond).length;
    """
    assert chromium.execute_script(hidden) == 0
    scrolls = """
        const before = (e) => e.previousElementSibling;
        const hinted = (e) => before(e)?.className === 'hint' && before(e).checkVisibility();
        const wide = [...document.querySelectorAll('.wide')].filter((e) => e.scrollWidth > e.clientWidth + 1);
        return [wide.length, wide.filter(hinted).length];
    """
    assert chromium.execute_script(scrolls) == [1, 1]
    label = "return document.querySelector('.stacked td:last-child').dataset.label"
    assert chromium.execute_script(label) == "general strategy"
    opened(chromium, page, 1200, 800)
    shown = "return getComputedStyle(document.querySelector('.hint')).display"
    assert chromium.execute_script(shown) == "none"


def test_counts_tell_new_calls_from_older_ones(chromium: Any, page: Path, text: str) -> None:
    opened(chromium, page)
    count = chromium.find_element("id", "shift-count").text
    calls = shift_data(text)["calls"]
    older = [call for call in calls if call[0] < 0 and (call[5] is None or call[5] > 0)]
    before = r" \(all from before \d\d:\d\d\), the longest for [\d.]+ min" if older else ""
    assert re.fullmatch(rf"Since \w+ \d\d:\d\d: 0 calls came, 0 reached\. Waiting now: {len(older)}{before}\.", count)


def test_the_glossary_is_not_torn_apart_in_print(chromium: Any, page: Path) -> None:
    opened(chromium, page)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    kept = "return getComputedStyle(document.querySelector('.closing')).breakInside"
    assert chromium.execute_script(kept) == "avoid"
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert "Made with" in chromium.find_element("css selector", ".closing").text


def test_the_first_page_prints_on_one_sheet(chromium: Any, page: Path, many_priorities: dict[int, Path]) -> None:
    for count, printed in {3: page, **many_priorities}.items():
        opened(chromium, printed, round(A4[0]), round(A4[1]))
        others = "document.querySelectorAll('main > section:not(.first)').forEach((part) => part.remove())"
        assert sheets(chromium) > 1
        chromium.execute_script(others)
        assert sheets(chromium) == 1, f"{count} priorities"
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        wide = chromium.execute_script("return document.documentElement.scrollWidth")
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        assert wide <= round(A4[0]) + 1, f"{count} priorities"


def sheets(driver: Any) -> int:
    """Return on how many sheets the opened page is printed."""
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    return len(re.findall(rb"/Type\s*/Page\b", base64.b64decode(printed["data"])))


def test_every_priority_has_its_rows_also_if_there_are_many(many_priorities: dict[int, Path]) -> None:
    for count, path in many_priorities.items():
        first = path.read_text(encoding="utf-8").split("</section>")[0]
        for priority in range(1, count + 1):
            assert re.search(rf"Priority {priority} \([\d.]+ a day\): 90 % within", first)
        assert first.count("longest time until a unit was sent") == count


def test_printing_leaves_the_page_whole(chromium: Any, page: Path) -> None:
    opened(chromium, page)
    chromium.get_log("browser")
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    chromium.execute_script("window.dispatchEvent(new Event('resize'))")  # as printing does; the shift is not shown
    sheets(chromium)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert chromium.get_log("browser") == []
    assert chromium.execute_script("return document.getElementById('shift-map').width") > 0


def test_it_is_accessible(chromium: Any, page: Path) -> None:
    opened(chromium, page)
    nameless = """
        const named = (e) => e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length || e.alt;
        const all = [...document.querySelectorAll('button, input, select, canvas, img')];
        return all.filter((e) => !named(e)).map((e) => e.outerHTML);
    """
    assert chromium.execute_script(nameless) == []
    assert chromium.execute_script("return document.documentElement.lang") == "en"
    levels = chromium.execute_script(
        "return [...document.querySelectorAll('h1, h2, h3')].map((e) => Number(e.tagName[1]))"
    )
    assert levels[0] == 1 and all(after <= before + 1 for before, after in itertools.pairwise(levels))
    headless = chromium.execute_script(
        "const bare = (t) => !t.caption || !t.querySelector('th[scope]');"
        "return [...document.querySelectorAll('table')].filter(bare).length"
    )
    assert headless == 0
