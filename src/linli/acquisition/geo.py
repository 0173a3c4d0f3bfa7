"""Places: the three coordinate systems in use in China, and distances.

A browser tells WGS-84. Chinese maps show GCJ-02 (a published-by-use offset of 300–700 m, inside China only); Baidu's
maps and data show BD-09, a further offset of GCJ-02. Formulas as in the coordtransform libraries in common use;
they agree with the maps within a few metres, which is far below the distance between two shops.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import asin, atan2, cos, pi, radians, sin, sqrt

_EARTH_M = 6_371_008.8  # mean radius
_AXIS = 6_378_245.0  # Krasovsky 1940, on which GCJ-02 stands
_ECCENTRICITY = 0.006_693_421_622_965_943
_BAIDU = pi * 3000.0 / 180.0


class System(StrEnum):
    """In which coordinates a place is given."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True)
class Place:
    """Degrees north and east."""

    lat: float
    lng: float


def metres(a: Place, b: Place) -> float:
    """The way of the crow (haversine), in metres; both places in the same system."""
    half_lat = sin(radians(b.lat - a.lat) / 2)
    half_lng = sin(radians(b.lng - a.lng) / 2)
    chord = half_lat**2 + cos(radians(a.lat)) * cos(radians(b.lat)) * half_lng**2
    return 2 * _EARTH_M * asin(min(1.0, sqrt(chord)))


def from_browser(place: Place, system: System) -> Place:
    """A browser's place (WGS-84) in the system in which the shops are kept."""
    match system:
        case System.WGS84:
            return place
        case System.GCJ02:
            return wgs84_to_gcj02(place)
        case System.BD09:
            return gcj02_to_bd09(wgs84_to_gcj02(place))


def wgs84_to_gcj02(place: Place) -> Place:
    """What a Chinese map shows for a place of the satellites; outside China the same."""
    if not in_china(place):
        return place
    north, east = _shift(place)
    return Place(place.lat + north, place.lng + east)


def gcj02_to_wgs84(place: Place) -> Place:
    """The way back, by approaching: exact within a millimetre after a few rounds."""
    guess = place
    for _ in range(6):
        there = wgs84_to_gcj02(guess)
        guess = Place(guess.lat + place.lat - there.lat, guess.lng + place.lng - there.lng)
    return guess


def gcj02_to_bd09(place: Place) -> Place:
    """Baidu's own offset upon GCJ-02."""
    radius = sqrt(place.lng**2 + place.lat**2) + 0.00002 * sin(place.lat * _BAIDU)
    angle = atan2(place.lat, place.lng) + 0.000003 * cos(place.lng * _BAIDU)
    return Place(radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065)


def bd09_to_gcj02(place: Place) -> Place:
    """Baidu's offset taken away again, within about half a metre."""
    x, y = place.lng - 0.0065, place.lat - 0.006
    radius = sqrt(x**2 + y**2) - 0.00002 * sin(y * _BAIDU)
    angle = atan2(y, x) - 0.000003 * cos(x * _BAIDU)
    return Place(radius * sin(angle), radius * cos(angle))


def in_china(place: Place) -> bool:
    """Inside the box in which GCJ-02 is applied (a box: its corners reach over the border, as the maps do)."""
    return 0.8293 <= place.lat <= 55.8271 and 72.004 <= place.lng <= 137.8347


def _shift(place: Place) -> tuple[float, float]:
    x, y = place.lng - 105.0, place.lat - 35.0
    waves = 20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (waves + 20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (waves + 20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    bend = 1 - _ECCENTRICITY * sin(radians(place.lat)) ** 2
    north = north * 180.0 / (_AXIS * (1 - _ECCENTRICITY) / (bend * sqrt(bend)) * pi)
    east = east * 180.0 / (_AXIS / sqrt(bend) * cos(radians(place.lat)) * pi)
    return north, east
