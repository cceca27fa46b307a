"""Positions and directions, held against what nibabel and the standard say."""

from __future__ import annotations

import numpy as np
import pytest

from braintumor_desktop.domain.geometry import (
    Plane,
    SliceGeometry,
    affine,
    edge_letters,
    order_along_normal,
)

AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
CORONAL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))
SAGITTAL = ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0))


@pytest.mark.parametrize(
    ("directions", "plane"),
    [(AXIAL, Plane.AXIAL), (CORONAL, Plane.CORONAL), (SAGITTAL, Plane.SAGITTAL)],
)
def test_the_plane_is_the_one_that_radiologists_name(
    directions: tuple[tuple[float, float, float], tuple[float, float, float]], plane: Plane
) -> None:
    assert SliceGeometry((0, 0, 0), *directions).plane is plane


def test_a_slice_turned_by_45_degrees_is_oblique() -> None:
    half = 0.5**0.5
    assert SliceGeometry((0, 0, 0), (1, 0, 0), (0, half, half)).plane is Plane.OBLIQUE


def test_slices_are_ordered_by_position_along_the_normal_not_by_number() -> None:
    heights = [3.0, -7.5, 12.0, 0.0]
    slices = [SliceGeometry((5.0, 5.0, z), *AXIAL) for z in heights]
    assert [heights[place] for place in order_along_normal(slices)] == [-7.5, 0.0, 3.0, 12.0]


def test_letters_say_where_rows_and_columns_lead() -> None:
    assert [edge_letters(one) for one in AXIAL] == ["L", "P"]
    assert [edge_letters(one) for one in SAGITTAL] == ["P", "F"]
    assert edge_letters((0.9, -0.43, 0.0)) == "LA"


def test_the_affine_and_a_point_agree() -> None:
    geometry = SliceGeometry((-10.0, 20.0, 5.0), *CORONAL)
    matrix = affine(geometry, (4.0, 0.5, 0.25))
    by_matrix = matrix @ [0, 7, 3, 1]  # slice, row, column
    assert np.allclose(by_matrix[:3], geometry.point(3.5, 7.5, (0.5, 0.25)))
    next_slice = matrix @ [1, 0, 0, 1]
    assert np.isclose(np.dot(next_slice[:3] - np.array(geometry.position), geometry.normal), 4.0)


def test_directions_that_differ_by_rounding_are_parallel() -> None:
    one = SliceGeometry((0, 0, 0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    rounded = SliceGeometry((0, 0, 4), (0.99999, 0.00005, 0.0), (0.0, 1.0, 0.0))
    other = SliceGeometry((0, 0, 4), (0.999, 0.04, 0.0), (0.0, 1.0, 0.0))
    assert one.parallel_to(rounded)
    assert not one.parallel_to(other)
