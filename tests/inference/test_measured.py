"""What a bundle says of other hospitals, by sequence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from braintumor_desktop.domain.answer import MeasuredElsewhere
from braintumor_desktop.inference.bundle import read_bundle
from braintumor_desktop.inference.measured import measured_elsewhere
from braintumor_desktop.paths import model_bundle


def row(sequence: str, truth: str, called: float, unlike: float, use: str = "external") -> Any:
    """A row of `external_figures`."""
    return {
        "use": use,
        "sequence": sequence,
        "truth": truth,
        "called_and_answered": called,
        "called_or_unlike": called + unlike,
    }


def test_what_is_withheld_by_name_is_told_for_files_that_do_not_name_it() -> None:
    description, _ = read_bundle(model_bundle())
    figures = {
        "slices": [
            row("FLAIR", "tumour", 0.8, 0.05),
            row("FLAIR", "free", 0.02, 0.1),
            row("T1", "tumour", 0.0, 1.0),
            row("T1", "free", 0.0, 1.0),
            row("T2", "free", 0.5, 0.0, use="train"),
        ],
        "unnamed": [row("T1", "tumour", 0.4, 0.1), row("T1", "free", 0.04, 0.1)],
    }
    thirds = [
        {**row(name, "free", share, 0.0), "height": height}
        for name in ("FLAIR", "T1")
        for height, share in (("lower third", 0.1), ("middle third", 0.2), ("upper third", 0.3))
    ]
    figures["heights"] = thirds[:3] + thirds[3:5]
    told = measured_elsewhere(replace(description, metrics={"external": figures}))
    assert [one.sequence for one in told] == ["FLAIR", "T1"]
    assert told[0] == MeasuredElsewhere("FLAIR", 0.02, 1 - (0.8 + 0.05), (0.1, 0.2, 0.3))
    assert told[1].by_third == (), "measured where the file names T1, and said where it does not"
    assert (told[1].false_alarms, told[1].missed) == (0.04, 0.5)


def test_a_bundle_without_such_figures_says_nothing() -> None:
    description, _ = read_bundle(model_bundle())
    assert measured_elsewhere(replace(description, metrics={})) == ()
    assert measured_elsewhere(replace(description, metrics={"external": {"slices": [{}]}})) == ()
