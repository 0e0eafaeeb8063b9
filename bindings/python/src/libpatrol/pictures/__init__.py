"""Pictures of cities, comparisons, training and staffing (extra ``plot``).

Each function returns a matplotlib figure, without touching pyplot or the settings of the program that calls it;
``save`` writes it as PNG or SVG.
"""

from libpatrol.pictures.charts import (
    Band,
    differences,
    hours_of_the_day,
    hours_of_the_week,
    response,
    staffing,
    training,
)
from libpatrol.pictures.maps import city_map
from libpatrol.pictures.style import save

__all__ = [
    "Band",
    "city_map",
    "differences",
    "hours_of_the_day",
    "hours_of_the_week",
    "response",
    "save",
    "staffing",
    "training",
]
