"""The window's sentences about answers, errors and numbers, in the user's language.

Every sentence is whole and carries named placeholders; classes and errors are never glued in.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from braintumor_desktop.domain.answer import NO_TUMOUR, Certainty, ModelInfo, Prediction, area
from braintumor_desktop.domain.image import DisplayWindow, MRISlice, ReadWarning
from braintumor_desktop.errors import BraintumorError

Warnings = tuple[ReadWarning, ...]


def tr(text: str) -> str:
    """Translate a sentence of this module."""
    return QCoreApplication.translate("Messages", text)


def disclaimer() -> str:
    """The line that is always in sight."""
    return tr("Research and education; not a medical device; not for diagnosis on its own")


def class_name(name: str) -> str:
    """A class as people call it; a name that this app does not know stays as it is."""
    names = {
        "glioma": tr("Glioma"),
        "meningioma": tr("Meningioma"),
        "pituitary": tr("Pituitary tumour"),
        "notumor": tr("No tumour"),
    }
    return names.get(name, name)


def percent(probability: float) -> str:
    """A probability to whole percents, never rounded to certainty; on one line (hard spaces)."""
    if 0.99 < probability < 1:
        return tr(">\u00a099\u00a0%")
    if 0 < probability < 0.01:
        return tr("<\u00a01\u00a0%")
    return tr("{number}\u00a0%").format(number=round(100 * probability))


def needs_look(prediction: Prediction, warnings: Warnings) -> bool:
    """Whether a person should look first."""
    return prediction.certainty.needs_look(bool(warnings))


def headline(prediction: Prediction, warnings: Warnings) -> str:
    """The verdict in a few words."""
    if prediction.withheld:
        return tr("Not answered on this sequence: {sequence}").format(sequence=prediction.sequence)
    if prediction.unlike_training:
        return tr("Unlike what this network was trained on")
    if prediction.certainty is Certainty.UNCERTAIN:
        return tr("Uncertain: needs a look")
    if warnings:
        return tr("Needs a look")
    if prediction.label == NO_TUMOUR:
        return tr("No tumour seen by the network")
    return class_name(prediction.label)


def explanation(prediction: Prediction, warnings: Warnings) -> str:
    """One sentence below the headline."""
    fields = {
        "class_name": class_name(prediction.label),
        "percent": percent(prediction.probabilities[prediction.label]),
    }
    if prediction.withheld:
        sentence = tr(
            "On such slices of other hospitals this network does not tell tumour from no tumour "
            "well enough to say anything."
        )
    elif prediction.unlike_training:
        sentence = tr("Its answer, “{class_name}” with {percent}, means little here.")
    elif needs_look(prediction, warnings):
        sentence = tr("The network leans to “{class_name}” with {percent}.")
    elif prediction.label == NO_TUMOUR:
        sentence = tr("It gives “{class_name}” {percent}. It can miss a tumour.")
    else:
        sentence = tr("The network gives “{class_name}” {percent}.")
    return sentence.format(**fields)


def not_excluded(prediction: Prediction) -> str:
    """Which classes cannot be excluded, where that can be said."""
    if prediction.unlike_training:
        return tr("Which classes can be excluded is not known for such a slice.")
    if not prediction.excluded and len(prediction.possible) == 1:
        return tr("No class is probable enough to exclude the others.")
    names = ", ".join(class_name(name) for name in prediction.possible)
    return tr("Cannot be excluded: {classes}.").format(classes=names)


def outlined(prediction: Prediction) -> str:
    """How large what the network takes for tumour is."""
    if not prediction.outline:
        return tr("Nothing is outlined as tumour.")
    if prediction.area_mm2 is None:
        pixels = round(sum(area(polygon) for polygon in prediction.outline))
        return tr("Outlined as tumour: {pixels} pixels; size in mm not known.").format(
            pixels=pixels
        )
    if prediction.area_mm2 < 1:
        return tr("Outlined as tumour: less than 1 mm².")
    return tr("Outlined as tumour: {area} mm².").format(area=f"{prediction.area_mm2:.0f}")


def measured_elsewhere(prediction: Prediction) -> str:
    """How far the answer holds in other hospitals, of its sequence where that is known."""
    if not prediction.measured:
        return tr("How far this holds in other hospitals was not measured.")
    own = [row for row in prediction.measured if row.sequence == prediction.sequence]
    rows = own or list(prediction.measured)
    alarms = ", ".join(f"{row.sequence} {percent(row.false_alarms)}" for row in rows)
    missed = ", ".join(f"{row.sequence} {percent(row.missed)}" for row in rows)
    words = tr(
        "On whole heads of other hospitals it calls slices without a tumour a tumour "
        "({alarms}) and misses it in slices with one ({missed})."
    ).format(alarms=alarms, missed=missed)
    if own:
        return words
    return tr("{measured} Which sequence this slice is of is not known here.").format(
        measured=words
    )


def heat(prediction: Prediction) -> str:
    """What the heat map shows, or why there is none."""
    if not prediction.located and prediction.certainty is not Certainty.CERTAIN:
        return tr("No tumour is probable enough to show where.")
    if not prediction.located:
        return tr("The network sees no tumour, so there is nothing to point at.")
    words = tr("Evidence for “{class_name}”, weak to strong. The ring marks the strongest.")
    return words.format(class_name=class_name(prediction.suspect))


def short_verdict(prediction: Prediction, warnings: Warnings) -> str:
    """The verdict in a word or two, for a row of the list."""
    if needs_look(prediction, warnings):
        return tr("Needs a look")
    if prediction.label == NO_TUMOUR:
        return tr("No tumour seen")
    return class_name(prediction.label)


def long_verdict(prediction: Prediction, warnings: Warnings) -> str:
    """The verdict with its probability, on one line."""
    fields = {
        "class_name": class_name(prediction.label),
        "percent": percent(prediction.probabilities[prediction.label]),
    }
    if needs_look(prediction, warnings):
        return tr("Needs a look: {class_name} {percent}").format(**fields)
    if prediction.label == NO_TUMOUR:
        return tr("No tumour seen, {percent}").format(**fields)
    return tr("{class_name}, {percent}").format(**fields)


def sentence(said: BraintumorError | ReadWarning) -> str:
    """An error or a warning as a sentence: the template is translated, then filled."""
    template = QCoreApplication.translate("Templates", said.template)
    try:
        return template.format(**dict(said.fields))
    except (KeyError, IndexError, ValueError):  # a translation that does not fit its fields
        return str(said)


def short_reason(kind: str) -> str:
    """Why a file was refused, in a few words, by the error's kind."""
    reasons = {
        "not_found": tr("Not found"),
        "no_access": tr("No permission"),
        "empty": tr("Empty file"),
        "truncated": tr("Incomplete file"),
        "not_an_image": tr("Not an image"),
        "no_pixel_data": tr("No image in the file"),
        "unsupported": tr("Format not supported"),
        "dimensions": tr("Size out of bounds"),
        "blank": tr("Blank image"),
    }
    return reasons.get(kind, tr("Cannot be read"))


