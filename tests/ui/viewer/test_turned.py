"""Slices that lie on their side in the file are looked at, and seen by the network, upright."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from braintumor_desktop.domain.answer import HeatMap, SliceAnswer
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.turning import as_stored, upright
from braintumor_desktop.rendering import orientation
from braintumor_desktop.rendering.slice_picture import slice_picture
from braintumor_desktop.rendering.thumbnail import thumbnail_jpeg
from braintumor_desktop.ui.viewer import viewport as vp
from braintumor_desktop.ui.viewer.slices import LoadedSlices
from braintumor_desktop.ui.viewer.viewer import Viewer
from braintumor_desktop.ui.viewer.viewport import AS_LOOKED_AT, Viewport
from braintumor_desktop.ui.widgets.images import thumbnail

CODES = range(1, 9)


@pytest.mark.parametrize("code", CODES)
def test_a_turn_takes_every_pixel_where_upright_takes_it(code: int) -> None:
    stored = np.arange(6).reshape(2, 3)
    shown = upright(stored, code)
    height, width = shown.shape
    size = (float(width), float(height))
    looks = vp.fit(Viewport(turn=AS_LOOKED_AT[code]), (0, 0, 3, 2), size)
    assert looks.scale == 1
    assert AS_LOOKED_AT[code].matrix == orientation.AS_LOOKED_AT[code]
    for (row, column), value in np.ndenumerate(stored):
        x, y = looks.to_view((column + 0.5, row + 0.5), size)
        assert shown[int(y), int(x)] == value
        points = np.array([[column + 0.5, row + 0.5]])
        (place,) = orientation.looked_at(points, code, width, height)
        assert tuple(place) == pytest.approx((x, y))


@pytest.fixture
def lying(head: list[SliceAnswer]) -> dict[int, SliceAnswer]:
    """A head as eight files could have it, by the turn that sets it right; marks on one place."""
    made = {}
    one = head[12]
    assert one.prediction is not None
    for code in CODES:
        pixels = np.ascontiguousarray(as_stored(one.slice.pixels, code))
        rows_mm, columns_mm = one.slice.spacing_mm or (1.0, 1.0)
        spacing = (columns_mm, rows_mm) if code >= 5 else (rows_mm, columns_mm)
        mri = dataclasses.replace(
            one.slice, pixels=pixels, spacing_mm=spacing, turn=code, geometry=None
        )
        prepared = prepare(mri, 128)
        np.testing.assert_array_equal(prepared.pixels, prepare(dataclasses.replace(
            one.slice, geometry=None), 128).pixels)  # fmt: skip
        values = np.zeros((8, 8), np.float32)
        values[1, 5] = 8  # as the network has it; turned back, as the classifier does
        heat = HeatMap(as_stored(values, code), prepared.crop)
        corners = [(70.0, 10.0), (90.0, 10.0), (90.0, 40.0), (70.0, 40.0)]
        outline = np.array([prepared.crop.to_source(x, y, 128) for x, y in corners])
        said = dataclasses.replace(one.prediction, heat_map=heat, outline=(outline,))
        made[code] = SliceAnswer(mri, prepared, said)
    return made


@pytest.mark.parametrize("code", CODES)
def test_original_and_network_s_view_show_head_and_marks_at_one_place_however_stored(
    viewer: Viewer, lying: dict[int, SliceAnswer], code: int
) -> None:
    viewer.shared.update(captions=False)
    viewer.actions_.heat.setChecked(True)
    viewer.actions_.outline.setChecked(True)
    seen = []
    for one in (1, code):
        viewer.show_slices(LoadedSlices([lying[one]], f"lying {one}"), 0)
        seen.append((viewer.active.canvas.sheet().paint(), viewer.network.canvas.sheet().paint()))
    for upright_one, turned_one in zip(*seen, strict=True):
        first, second = (pixels_of(image) for image in (upright_one, turned_one))
        differs = np.abs(first - second).max(axis=2) > 60
        assert differs.mean() < 0.001


@pytest.mark.parametrize("code", CODES)
def test_a_report_shows_it_upright_too(lying: dict[int, SliceAnswer], code: int) -> None:
    pictures = []
    for one in (lying[1], lying[code]):
        assert one.prepared is not None
        assert one.prediction is not None
        pictures.append(slice_picture(one.slice, one.prepared, one.prediction))
    first, second = pictures
    assert first.original.shape == second.original.shape
    assert np.abs(first.original.astype(int) - second.original).mean() < 2
    np.testing.assert_allclose(
        second.outline[0].mean(axis=0), first.outline[0].mean(axis=0), atol=0.5
    )
    np.testing.assert_array_equal(first.heat, second.heat)
    np.testing.assert_array_equal(first.prepared, second.prepared)


@pytest.mark.parametrize("code", CODES)
def test_small_pictures_stand_upright_too(lying: dict[int, SliceAnswer], code: int) -> None:
    first, second = (pixels_of(thumbnail(lying[one].slice)) for one in (1, code))
    assert first.shape == second.shape
    assert np.abs(first - second).mean() < 3
    jpegs = [np.frombuffer(thumbnail_jpeg(lying[one].slice), np.uint8) for one in (1, code)]
    kept = [cv2.imdecode(one, cv2.IMREAD_GRAYSCALE).astype(int) for one in jpegs]
    assert kept[0].shape == kept[1].shape
    assert np.abs(kept[0] - kept[1]).mean() < 3


def pixels_of(image):  # type: ignore[no-untyped-def]
    from PySide6.QtGui import QImage

    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    width, height = plain.width(), plain.height()
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(height, plain.bytesPerLine())
    return rows[:, : 3 * width].reshape(height, width, 3).astype(int)
