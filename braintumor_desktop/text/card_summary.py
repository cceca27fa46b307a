"""The model card in a few sentences; the card itself is English and goes into every detail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from braintumor_desktop.text.answers import class_in_text
from braintumor_desktop.text.language import _
from braintumor_desktop.text.numbers import integer, percent


def summary(counts: Mapping[str, int], metrics: Mapping[str, Any], parameters: int) -> list[str]:
    """Return what a network is, what it learned from and how it was judged, a paragraph each.

    Parameters
    ----------
    counts
        How many different slices of each class it learned from; other kinds of slices by name.
    metrics
        The figures of the bundle (`model.json`, `metrics`); those that are missing are not said.
    parameters
        How many numbers the network consists of.

    """
    said = [
        _(
            "A network of {parameters} numbers. It takes one slice and gives the probabilities of "
            "four classes, an outline of what it takes for tumour, and how far the slice is from "
            "those that it learned from. It knows nothing of the slices beside it, of the patient "
            "or of other kinds of disease."
        ).format(parameters=integer(parameters))
    ]
    if counts:
        parts = ", ".join(
            _("{class_name} {count}").format(class_name=_kind(name), count=integer(count))
            for name, count in counts.items()
        )
        said.append(_("It learned from {parts} different slices.").format(parts=parts))
    return [*said, *judged(metrics)]


def _kind(name: str) -> str:
    if name == "tumour of unknown type":
        return _("tumour of unknown type")
    return class_in_text(name)


def judged(metrics: Mapping[str, Any]) -> list[str]:
    """Return how a network was judged, from the figures of its bundle; a sentence each."""
    said = []
    classes = _at(metrics, "by_group", "classes")
    low_high = classes.get("balanced_accuracy_interval")
    if "balanced_accuracy" in classes and low_high:
        said.append(
            _(
                "On {slices} slices of patients that it had not seen, of the same collections, it "
                "names the right class in {share} of each class on average (95 % interval {low} to "
                "{high})."
            ).format(
                slices=integer(classes.get("slices", 0)),
                share=percent(classes["balanced_accuracy"]),
                low=percent(low_high[0]),
                high=percent(low_high[1]),
            )
        )
    tumour = _at(metrics, "by_group", "tumour")
    if {"known_types_called_tumour", "notumor_called_notumor"} <= tumour.keys():
        said.append(
            _(
                "There it calls {found} of the slices with a tumour a tumour, and {clear} of those "
                "without one free. In other hospitals it does far worse: the card has the figures "
                "by sequence and height."
            ).format(
                found=percent(tumour["known_types_called_tumour"]),
                clear=percent(tumour["notumor_called_notumor"]),
            )
        )
    return said


def _at(values: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for name in path:
        found = values.get(name)
        values = found if isinstance(found, Mapping) else {}
    return values