def number(value: float, width: float) -> str:
    """A pixel value with as many digits as a window of `width` makes meaningful."""
    if width >= 20:
        return f"{value:.0f}"
    more = math.floor(math.log10(max(abs(value), width)) - math.log10(width))
    return f"{value:.{min(3 + more, 17)}g}"


def readout(window: DisplayWindow, scale: float, inverted: bool) -> str:
    """Window width, level and zoom, and whether black and white are exchanged."""
    text = tr("W {width}   L {level}   {zoom}x")
    if inverted:
        text = tr("W {width}   L {level}   {zoom}x   inverted")
    return text.format(
        width=number(window.width, window.width),
        level=number(window.center, window.width),
        zoom=f"{scale:.1f}" if scale >= 0.1 else f"{scale:.2f}",
    )


def file_facts(mri: MRISlice) -> str:
    """Format, size and spacing of a slice."""
    height, width = mri.pixels.shape
    fields = {"format": mri.source.format, "width": width, "height": height}
    if mri.spacing_mm is None:
        return tr("{format}, {width} × {height} pixels, size in mm not known").format(**fields)
    rows, columns = mri.spacing_mm
    return tr("{format}, {width} × {height} pixels of {columns} × {rows} mm").format(
        **fields, columns=f"{columns:.3g}", rows=f"{rows:.3g}"
    )


def model_tag(model: ModelInfo) -> str:
    """The model's name and the first digits of its hash."""
    return tr("Model {name} · {hash}").format(name=model.name, hash=model.sha256[:4])


def answer_text(file_name: str, prediction: Prediction, warnings: Warnings) -> str:
    """An answer as lines of plain text, for the clipboard."""
    lines = [file_name, headline(prediction, warnings)]
    lines += [
        tr("{class_name}: {percent}").format(class_name=class_name(name), percent=percent(share))
        for name, share in prediction.ranked
    ]
    lines += [not_excluded(prediction), outlined(prediction)]
    lines += [sentence(warning) for warning in warnings]
    lines += [
        tr("Model {name}, SHA-256 {hash}").format(
            name=prediction.model.name, hash=prediction.model.sha256
        ),
        disclaimer(),
    ]
    return "\n".join(lines)
