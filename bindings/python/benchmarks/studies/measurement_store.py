"""What was measured, kept in a folder and not measured again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class NotMadeError(LookupError):
    """What is asked for is not in the folder, and nothing is to be made."""


class MeasurementStore:
    """JSON files by name; `say` is told the name of what is being measured.

    With `makes` false nothing is measured: what is not there is a `NotMadeError`.
    """

    def __init__(self, folder: Path, say: Callable[[str], None], makes: bool = True) -> None:
        self._folder, self._say, self._makes = folder, say, makes

    def get(self, name: str, made_from: Any, make: Callable[[], Any]) -> Any:
        """Return what `make` returns, or returned when it was called under this name for the same `made_from`.

        Parameters
        ----------
        name : str
            Path of the file in the folder, without its ending.
        made_from : JSON
            What the result depends on, but for the code.
        make : callable
            Its result is JSON.
        """
        path = self._folder / f"{name}.json"
        asked = json.loads(json.dumps(made_from))
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["made_from"] == asked:
                return found["result"]
        if not self._makes:
            raise NotMadeError(name)
        self._say(name)
        content = json.dumps({"made_from": asked, "result": make()})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return json.loads(content)["result"]
