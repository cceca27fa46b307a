"""What is said of files: errors, warnings, refusals, and how a slice was read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from braintumor_desktop.domain.image import DisplayWindow, MRISlice, ReadWarning
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text.bidi import isolated, without_isolates
from braintumor_desktop.text.language import _, translated
from braintumor_desktop.text.numbers import decimal, pixel_value, significant


def sentence(said: BraintumorError | ReadWarning) -> str:
    """Return an error or a warning as a sentence: its template translated, then filled.

    Names in it are isolated by direction. The English sentence where a translation does not fit.
    """
    fields = dict(said.fields)
    for template in (translated(said.template), said.template):
        try:
            return template.format(**_ready(fields))
        except (KeyError, IndexError, ValueError):
            continue
    return str(said)


def plain_sentence(said: BraintumorError | ReadWarning) -> str:
    """Return `sentence` for a terminal, which knows no directions."""
    return without_isolates(sentence(said))


_WORDS = frozenset({"what", "part", "process", "method", "kind", "family", "value", "format"})
"""Fields that may hold a word of the app's own, marked by `errors.gettext_noop`: never a name."""


def _ready(fields: Mapping[str, object]) -> dict[str, object]:
    ready: dict[str, object] = {}
    for name, value in fields.items():
        if isinstance(value, int | float):
            ready[name] = value
            continue
        word = translated(str(value)) if name in _WORDS else str(value)
        ready[name] = word if word != str(value) else _filled(value)
    return ready


def _filled(value: object) -> str:
    """Errors and warnings within others are sentences, too; everything else is a name."""
    if isinstance(value, BraintumorError | ReadWarning):
        return sentence(value)
    text = str(value.name) if isinstance(value, PurePath) else str(value)
    return isolated(text)


def short_reason(kind: str) -> str:
    """Return why a file was refused, in a few words, by the error's kind."""
    reasons = {
        "not_found": _("Not found"),
        "no_access": _("No permission"),
        "empty": _("Empty file"),
        "truncated": _("Incomplete file"),
        "not_an_image": _("Not an image"),
        "no_pixel_data": _("No image in the file"),
        "unsupported": _("Format not supported"),
        "dimensions": _("Size out of bounds"),
        "blank": _("Blank image"),
        "hidden": _("Passed over: hidden"),
        "index": _("Passed over: an index"),
        "other": _("Passed over: no picture"),
        "link": _("Not followed: a link"),
        "archive": _("Archive not readable"),
        "internal": _("Failed unexpectedly"),
    }
    return reasons.get(kind, _("Cannot be read"))


def readout(window: DisplayWindow, scale: float, inverted: bool) -> str:
    """Return window width, level and zoom, and whether black and white are exchanged."""
    text = _("W {width}   L {level}   {zoom}x")
    if inverted:
        text = _("W {width}   L {level}   {zoom}x   inverted")
    return text.format(
        width=pixel_value(window.width, window.width),
        level=pixel_value(window.center, window.width),
        zoom=decimal(scale, 1 if scale >= 0.1 else 2),
    )


def file_facts(mri: MRISlice) -> str:
    """Return format, size and spacing of a slice."""
    height, width = mri.pixels.shape
    fields = {"format": mri.source.format, "width": width, "height": height}
    if mri.spacing_mm is None:
        return _("{format}, {width} × {height} pixels, size in mm not known").format(**fields)
    rows, columns = mri.spacing_mm
    return _("{format}, {width} × {height} pixels of {columns} × {rows} mm").format(
        **fields, columns=significant(columns, 3), rows=significant(rows, 3)
    )


def no_model(error: BraintumorError | None) -> str:
    """Return why there is no model; `error` is None for what nobody foresaw."""
    return _("The model could not be loaded.") if error is None else sentence(error)
