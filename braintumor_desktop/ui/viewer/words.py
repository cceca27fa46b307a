"""The viewer's words: captions, figures of measurements, names of tools."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from braintumor_desktop.domain.geometry import Vector
from braintumor_desktop.domain.image import DisplayWindow
from braintumor_desktop.domain.measurement import MeasurementKind
from braintumor_desktop.rendering.measure import Measured
from braintumor_desktop.ui.viewer.state import Layout, Tool


def tr(text: str) -> str:
    """Translate a sentence of the viewer."""
    return QCoreApplication.translate("Viewer", text)


def number(value: float, digits: int = 1) -> str:
    """A number as the user's country writes it, without grouping."""
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    return locale.toString(float(value), "f", digits).replace("-", "\N{MINUS SIGN}")


def significant(value: float) -> str:
    """A value to four figures, whole numbers whole; without zeros that say nothing."""
    short = float(round(value)) if abs(value) >= 1000 else float(f"{value:.4g}")
    text = f"{short:.10f}".rstrip("0")
    return number(short, len(text) - text.index(".") - 1)


def tool_name(tool: Tool) -> str:
    """What a tool is called in the toolbar."""
    return {
        Tool.SCROLL: tr("Scroll"),
        Tool.WINDOW: tr("W/L"),
        Tool.ZOOM: tr("Zoom"),
        Tool.PAN: tr("Pan"),
        Tool.LENGTH: tr("Length"),
        Tool.ANGLE: tr("Angle"),
        Tool.ELLIPSE: tr("Ellipse"),
        Tool.VALUE: tr("Value"),
    }[tool]


def tool_help(tool: Tool) -> str:
    """What a drag with the left button does."""
    return {
        Tool.SCROLL: tr("Drag up and down to walk through the series"),
        Tool.WINDOW: tr("Drag sideways for the window's width, up and down for its level"),
        Tool.ZOOM: tr("Drag up and down to zoom to where the drag began"),
        Tool.PAN: tr("Drag to move the picture"),
        Tool.LENGTH: tr("Drag from end to end"),
        Tool.ANGLE: tr("Drag one leg to its vertex, then click at the other end"),
        Tool.ELLIPSE: tr("Drag from corner to corner: area, mean and deviation"),
        Tool.VALUE: tr("Click on a pixel"),
    }[tool]


def layout_name(layout: Layout) -> str:
    """What a layout is called."""
    return {
        Layout.ONE: tr("One picture"),
        Layout.TWO: tr("Two side by side"),
        Layout.FOUR: tr("Four"),
    }[layout]


def window_line(window: DisplayWindow, inverted: bool) -> str:
    """Level and width as viewers write them."""
    line = tr("W {width}  L {center}").format(
        width=significant(window.width), center=significant(window.center)
    )
    return tr("{window}  inverted").format(window=line) if inverted else line


def zoom_line(percent: float) -> str:
    """Screen pixels per pixel of the slice."""
    return tr("Zoom {percent} %").format(percent=number(percent, 0))


def badge() -> str:
    """What stands on every picture with the network's marks on it."""
    return tr("AI, not for diagnosis")


def sides_unknown() -> str:
    """What stands where a file does not say how the patient lay."""
    return tr("Side not marked")


def cursor_line(x: int, y: int, value: float) -> str:
    """Pixel and value under the cursor."""
    return tr("x {x}  y {y}   value {value}").format(x=x, y=y, value=significant(value))


def position_line(point: Vector) -> str:
    """A place in the patient, each axis by the letter of its side."""
    parts = [
        f"{pair[value < 0]} {number(abs(value))}"
        for value, pair in zip(point, ("LR", "PA", "HF"), strict=True)
    ]
    return tr("{x}  {y}  {z} mm").format(x=parts[0], y=parts[1], z=parts[2])


def scale_words(length: float, known_mm: bool) -> str:
    """What a scale bar is long."""
    digits = 0 if length >= 1 else 1
    words = tr("{length} mm") if known_mm else tr("{length} pixels")
    return words.format(length=number(length, digits))


def measured_words(kind: MeasurementKind, figures: Measured) -> str:
    """The figures beside a measurement, a line each."""
    match kind:
        case MeasurementKind.LENGTH:
            assert figures.length is not None
            words = tr("{length} mm") if figures.known_mm else tr("{length} pixels")
            return words.format(length=number(figures.length))
        case MeasurementKind.ANGLE:
            if figures.degrees is None:
                return ""
            words = tr("{degrees}°") if figures.known_mm else tr("{degrees}° if pixels are square")
            return words.format(degrees=number(figures.degrees))
        case MeasurementKind.VALUE:
            return tr("outside") if figures.mean is None else significant(figures.mean)
        case MeasurementKind.ELLIPSE:
            assert figures.area is not None
            words = tr("{area} mm²") if figures.known_mm else tr("{area} pixels²")
            lines = [words.format(area=number(figures.area))]
            if figures.mean is not None and figures.deviation is not None:
                mean = tr("mean {mean}").format(mean=significant(figures.mean))
                spread = tr("SD {deviation}").format(deviation=significant(figures.deviation))
                lines += [mean, spread]
            return "\n".join(lines)
