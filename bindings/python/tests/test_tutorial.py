"""The tutorial: its commands run, in their order, and end as it says; the notebook is the same."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY
from test_routing import DATA

import libpatrol
from libpatrol.commands.cli import main
from libpatrol.scenario.toml_tables import parse_toml

for package, extra in {"pandas": "city", "geopandas": "city", "matplotlib": "plot", "jinja2": "plot"}.items():
    pytest.importorskip(package, reason=f"the extra `{extra}` is not installed")

PYTHON = REPOSITORY / "bindings" / "python"
PAGE = PYTHON / "docs" / "tutorial.md"
FEWER = {"check": ["--replications", "2"], "compare": ["--replications", "2"]}
"""Enough for the tests to see that a command works."""


def part(title: str) -> str:
    return PAGE.read_text(encoding="utf-8").split(f"\n## {title}")[1].split("\n## ")[0]


def commands(text: str) -> list[list[str]]:
    return [shlex.split(line) for line in re.findall(r"^    ((?:libpatrol|python) .*)$", text, re.MULTILINE)]


def follow(words: list[str]) -> None:
    """Run a command of the page in the working folder."""
    if words[0] == "python":
        environment = os.environ | {"PYTHONPATH": str(Path(libpatrol.__file__).parents[1])}
        subprocess.run([sys.executable, *words[1:]], env=environment, check=True)
    else:
        assert main([*words[1:], *FEWER.get(words[1], [])]) == 0, words


def corrected(changes: str) -> str:
    """Return the draft with the lines of the page in the places of those they change."""
    draft = Path("stockholm.toml").read_text(encoding="utf-8")
    city, category = changes.split("\n\n")
    draft = re.sub(r"^name = .*$", city.splitlines()[1], draft, count=1, flags=re.MULTILINE)
    before = category.strip().removesuffix("\nunits = 2")
    assert before in draft
    return draft.replace(before, category.strip())


@pytest.mark.skipif(not (DATA / "milwaukee_calls").exists(), reason="milwaukee_calls is not in the test data")
def test_milwaukee_cannot_be_matched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(DATA / "milwaukee_calls" / "calls.csv.gz", "calls.csv.gz")
    text = part("Milwaukee")
    for words in commands(text):
        follow(words)
    check = json.loads(Path("milwaukee/model/check.json").read_text(encoding="utf-8"))
    assert check["verdict"] == "cannot be matched" and f"*{check['verdict']}*" in text
    for lacking in ("no times of dispatch", "no times of arrival", "no units on duty"):
        assert lacking in check["verdict_sentence"]
    assert any(sentence.startswith("3 days with hours") for sentence in check["sentences"]) and "Three days" in text
    units = re.search(r"units_on_duty = (\d+)", Path("milwaukee/practice.toml").read_text(encoding="utf-8"))[1]
    assert f"{units} units on duty" in text
    account = " ".join(Path("milwaukee/city.toml").read_text(encoding="utf-8").split())
    assert "15,145 rows are other work, not calls" in account and "15,145 rows\nare other work" in text
    for number in ("2,697", "79"):
        assert f": {number} rows" in account and number in text
    page = Path("milwaukee/report.html").read_text(encoding="utf-8")
    assert "Current practice, simulated: cannot be matched." in page and 'id="shift-data"' in page
    assert len(page) < 5_000_000


@pytest.mark.skipif(not (DATA / "stockholm_osmnx").exists(), reason="stockholm_osmnx is not in the test data")
def test_stockholm_is_matched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(DATA / "stockholm_osmnx" / "stockholm.graphml", "stockholm.graphml")
    shutil.copy(PYTHON / "examples" / "stockholm_log.py", "stockholm_log.py")
    text = part("Stockholm")
    mapping, practice = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    for words in commands(text):
        if words[1] in ("staff", "train"):
            continue  # they have tests of their own, and take long
        follow(words)
        if "--draft" in words:
            Path("stockholm.toml").write_text(corrected(mapping), encoding="utf-8")
        kept = Path("stockholm/practice.toml")
        if words[1] == "check" and 'patrol = "random_walk"' in kept.read_text("utf-8"):
            known = kept.read_text("utf-8").replace('patrol = "random_walk"\n', practice.splitlines()[0] + "\n")
            known = known.replace('posts = "chosen"\n', practice.splitlines()[1] + "\n")
            kept.write_text(re.sub('"(patrol|posts|home_beat_patrol)",? ?', "", known), encoding="utf-8")
            before = json.loads(Path("stockholm/model/check.json").read_text(encoding="utf-8"))
    check = json.loads(Path("stockholm/model/check.json").read_text(encoding="utf-8"))
    assert "patrol" not in parse_toml(kept.read_text("utf-8"), "practice")["assumed"]
    assert before["verdict"] == check["verdict"] and len(check["assumed"]) < len(before["assumed"])
    assert check["verdict"] == "matches the log" and f"*{check['verdict']}*" in text
    share = re.search(r"in (\d+) % of", " ".join(check["sentences"]))[1]
    assert f"{share} % of the calls" in text
    page = Path("stockholm/report.html").read_text(encoding="utf-8")
    assert "Each strategy at equal staff" in page and "Vasastan" in page and len(page) < 5_000_000


def test_the_notebook_is_that_of_the_page() -> None:
    pytest.importorskip("nbformat", reason="the extra `docs` is not installed")
    specification = importlib.util.spec_from_file_location("make_notebook", PYTHON / "docs" / "make_notebook.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    made = module.notebook(PAGE.read_text(encoding="utf-8"))
    written = json.loads(PAGE.with_suffix(".ipynb").read_text(encoding="utf-8"))
    assert [cell["source"] for cell in made["cells"]] == ["".join(cell["source"]) for cell in written["cells"]]
    kinds = [cell["cell_type"] for cell in made["cells"]]
    assert kinds.count("code") > 8 and kinds[0] == "markdown"
