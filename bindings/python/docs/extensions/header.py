"""The C reference, made from a header: a line `{header} NAME` of a page is replaced by it.

The header is the contract, so its own words are shown: sections become headings, functions and structs become entries
that can be linked to and searched, with the comment that stands before them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

INCLUDE = Path(__file__).resolve().parents[4] / "include"
_FRAME = re.compile(r'^(#(ifndef|ifdef|endif|include).*|#define PATROL(_LAB)?_H|extern "C" \{|\})\n', re.MULTILINE)
_COMMENT = re.compile(r"/\*(.*?)\*/\s*", re.DOTALL)
_HANDLE = re.compile(r"typedef struct (\w+) \1;\s*")
_STRUCT = re.compile(r"(?:typedef )?struct (\w+) \{.*?^\}[^;]*;\s*", re.DOTALL | re.MULTILINE)
_MACRO = re.compile(r"#define (\w+)(?:[^\n]*\\\n)*[^\n]*(?:\n\s+[^\n]*\*/)?\s*")
_FUNCTION = re.compile(r"[a-z][^;{]*?(\w+)\([^;{]*\);\s*")
_PARAMETER = re.compile(r"^  ([a-z_]+(?:, [a-z_]+)*) {2,}(\S.*)$")


def reference(header: str) -> str:
    """Return the reference of a header as Markdown."""
    text = _FRAME.sub("", header)
    names = {name: "func" for name in re.findall(r"(\w+)\((?!\w*\))", text) if name.startswith("patrol_")}
    names |= {name: "struct" for name in re.findall(r"struct (\w+)", text)}
    parts = []
    for comment, code in _chunks(text):
        title = re.fullmatch(r"[\s*-]*(\d+\. [^\n]*)[\s*-]*", comment)
        parts += [f"## {title[1]}"] if title and not code else _entries(_prose(comment, names), code, text)
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(parts)) + "\n"


def _chunks(text: str) -> Iterator[tuple[str, str]]:
    """Yield comment and declarations of each part between empty lines; either may be empty."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        lines.append(line)
        part = "\n".join(lines).strip()
        bare = _COMMENT.sub("", part)
        if line or "/*" in bare or bare.count("{") != bare.count("}"):
            continue
        lines = []
        comment = _COMMENT.match(part)
        if comment is None:
            yield "", part
        else:
            yield comment[1], part[comment.end() :]


def _entries(prose: str, code: str, text: str) -> list[str]:
    """Return the entries of some declarations; the comment before them belongs to the first."""
    entries: list[str] = []
    while code:
        if found := _HANDLE.match(code):
            known = f"struct {found[1]} {{" in text
            entries += [] if known else [_entry("struct", found[1], prose or "An opaque handle.")]
        elif found := _STRUCT.match(code):
            entries.append(_entry("struct", found[1], f"{prose}\n\n```c\n{found[0].strip()}\n```"))
        elif found := _MACRO.match(code):
            start = code
            while found := _MACRO.match(code):
                code = code[found.end() :]
            shown = "\n".join(
                f"#define {macro[1]} ..." if macro[1].endswith("_INIT") else macro[0].rstrip()
                for macro in _MACRO.finditer(start[: len(start) - len(code)])
            )
            entries.append(f"{prose}\n\n```c\n{shown}\n```")
            prose = ""
            continue
        elif found := _FUNCTION.match(code):
            entries.append(_entry("function", " ".join(found[0].rstrip("; \n").split()), prose))
            code = code[found.end() :]
            prose = f"Described with {{c:func}}`{found[1]}`." if prose else ""
            continue
        else:
            raise ValueError(f"this declaration of a header is not understood: {code[:80]!r}")
        code, prose = code[found.end() :], ""
    return entries or [prose]


def _entry(kind: str, signature: str, body: str) -> str:
    return "\n".join([f"::::{{c:{kind}}} {signature}", "", body.strip(), "::::"])


def _prose(comment: str, names: dict[str, str]) -> str:
    """Return a comment as Markdown: parameters as a list, errors and thread safety as paragraphs, names as links."""
    lines = [re.sub(r"^ ?\*? ?", "", line, count=1).rstrip() for line in comment.strip("* \n").splitlines()]
    shown: list[str] = []
    in_list = False
    for line in lines:
        parameter = _PARAMETER.match(line)
        if parameter:
            shown += [] if in_list else [""]
            quoted = ", ".join(f"`{name}`" for name in parameter[1].split(", "))
            shown.append(f"* {quoted}: {parameter[2]}")
            in_list = True
        elif in_list and line.startswith("   "):
            shown.append(f"  {line.strip()}")
        else:
            shown += ["", line] if in_list else [line]
            in_list = False
    text = "\n".join(shown)
    text = re.sub(r"(?:^|(?<=\. )|(?<=\.\n))(Errors|Thread-safety): ", r"\n\n**\1:** ", text, flags=re.MULTILINE)
    return "".join(_plain(part, names) if k % 2 == 0 else f"`{part}`" for k, part in enumerate(text.split("`")))


def _plain(text: str, names: dict[str, str]) -> str:
    text = re.sub(r"(?<!\*)\*(?![* ])(?!\*)|<", r"\\\g<0>", text)
    return re.sub(r"\bpatrol_[a-z_]+\b", lambda name: _link(name[0], names), text)


def _link(name: str, names: dict[str, str]) -> str:
    return f"{{c:{names[name]}}}`{name}`" if name in names else f"`{name}`"


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    def made(found: re.Match[str]) -> str:
        app.env.note_dependency(str(INCLUDE / found[1]))
        return reference((INCLUDE / found[1]).read_text(encoding="utf-8"))

    source[0] = re.sub(r"^\{header\} (\S+)$", made, source[0], flags=re.MULTILINE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}
