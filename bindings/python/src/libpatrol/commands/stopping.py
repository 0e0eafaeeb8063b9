"""A command that runs until it is told to stop: Ctrl-C and SIGTERM let it end what it has begun."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDS = (signal.SIGINT, signal.SIGTERM)


class StoppedError(Exception):
    """A command ended because a signal said so, with all that it had begun.

    Attributes
    ----------
    status : int
        Of the process: 128 and the signal's number, as shells have it.
    """

    def __init__(self, sentence: str, number: int) -> None:
        super().__init__(sentence)
        self.status = 128 + number


class Stopping:
    """Whether a signal has come, and which."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None

    def __call__(self) -> bool:
        """Return whether to stop."""
        return self.signal is not None


@contextmanager
def stopping() -> Iterator[Stopping]:
    """Give what tells whether Ctrl-C was pressed or SIGTERM has come, the first time; the second time ends the process.

    A signal that the process was started to ignore stays ignored. In a thread other than the first, where Python takes
    no signals, nothing is changed.
    """
    asked = Stopping()
    before = {one: signal.getsignal(one) for one in _ENDS}
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def restore() -> None:
        for one, handler in before.items():
            signal.signal(one, signal.SIG_DFL if handler is None else handler)

    def stop(number: int, frame: FrameType | None) -> None:
        asked.signal = signal.Signals(number)
        restore()

    for one, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(one, stop)
    try:
        yield asked
    finally:
        restore()
