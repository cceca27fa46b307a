"""What is said of a measurement, beside it on the picture and in reports."""

from __future__ import annotations

from braintumor_desktop.domain.measurement import Measured, MeasurementKind
from braintumor_desktop.text.language import _
from braintumor_desktop.text.numbers import decimal, significant


def measurement_name(kind: MeasurementKind) -> str:
    """Return what a measurement is called."""
    return {
        MeasurementKind.LENGTH: _("Length"),
        MeasurementKind.ANGLE: _("Angle"),
        MeasurementKind.ELLIPSE: _("Ellipse"),
        MeasurementKind.VALUE: _("Value"),
    }[kind]


def measured_words(kind: MeasurementKind, figures: Measured) -> str:
    """The figures beside a measurement, a line each."""
    match kind:
        case MeasurementKind.LENGTH:
            assert figures.length is not None
            words = _("{length} mm") if figures.known_mm else _("{length} pixels")
            return words.format(length=decimal(figures.length, 1))
        case MeasurementKind.ANGLE:
            if figures.degrees is None:
                return ""
            words = _("{degrees}°") if figures.known_mm else _("{degrees}° if pixels are square")
            return words.format(degrees=decimal(figures.degrees, 1))
        case MeasurementKind.VALUE:
            return _("outside") if figures.mean is None else compact(figures.mean)
        case MeasurementKind.ELLIPSE:
            assert figures.area is not None
            words = _("{area} mm²") if figures.known_mm else _("{area} pixels²")
            lines = [words.format(area=compact(figures.area))]
            if figures.mean is not None and figures.deviation is not None:
                mean = _("mean {mean}").format(mean=compact(figures.mean))
                spread = _("SD {deviation}").format(deviation=compact(figures.deviation))
                lines += [mean, spread]
            return "\n".join(lines)


def compact(value: float) -> str:
    """A technical value as scanners give it: four figures at most, whole numbers whole."""
    return significant(value, max(4, len(str(round(abs(value))))))
