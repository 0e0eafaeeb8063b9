"""Logs in other encodings than UTF-8: read and told where that is safe, else refused with what to do."""

import gzip
import re
from pathlib import Path

import pytest

pytest.importorskip("pandas", reason="the extra `city` is not installed")

from libpatrol.replay.log_encoding import in_utf8
from libpatrol.replay.log_table import read_log

ROWS = "beat;type\nÖstermalm;GARAGE D\u2019ÉTÉ \u2013 \u201cfermé\u201d\nSödermalm;Bråk\nPeñarol;Straße 5°\n"


def table(path: Path) -> list[list[str]]:
    return read_log(path).table.to_numpy().tolist()


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("cp1252", "log.csv is not in UTF-8: read as Windows-1252, which makes Södermalm of one of its words"),
        ("utf-16", "log.csv is in UTF-16, not in UTF-8"),
        ("utf-16-le", "log.csv is in UTF-16-LE, not in UTF-8"),
        ("utf-16-be", "log.csv is in UTF-16-BE, not in UTF-8"),
        ("utf-32", "log.csv is in UTF-32, not in UTF-8"),
    ],
)
def test_what_excel_and_databases_write(encoding: str, told: str | None, tmp_path: Path) -> None:
    text = re.sub("[\u2013-\u201d]", "", ROWS) if encoding == "utf-16-le" else ROWS  # without a mark, zeros show it
    (tmp_path / "expected.csv").write_text(text, encoding="utf-8")
    content = text.encode(encoding)
    if encoding == "utf-16-be":
        content = b"\xfe\xff" + content
        told = "log.csv is in UTF-16, not in UTF-8"
    (tmp_path / "log.csv").write_bytes(content)
    assert table(tmp_path / "log.csv") == table(tmp_path / "expected.csv")
    assert read_log(tmp_path / "log.csv").account.remarks == ([told] if told else [])
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(content))
    assert table(tmp_path / "log.csv.gz") == table(tmp_path / "expected.csv")


def test_unicode_text_of_excel_has_tabs(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_bytes(ROWS.replace(";", "\t").encode("utf-16"))
    assert table(tmp_path / "log.txt")[0] == ["Östermalm", "GARAGE D\u2019ÉTÉ \u2013 \u201cfermé\u201d"]


def test_latin_1_is_a_part_of_windows_1252() -> None:
    assert in_utf8("Vänersborg, naïve".encode("latin-1"), "log.csv")[0].decode() == "Vänersborg, naïve"


@pytest.mark.parametrize(
    ("text", "encoding", "row"),
    [
        ("beat\n1\nMünchen\n", "cp850", "row 3"),  # DOS: ü is not in Windows-1252
        ("beat\nMontréal\n", "cp437", "row 2"),
        ("beat\nJosé\n", "mac_roman", "row 2"),
        ("beat\nMuñoz\n", "mac_roman", "row 2"),
        ("beat\nŁódź\n", "cp1250", "row 2"),
        ("район\nКража\n", "cp1251", "the heading"),  # noqa: RUF001
        ("περιοχή\nΚλοπή\n", "cp1253", "the heading"),  # noqa: RUF001
    ],
)
def test_what_cannot_be_told_is_refused(text: str, encoding: str, row: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode(encoding))
    sentence = (
        rf'log\.csv is neither in UTF-8 nor in Windows-1252, {row} cannot be read: save it in Excel as "CSV UTF-8"'
    )
    with pytest.raises(ValueError, match=sentence):
        read_log(path)


def test_a_file_of_two_encodings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes("beat\nSödermalm\n".encode() + "Östermalm\n".encode("cp1252"))
    with pytest.raises(ValueError, match=r"row 2 cannot be read"):
        read_log(path)
    path.write_bytes(b"\xff\xfeb\x00\x00")
    with pytest.raises(ValueError, match=r"begins like a file in UTF-16, but is none"):
        read_log(path)


def test_long_lines_take_no_longer() -> None:
    """One run of letters without an end: looked at once, not from each of its letters on."""
    assert in_utf8(b"a" * 3_000_000 + b"\nr\xe9sum\xe9", "log.csv")[1]
