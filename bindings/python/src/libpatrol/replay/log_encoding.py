"""Text files that are not in UTF-8: what they are in, where that can be told, and what to do where it cannot."""

import codecs
import re

_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""At the head of a file; that of UTF-32 begins with that of UTF-16, so it comes first."""
_WESTERN = "Windows-1252"
_WORD = re.compile(rb"(?<![A-Za-z\x80-\xff])[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_BETWEEN_LETTERS = "\u2019\u00a0"  # an apostrophe and a blank; other signs there are letters of another encoding
_MOST_FOREIGN = 0.5  # of the letters in words that have any; above, all words are of another alphabet
_PART = 1 << 20


def in_utf8(content: bytes, where: str) -> tuple[bytes, str]:
    """Return a text file in UTF-8, and what it was in if that is to be told, else "".

    UTF-16 is known by its mark or its zeros. A file of single bytes is read as Windows-1252, which Excel writes in
    Western languages and of which Latin-1 is a part, if all of its words are words then.

    Parameters
    ----------
    content : bytes
        Of the file.
    where : str
        The file, for errors.

    Raises
    ------
    ValueError
        If the encoding cannot be told.

    Examples
    --------
    >>> from libpatrol.replay.log_encoding import in_utf8
    >>> in_utf8("Östermalm".encode("cp1252"), "calls.csv")[1]
    'not in UTF-8: read as Windows-1252, which makes Östermalm of one of its words'
    """
    name = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "") or _without_mark(content)
    if name:
        try:
            return content.decode(name).encode(), f"in {name}, not in UTF-8"
        except UnicodeDecodeError as reason:
            raise ValueError(f"{where} begins like a file in {name}, but is none: {reason.reason}") from reason
    if content.isascii() or _is_utf8(content):
        return content, ""
    words = sorted(set(_WORD.findall(content)))
    foreign = sum(sum(byte > 127 for byte in word) for word in words) > _MOST_FOREIGN * sum(map(len, words))
    wrong = words if foreign else [word for word in words if not _is_western(word)]
    if wrong:
        row = content[: min(map(content.index, wrong))].count(b"\n")
        place = f"row {row + 1}" if row else "the heading"
        raise ValueError(
            f"{where} is neither in UTF-8 nor in {_WESTERN}, {place} cannot be read: "
            'save it in Excel as "CSV UTF-8", or convert it, such as with iconv -f CP850 -t UTF-8'
        )
    example = max(words, key=len).decode("cp1252")
    return content.decode("cp1252").encode(), (
        f"not in UTF-8: read as {_WESTERN}, which makes {example} of one of its words"
    )


def _without_mark(content: bytes) -> str:
    """Return which UTF-16 a file without a mark is in: of its first signs, nearly all are ASCII, half of it zeros."""
    head = content[: 2 * (min(len(content), 4096) // 2)]
    for first, name in ((1, "UTF-16-LE"), (0, "UTF-16-BE")):
        if head and head[first::2].count(0) > 0.9 * len(head) / 2 and not head[1 - first :: 2].count(0):
            return name
    return ""


def _is_utf8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), _PART):
            decoder.decode(content[start : start + _PART])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_western(word: bytes) -> bool:
    """Return whether bytes are a word in Windows-1252: no sign between letters, no capital after a small letter."""
    try:
        text = word.decode("cp1252")
    except UnicodeDecodeError:
        return False
    for k, letter in enumerate(text):
        if letter.isascii():
            continue
        inside = 0 < k < len(text) - 1 and text[k - 1].isalpha() and text[k + 1].isalpha()
        if inside and not letter.isalpha() and letter not in _BETWEEN_LETTERS:
            return False
        if k and letter.isupper() and text[k - 1].islower():
            return False
    return True
