"""Coordinates: against published pairs, there and back, and what distance means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.acquisition.geo import (
    Place,
    System,
    bd09_to_gcj02,
    from_browser,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    metres,
    wgs84_to_gcj02,
)

INSIDE = st.builds(Place, st.floats(18.5, 50.0), st.floats(76.0, 132.0))


def test_published_pairs():
    """The example of the coordtransform library (its README): one place in all three systems."""
    bd = Place(39.915, 116.404)
    gcj = bd09_to_gcj02(bd)
    assert (round(gcj.lat, 6), round(gcj.lng, 6)) == (39.908657, 116.397627)
    marked = gcj02_to_bd09(Place(39.915, 116.404))
    assert (round(marked.lat, 6), round(marked.lng, 6)) == (39.921337, 116.410369)
    shifted = wgs84_to_gcj02(Place(39.915, 116.404))
    assert (round(shifted.lat, 6), round(shifted.lng, 6)) == (39.916404, 116.410244)


@given(INSIDE)
def test_there_and_back_is_within_a_metre(place):
    assert metres(place, gcj02_to_wgs84(wgs84_to_gcj02(place))) < 0.01
    assert metres(place, bd09_to_gcj02(gcj02_to_bd09(place))) < 1.0


@given(INSIDE)
def test_the_offset_is_of_the_known_size(place):
    assert metres(place, wgs84_to_gcj02(place)) < 1500


def test_outside_china_nothing_is_shifted():
    london = Place(51.5074, -0.1278)
    assert wgs84_to_gcj02(london) == london
    assert from_browser(london, System.GCJ02) == london


def test_a_degree_of_latitude():
    assert metres(Place(30, 120), Place(31, 120)) == pytest.approx(111_195, abs=1)
    assert metres(Place(31, 121), Place(31, 121)) == 0


def test_what_a_shop_is_kept_in_decides():
    here = Place(31.23, 121.47)
    assert from_browser(here, System.WGS84) == here
    assert metres(here, from_browser(here, System.BD09)) > 500
