from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF

from braintumor_desktop.ui.viewer.linked_viewport import LARGEST, Viewport

SIZE = QSizeF(400, 300)


@pytest.fixture
def viewport() -> Viewport:
    result = Viewport()
    result.set_bounds(QRectF(0, 0, 200, 200))
    result.fit(QRectF(0, 0, 200, 200), SIZE)
    return result


def close(a: QPointF, b: QPointF) -> bool:
    return (a - b).manhattanLength() < 1e-6


def test_fit_shows_the_whole_rectangle_in_the_middle(viewport: Viewport) -> None:
    assert viewport.scale == 1.5
    assert viewport.rect_to_view(QRectF(0, 0, 200, 200), SIZE) == QRectF(50, 0, 300, 300)


def test_to_source_undoes_to_view(viewport: Viewport) -> None:
    viewport.set_bounds(QRectF(0, 0, 200, 200), aspect=1.7)
    viewport.zoom(2.3, QPointF(30, 40), SIZE)
    point = QPointF(12.5, 170)
    assert close(viewport.to_source(viewport.to_view(point, SIZE), SIZE), point)


def test_zoom_keeps_what_is_under_the_cursor(viewport: Viewport) -> None:
    cursor = QPointF(260, 90)
    before = viewport.to_source(cursor, SIZE)
    viewport.zoom(3, cursor, SIZE)
    assert viewport.scale == pytest.approx(4.5)
    assert close(viewport.to_source(cursor, SIZE), before)


def test_pan_moves_the_image_with_the_hand(viewport: Viewport) -> None:
    before = viewport.to_view(QPointF(100, 100), SIZE)
    viewport.pan(30, -20)
    assert close(viewport.to_view(QPointF(100, 100), SIZE), before + QPointF(30, -20))
    assert viewport.fitted is None


def test_the_slice_cannot_be_lost(viewport: Viewport) -> None:
    viewport.pan(1e6, 1e6)
    assert close(viewport.centre, QPointF(0, 0))
    viewport.zoom(1e9, QPointF(0, 0), SIZE)
    assert viewport.scale == LARGEST


def test_rows_are_as_tall_as_the_spacing_says() -> None:
    viewport = Viewport()
    viewport.set_bounds(QRectF(0, 0, 100, 100), aspect=2)
    viewport.fit(QRectF(0, 0, 100, 100), SIZE)
    shown = viewport.rect_to_view(QRectF(0, 0, 100, 100), SIZE)
    assert shown.height() == pytest.approx(2 * shown.width())
    assert shown.height() == pytest.approx(300)
