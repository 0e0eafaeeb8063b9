"""Where a unit is at every moment: corners of the streets and the times at which it passes them."""

from collections.abc import Sequence


class Track:
    """The way of one unit, as points (time, node) between which it drives at a steady speed.

    Parameters
    ----------
    seconds : float
        When it begins.
    node : int
        Where.

    Examples
    --------
    >>> from libpatrol.city.reporting.tracks import Track
    >>> track = Track(0, 7)
    >>> track.drive(10, 7, 0, [7, 8, 9], [0, 20, 50])
    >>> track.stop(15)  # called off: it finishes its edge
    >>> track.points
    [(0, 7), (10, 7), (30, 8)]
    """

    def __init__(self, seconds: float, node: int) -> None:
        self.points: list[tuple[float, int]] = [(seconds, node)]
        self._first = 0  # point of the latest drive

    def drive(
        self, now: float, node: int, seconds_to_node: float, nodes: Sequence[int], seconds: Sequence[float]
    ) -> None:
        """Leave for the last of `nodes`.

        Parameters
        ----------
        now : float
            Time at which it leaves what it did before.
        node : int
            The node to which it is committed, the first of `nodes`.
        seconds_to_node : float
            Time to reach it as on patrol; 0: it stands there.
        nodes, seconds
            Its path from there, and when it passes each node after the first.
        """
        self._cut(now)
        self._first = len(self.points)
        if seconds_to_node > 0 or self.points[-1] != (now, node):
            self.points.append((now + seconds_to_node, node))
        start = now + seconds_to_node
        self.points.extend((start + after, int(at)) for at, after in zip(nodes[1:], seconds[1:], strict=True))

    def arrive(self, now: float) -> None:
        """End the latest drive now: what was left of the first edge was driven faster than on patrol."""
        early = self.points[-1][0] - now
        driven = self.points[self._first :]
        self.points[self._first :] = [
            (max(time - early, self.points[self._first - 1][0]), node) for time, node in driven
        ]

    def stop(self, now: float) -> None:
        """Give up the rest of the way: a unit between two nodes goes on to the next one and stands there."""
        ahead = next((point for point in self.points if point[0] > now), None)
        self._cut(now)
        if ahead is not None:
            self.points.append(ahead)

    def jump(self, now: float, node: int) -> None:
        """Appear at a node, as a unit does when its shift begins."""
        self._cut(now)
        self.points += [(now, self.points[-1][1]), (now, node)]

    def between(self, start: float, end: float) -> list[tuple[float, int]]:
        """Return the points from the last one at or before `start` to the first one after `end`."""
        first = max((k for k, (time, _) in enumerate(self.points) if time <= start), default=0)
        last = next((k for k, (time, _) in enumerate(self.points) if time > end), len(self.points) - 1)
        return self.points[first : last + 1]

    def _cut(self, now: float) -> None:
        while len(self.points) > 1 and self.points[-1][0] > now:
            self.points.pop()
