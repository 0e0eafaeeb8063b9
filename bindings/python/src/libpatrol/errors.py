"""Status codes and the exception that carries them."""

from enum import IntEnum

from libpatrol._native import abi


class Status(IntEnum):
    """The result of a call: PATROL_OK and ``PATROL_ERROR_...`` of the header."""

    OK = 0
    INVALID_ARGUMENT = 1
    STRUCT_SIZE = 2
    VERSION_MISMATCH = 3
    OUT_OF_MEMORY = 4
    IO = 5
    INVALID_FILE = 6
    UNSUPPORTED = 7
    MISMATCH = 8
    OUT_OF_RANGE = 9
    INVALID_NUMBER = 10
    INVALID_ID = 11
    CAPACITY = 12
    UNREACHABLE = 13
    UNKNOWN_NAME = 14
    INTERNAL = 15
    SESSION_TOO_SMALL = 16
    NO_TIME = 17


class PatrolError(Exception):
    """A failed call of the library.

    Attributes
    ----------
    status : Status
        The kind of failure.
    message : str
        A sentence that says which value is wrong and what was expected.

    Examples
    --------
    >>> from libpatrol import Area, PatrolError
    >>> try:
    ...     Area.from_arrays(node_count=1, edges=[[0, 7]], edge_patrol_seconds=[60], category_service_seconds=[900])
    ... except PatrolError as error:
    ...     print(error.status.name)
    OUT_OF_RANGE
    """

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message

    def __str__(self) -> str:
        return f"{self.status.name}: {self.message}"

    @classmethod
    def from_abi(cls, error: abi.Error) -> "PatrolError":
        """Build the exception from the library's error struct."""
        return cls(Status(error.status), error.message.decode("utf-8"))


class LeftOutWarning(UserWarning):
    """Rows of a snapshot were left out of a decision; the sentence says what is wrong with the first.

    Examples
    --------
    >>> import warnings
    >>> from libpatrol import Area, Engine, Session, Snapshot, incidents, units
    >>> from libpatrol.synthetic import cities
    >>> crew, calls = units(1), incidents(1)
    >>> crew["node"], calls["node"], calls["seconds_waited"] = 0, 5, -1
    >>> session = Session(Engine(Area.from_arrays(**cities.grid(4, 4))), max_units=1, max_incidents=1)
    >>> with warnings.catch_warnings(record=True) as given:
    ...     warnings.simplefilter("always")
    ...     answer = session.decide(Snapshot(time_seconds=0, units=crew, incidents=calls))
    >>> given[0].category.__name__, len(answer.issues), len(answer.assignments)
    ('LeftOutWarning', 1, 0)
    """
