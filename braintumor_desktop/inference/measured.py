"""What a bundle's figures say of hospitals that its network was not trained on."""

from __future__ import annotations

from braintumor_desktop.domain.answer import MeasuredElsewhere
from braintumor_desktop.inference.bundle import BundleDescription

_THIRDS = ("lower third", "middle third", "upper third")


def measured_elsewhere(description: BundleDescription) -> tuple[MeasuredElsewhere, ...]:
    """Return false alarms and missed tumours by sequence, () where they were not measured.

    They stand in `metrics["external"]["slices"]`, false alarms by the slice's height in `heights`,
    written by `python -m training assess-external --keep`. Of a sequence that the bundle abstains
    on, they are those of files that do not name it: nothing is said of those that do.
    """
    shares: dict[str, dict[str, float]] = {}
    try:
        figures = description.metrics["external"]
        for row in [*figures["slices"], *figures.get("unnamed", [])]:
            if row["use"] == "external":
                own = shares.setdefault(str(row["sequence"]), {})
                own[str(row["truth"])] = float(
                    row["called_and_answered"]
                    if row["truth"] == "free"
                    else 1 - row["called_or_unlike"]
                )
        unnamed = {str(row["sequence"]) for row in figures.get("unnamed", [])}
        thirds: dict[str, dict[str, float]] = {}
        for row in figures.get("heights", []):
            if row["use"] == "external" and row["sequence"] not in unnamed:
                heights = thirds.setdefault(str(row["sequence"]), {})
                heights[str(row["height"])] = float(row["called_and_answered"])
    except (KeyError, TypeError, ValueError):
        return ()  # a bundle of before, or of another author: it says nothing of this
    return tuple(
        MeasuredElsewhere(sequence, own["free"], own["tumour"], _by_third(thirds.get(sequence, {})))
        for sequence, own in shares.items()
        if own.keys() == {"free", "tumour"}
    )


def _by_third(heights: dict[str, float]) -> tuple[float, ...]:
    return tuple(heights[one] for one in _THIRDS) if set(_THIRDS) <= heights.keys() else ()
