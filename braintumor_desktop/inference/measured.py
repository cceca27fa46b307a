"""What a bundle's figures say of hospitals that its network was not trained on."""

from __future__ import annotations

from braintumor_desktop.domain.answer import MeasuredElsewhere
from braintumor_desktop.inference.bundle import BundleDescription


def measured_elsewhere(description: BundleDescription) -> tuple[MeasuredElsewhere, ...]:
    """Return false alarms and missed tumours by sequence, () where they were not measured.

    They stand in `metrics["external"]["slices"]`, written by
    `python -m training assess-external --keep`. Of a sequence that the bundle abstains on, they
    are those of files that do not name it: nothing is said of those that do.
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
    except (KeyError, TypeError, ValueError):
        return ()  # a bundle of before, or of another author: it says nothing of this
    return tuple(
        MeasuredElsewhere(sequence, own["free"], own["tumour"])
        for sequence, own in shares.items()
        if own.keys() == {"free", "tumour"}
    )
