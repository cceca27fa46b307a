"""Numbers and dates as the language's region writes them."""

from __future__ import annotations

import math
from datetime import date

from braintumor_desktop.text.language import _, current


def integer(value: float) -> str:
    """Return a count, with its thousands set apart."""
    return _local(f"{value:,.0f}")


def decimal(value: float, places: int) -> str:
    """Return a number with `places` decimals, with its thousands set apart."""
    return _local(f"{value:,.{places}f}")


def significant(value: float, digits: int) -> str:
    """Return a number with at most `digits` significant digits, without thousands' separators."""
    return _local(f"{value:.{digits}g}")


def pixel_value(value: float, width: float) -> str:
    """Return a pixel's value with as many digits as a window of `width` makes meaningful."""
    if width >= 20:
        return f"{value:.0f}"
    more = math.floor(math.log10(max(abs(value), width)) - math.log10(width))
    return _local(f"{value:.{min(3 + more, 17)}g}")


def percent(probability: float) -> str:
    """Return a probability in whole percents, never rounded to certainty, with hard spaces."""
    if 0.99 < probability < 1:
        return _(">\u00a099\u00a0%")
    if 0 < probability < 0.01:
        return _("<\u00a01\u00a0%")
    return _("{number}\u00a0%").format(number=round(100 * probability))


def exact_percent(probability: float) -> str:
    """Return a probability in tenths of a percent, never rounded to certainty."""
    if 0.999 < probability < 1:
        return _local(">99.9%")
    if 0 < probability < 0.001:
        return _local("<0.1%")
    return _local(f"{probability:.1%}")


def day(value: date | str) -> str:
    """Return a day, as 2026-03-01 or 1 mar 2026; a text as DICOM writes it, YYYYMMDD, too.

    What is no date stays as it stands.
    """
    if isinstance(value, date):
        found = value
    else:
        try:
            found = date(int(value[:4]), int(value[4:6]), int(value[6:8]))
        except ValueError:
            return value
    if current().code == "es":
        return f"{found.day} {_MONTHS_ES[found.month - 1]} {found.year}"
    return found.isoformat()


_MONTHS_ES = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
"""As CLDR abbreviates them in es_MX; day and month in figures would read as the other way round."""


def _local(text: str) -> str:
    if not current().decimal_comma:
        return text
    return text.translate(str.maketrans(",.", "\u00a0,"))
