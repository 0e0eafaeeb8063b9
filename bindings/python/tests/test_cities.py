"""Generated cities refuse what they cannot make."""

import pytest

from libpatrol.synthetic import cities


@pytest.mark.parametrize("beats", [0, 5])
def test_a_city_has_a_node_for_each_beat(beats: int) -> None:
    with pytest.raises(ValueError, match=f"^beats is {beats}, expected 1 to 4, the number of nodes$"):
        cities.grid(2, 2, beats=beats)
    assert set(cities.grid(2, 2, beats=4).node_beats) == {0, 1, 2, 3}
