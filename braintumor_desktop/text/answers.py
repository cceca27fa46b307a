"""What is said of an answer: one function a sentence, for window, report, table and terminal.

Every sentence is whole and carries named placeholders; nothing is glued. An answer supplements the
reading: no sentence calls a head healthy, and where the slice is unlike the training data, none
names a class unless it was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from braintumor_desktop.domain.answer import (
    NO_TUMOUR,
    Certainty,
    MeasuredElsewhere,
    ModelInfo,
    Prediction,
    area,
)
from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.text.bidi import isolated, visible
from braintumor_desktop.text.language import _, ngettext, pgettext
from braintumor_desktop.text.numbers import integer, percent
from braintumor_desktop.text.reading import sentence

Warnings = tuple[ReadWarning, ...]

Answer = Prediction | FileResult
"""What the network says of a slice: fresh, or as it is kept."""


def _probability(answer: Answer) -> float:
    return dict(answer.probabilities).get(answer.label, 0.0)


def disclaimer() -> str:
    """Return the line that is always in sight."""
    return _("Research and education; not a medical device; not for diagnosis on its own")


def class_name(name: str) -> str:
    """Return a class as people call it; a name that this app does not know stays as it is."""
    names = {
        "glioma": _("Glioma"),
        "meningioma": _("Meningioma"),
        "pituitary": _("Pituitary tumour"),
        NO_TUMOUR: _("No tumour"),
    }
    return names.get(name, name)


def class_in_text(name: str) -> str:
    """Return a class as it stands inside a sentence."""
    names = {
        "glioma": pgettext("inside a sentence", "glioma"),
        "meningioma": pgettext("inside a sentence", "meningioma"),
        "pituitary": pgettext("inside a sentence", "pituitary tumour"),
        NO_TUMOUR: pgettext("inside a sentence", "no tumour"),
    }
    return names.get(name, name)


def needs_look(prediction: Answer, warnings: Warnings) -> bool:
    """Whether a person should look first."""
    return prediction.certainty.needs_look(bool(warnings))


def flagged(label: str) -> str:
    """Return what is said of a slice whose most probable class is `label`."""
    if label == NO_TUMOUR:
        return _("Nothing flagged. Not a normal finding.")
    return _("AI: suspicious for tumour, most like {class_name}").format(
        class_name=class_in_text(label)
    )


def headline(prediction: Answer, warnings: Warnings) -> str:
    """Return the verdict in a few words; no class where the network abstains."""
    if prediction.unlike_training:
        return abstention(prediction)
    if prediction.certainty is Certainty.UNCERTAIN:
        return _("AI: uncertain, needs a look")
    if warnings:
        return _("Needs a look")
    return flagged(prediction.label)


def abstention(prediction: Answer) -> str:
    """Return what is said in place of an answer that is withheld."""
    if prediction.withheld:
        return _("Not answered on this sequence: {sequence}").format(
            sequence=isolated(prediction.sequence)
        )
    return _("No answer: unlike the training images")


def why_withheld(prediction: Answer) -> str:
    """Return why an answer is withheld."""
    if prediction.withheld:
        return _(
            "On such slices of other hospitals this network does not tell tumour from no tumour "
            "well enough to say anything: the slice needs a look."
        )
    return _(
        "This slice is unlike all that the network was trained on. What it says of such slices is "
        "often wrong and looks right, so it is not shown: the slice needs a look."
    )


def explanation(prediction: Answer, warnings: Warnings, *, asked_for: bool = False) -> str:
    """Return one sentence below the headline.

    `asked_for` where a person asked to see the answer to a slice unlike the training data.
    """
    if prediction.unlike_training and not asked_for:
        return why_withheld(prediction)
    fields = {
        "class_name": class_in_text(prediction.label),
        "percent": percent(_probability(prediction)),
    }
    if prediction.unlike_training:
        said = _("Shown because you asked: {class_name}, {percent}. It means little here.")
    elif prediction.certainty is Certainty.UNCERTAIN:
        said = _("The AI leans to {class_name}, with a probability of {percent}.")
    elif warnings and prediction.label == NO_TUMOUR:
        said = _("Read with a warning. Nothing flagged ({percent}). Not a normal finding.")
    elif warnings:
        said = _("Read with a warning. Suspicious for tumour, most like {class_name} ({percent}).")
    elif prediction.label == NO_TUMOUR:
        said = _("The AI gives no tumour {percent}. It can miss one.")
    else:
        said = _("The AI gives {class_name} {percent} among the four classes.")
    return said.format(**fields)


def probabilities_of() -> str:
    """Return what the probabilities are of."""
    return _(
        "Probabilities of this slice's class among the four, calibrated on single slices like "
        "those of the training; not the patient's risk."
    )


def possible(prediction: Answer) -> str:
    """Return which classes remain possible, as a positive sentence."""
    names = prediction.possible
    if prediction.certainty is Certainty.UNLIKE:
        return _("Every class is possible: none can be excluded on such a slice.")
    if len(names) < 2 and not prediction.excluded:
        return _("Every class is possible: none is probable enough to exclude the others.")
    if len(names) < 2:
        return _("Possible by the AI's measure: only {class_name}.").format(
            class_name=class_in_text(prediction.label)
        )
    return _("Possible: {classes}.").format(classes=in_a_row(names))


def in_a_row(names: tuple[str, ...]) -> str:
    """Return classes one after the other, as inside a sentence."""
    return ", ".join(class_in_text(name) for name in names)


def outlined(prediction: Prediction) -> str:
    """Return how large what the network takes for tumour is."""
    if not prediction.outline:
        return _("Nothing is outlined as tumour.")
    if prediction.area_mm2 is None:
        pixels = round(sum(area(polygon) for polygon in prediction.outline))
        return ngettext(
            "Outlined as tumour: {pixels} pixel; size in mm not known.",
            "Outlined as tumour: {pixels} pixels; size in mm not known.",
            pixels,
        ).format(pixels=integer(pixels))
    return outlined_area(prediction.area_mm2)


def outlined_area(area_mm2: float) -> str:
    """Return how large an outline of known area is."""
    if area_mm2 < 1:
        return _("Outlined as tumour: less than 1 mm².")
    return _("Outlined as tumour: {area} mm².").format(area=integer(area_mm2))


def heat(prediction: Prediction) -> str:
    """Return what the heat map shows, or why there is none."""
    if not prediction.located and prediction.certainty is not Certainty.CERTAIN:
        return _("No tumour is probable enough to show where.")
    if not prediction.located:
        return _("The AI flags nothing, so there is nothing to point at.")
    return _("Evidence for {class_name}, weak to strong. The ring marks the strongest.").format(
        class_name=class_in_text(prediction.suspect)
    )


def short_verdict(prediction: Answer, warnings: Warnings) -> str:
    """Return the verdict in a word or two, for a row of a list."""
    if prediction.unlike_training:
        return _("No answer")
    if needs_look(prediction, warnings):
        return _("Needs a look")
    return finding(prediction)


def finding(prediction: Answer) -> str:
    """Return what the network says in a word or two, needing a look or not."""
    if prediction.unlike_training:
        return _("No answer")
    named = class_in_text(prediction.label)
    if prediction.certainty is Certainty.UNCERTAIN:
        return _("Leans to {class_name}").format(class_name=named)
    if prediction.label == NO_TUMOUR:
        return _("Nothing flagged")
    return _("Suspicious: {class_name}").format(class_name=named)


def long_verdict(prediction: Answer, warnings: Warnings) -> str:
    """Return the verdict with its probability, on one line."""
    if prediction.unlike_training:
        return abstention(prediction)
    share = percent(_probability(prediction))
    fields = {"class_name": class_in_text(prediction.label), "percent": share}
    if needs_look(prediction, warnings):
        return _("Needs a look: {class_name} {percent}").format(**fields)
    if prediction.label == NO_TUMOUR:
        return _("Nothing flagged, {percent}").format(**fields)
    return _("Suspicious: {class_name}, {percent}").format(**fields)


def measured_elsewhere(prediction: Prediction, third: int | None = None) -> str:
    """Return how far the answer holds in hospitals that the network was not trained on.

    Of the slice's sequence alone, where it is known and was measured; else of each that was.
    `third` is where the slice lies in the head: 0, 1 or 2 from below, None where that is not known.
    """
    return measured_on(prediction.measured, prediction.sequence, third)


def measured_on(
    measured: Sequence[MeasuredElsewhere], sequence: str, third: int | None = None
) -> str:
    """Return how far answers on a sequence hold elsewhere, as `measured_elsewhere`."""
    if not measured:
        return _("How far this holds in other hospitals was not measured.")
    own = [row for row in measured if row.sequence == sequence]
    rows = own or list(measured)
    fields = {
        "alarms": ", ".join(_share(row.sequence, row.false_alarms) for row in rows),
        "missed": ", ".join(_share(row.sequence, row.missed) for row in rows),
    }
    if own:
        said = _(
            "On whole heads of other hospitals it calls slices without a tumour a tumour "
            "({alarms}) and misses it in slices with one ({missed})."
        )
    elif sequence:
        fields["sequence"] = isolated(sequence)
        said = _(
            "How far this holds on {sequence} of other hospitals was not measured. On whole heads "
            "of other sequences it calls slices without a tumour a tumour ({alarms}) and misses it "
            "in slices with one ({missed})."
        )
    else:
        said = _(
            "On whole heads of other hospitals it calls slices without a tumour a tumour "
            "({alarms}) and misses it in slices with one ({missed}). Which sequence this slice is "
            "of is not known here."
        )
    said = said.format(**fields)
    if own and own[0].by_third and third is not None:
        said += " " + _at_height(third, own[0].by_third[third])
    return said


def _at_height(third: int, share: float) -> str:
    said = (
        _("In the lower third of the head, as here, it does so in {percent}."),
        _("In the middle third of the head, as here, it does so in {percent}."),
        _("In the upper third of the head, as here, it does so in {percent}."),
    )[third]
    return said.format(percent=percent(share))


def _share(sequence: str, share: float) -> str:
    return _("{sequence} {percent}").format(sequence=isolated(sequence), percent=percent(share))


def model_tag(model: ModelInfo) -> str:
    """Return the model's name and the first digits of its hash."""
    return _("Model {name} · {hash}").format(name=isolated(model.name), hash=model.sha256[:4])


def model_line(model: ModelInfo) -> str:
    """Return the model's name and its whole hash."""
    return _("Model {name}, SHA-256 {hash}").format(name=isolated(model.name), hash=model.sha256)


def answer_text(file_name: str, prediction: Prediction, warnings: Warnings) -> str:
    """Return an answer as lines of plain text, for the clipboard."""
    lines = [visible(file_name), headline(prediction, warnings)]
    if prediction.unlike_training:
        lines.append(why_withheld(prediction))
    else:
        lines += [
            _("{class_name}: {percent}").format(class_name=class_name(name), percent=percent(share))
            for name, share in prediction.ranked
        ]
        lines += [probabilities_of(), possible(prediction), outlined(prediction)]
    lines += [sentence(warning) for warning in warnings]
    lines += [model_line(prediction.model), disclaimer()]
    return "\n".join(lines)
