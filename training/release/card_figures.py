"""The model card's sections that tell figures, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from braintumor_desktop.domain.answer import NO_TUMOUR

Figures = dict[str, Any]

_CHART = 50  # columns from 0 to 1


def classes(figures: Figures) -> str:
    """How well the classes are told apart."""
    own = figures["classes"]
    blocks, folds = own["blocks"], ", ".join(f"{value:.3f}" for value in own["by_fold"].values())
    names = list(own["recall"])
    recall = table(
        ["class", "recall", "95 % interval", "AUC", "95 % interval"],
        (
            [
                name,
                f"{own['recall'][name]:.3f}",
                span(own["recall_interval"][name]),
                f"{own['auc'][name]:.3f}",
                span(own["auc_interval"][name]),
            ]
            for name in names
        ),
    )
    confusion = table(
        ["truth \\ answer", *names],
        ([name, *map(str, row)] for name, row in zip(names, own["confusion"], strict=True)),
    )
    return f"""## Classes

Balanced accuracy {with_span(own, "balanced_accuracy")}, accuracy
{with_span(own, "accuracy")}, cross-entropy {with_span(own, "cross_entropy")}. Balanced accuracy by
fold: {folds}; with all slices of a group averaged, {blocks["count"]} groups:
{with_span(blocks, "balanced_accuracy")}.

{recall}

{confusion}"""


def sources(figures: Figures) -> str:
    """The same by where the slices come from."""
    rows = table(
        ["source", "truth", "slices", "groups", "answered right", "called tumour", "called unlike"],
        (
            [
                row["source"],
                row["truth"],
                f"{row['slices']:,}",
                str(row["groups"]),
                with_span(row, "recall"),
                with_span(row, "called_tumour"),
                with_span(row, "unlike_training"),
            ]
            for row in figures["by_source"]
        ),
    )
    planes = table(
        ["plane", "truth", "slices", "answered right"],
        (
            [row["plane"], row["truth"], f"{row['slices']:,}", with_span(row, "recall")]
            for row in figures["by_plane"]
        ),
    )
    return f"""## By source

All no-tumour slices are of the source "other" and nearly all tumours are not, so the figures above
are also figures of telling sources apart; the rows of "other" and "type-unknown" are the ones to
read. Called tumour: "no tumour" has less than half of the probability. Called unlike the training
data: of the slices that stand upright.

{rows}

By plane, where figshare's order tells it; of which sequence a slice is, nothing in the data says.

{planes}"""


def tumour(figures: Figures) -> str:
    """Whether a tumour is found where the scanner's look gives nothing away."""
    own, fitted = figures["tumour"], figures["tumour_at_fitted_threshold"]
    massless = figures["tumour_without_masses"]
    words = {
        "type_unknown_called_tumour": "tumours of unknown type, called tumour",
        "upright_type_unknown_called_tumour": "those of them that stand upright",
        "notumor_called_notumor": "no tumour, called no tumour",
        "known_types_called_tumour": "glioma, meningioma, pituitary tumour, called tumour",
    }
    rows = table(
        ["slices", "share", "95 % interval"],
        ([words[name], f"{own[name]:.3f}", span(own[f"{name}_interval"])] for name in words),
    )
    return f"""## Tumour or not, from slices that look like the healthy ones

The tumours of unknown type share the look of the no-tumour slices, so that their scanner's look
gives nothing away. At the threshold where 95 % of the no-tumour slices are called so, the network
calls {with_span(own, "sensitivity_at_specificity_95")} of them tumour. **It misses tumours.**
At a threshold that is fitted, for each fold, on the other four, so that both errors are as
frequent, it calls {with_span(fitted, "type_unknown_called_tumour")} of them tumour and
{with_span(fitted, "notumor_called_notumor")} of the no-tumour slices no tumour. The app does not
use that threshold, at which some slices with a probable tumour are called healthy: it names the
most probable class. Below, called tumour is where "no tumour" has less than half of the
probability. Nearly half of the tumours of unknown type stand upside down, few no-tumour slices do,
so that standing so speaks for a tumour (docs/experiments/to-0.11.md): go by those that stand
upright.

{rows}

{massless["left_out"]} of the no-tumour slices show what looks like a tumour, to an eye
that did not know the network's answers (docs/data-audit.md). All figures count them as healthy.
Without them,
{with_span(massless, "notumor_called_notumor")} of the no-tumour slices are called no tumour, and
where 95 % of those are called so,
{with_span(massless, "sensitivity_at_specificity_95")} of the tumours of unknown type tumour."""


def looks(figures: Figures) -> str:
    """The same slices with another look, which bundles before 0.8 were not asked about."""
    if "looks" not in figures:
        return "## Under another look\n\nNot measured for this network."
    words = {
        "as they are": "as they are",
        "darker": "darker: exponent 1.5",
        "brighter": "brighter: exponent 0.67",
        "uneven": "uneven: by about a quarter over the slice",
        "noisy": "noisy: standard deviation 0.04 of the range",
        "mixed": "mixed: all at once, with tone curve, gain and blur",
    }
    columns = ("type_unknown_called_tumour", "notumor_called_notumor", "unlike_training")
    rows = table(
        [
            "look",
            "balanced accuracy",
            "unknown type called tumour",
            "no tumour called so",
            "unlike",
        ],
        (
            [
                words[look],
                with_span(row, "balanced_accuracy"),
                *(with_span(row, column) for column in columns),
            ]
            for look, row in figures["looks"].items()
        ),
    )
    return f"""## Under another look

Every slice comes from one of few sources, whose look each of the five networks knows. Here the same
slices are answered with another look, given to them after preparation, by the same networks and
thresholds. The changes are of the kinds that training draws, and no stronger: they show what the
network bears, not what it does on a scanner that nobody has seen, which was not measured. Unknown:
the share of the tumours of unknown type that is called tumour; no tumour: of those slices called
so; unlike: of the upright slices called so.

{rows}"""


def sizes(figures: Figures) -> str:
    """The tumours by the size of their outline."""
    rows = table(
        ["outline, % of the slice", "slices", "called tumour", "type right", "mean Dice"],
        (
            [
                "{:.1f} to {:.1f}".format(*(100 * area for area in row["area"])),
                str(row["slices"]),
                with_span(row, "called_tumour"),
                with_span(row, "recall"),
                with_span(row, "mean_dice"),
            ]
            for row in figures["by_size"]
        ),
    )
    return f"""## By size of the tumour

The tumours with a drawn outline in quarters by its area, which is measured on the prepared slice;
type right: of those whose type is known.

{rows}"""


def trust(figures: Figures) -> str:
    """Calibration, sets, and the warning of slices unlike the training data."""
    calibration, sets = figures["calibration"], figures["sets"]
    bins = list(zip(calibration["bins"], calibration["bins_interval"], strict=True))
    rows = table(
        ["slices", "mean probability of the answer", "share right", "95 % interval"],
        (
            [str(count), f"{sure:.3f}", f"{right:.3f}", span(interval)]
            for (count, sure, right), interval in bins
        ),
    )
    coverage = table(
        ["class", "the set holds it", "95 % interval"],
        (
            [name, f"{share:.3f}", span(sets["coverage_interval"][name])]
            for name, share in sets["coverage"].items()
        ),
    )
    chart = "\n".join(
        [
            f"said    0{'0.5':^{_CHART - 1}}1",
            *(_chart_line(sure, right, interval) for (_, sure, right), interval in bins),
        ]
    )
    return f"""## Trust

Expected calibration error (15 bins) {with_span(calibration, "expected_calibration_error")}; drawing
adds error of its own, so the interval leans upwards. Below, answers by the probability that was
said: `o` is the share that was right, `-` its interval, `|` where it should be, `*` both.

```
{chart}
```

{rows}

The classes that cannot be excluded are meant to hold the truth for 95 % of each class. They are
{with_span(sets, "mean_size", 2)} on average.

{coverage}

Called unlike the training data, of upright slices like it:
{with_span(figures["unlike_training"], "false_alarms")}; of those that stand
upside down in the set: {with_span(figures["unlike_training"], "upside_down")}."""


def outlines(figures: Figures) -> str:
    """How well the network points at the tumour."""
    own = figures["outlines"]
    rows = table(
        ["slices from", "slices", "mean Dice", "the mask's strongest cell inside"],
        (
            [name, f"{r['slices']:,}", with_span(r, "mean_dice"), with_span(r, "peak_inside")]
            for name, r in own["by_source"].items()
        ),
    )
    return f"""## Outline

On {own["slices"]:,} slices with a drawn outline (figshare: by radiologists): mean Dice
{with_span(own, "mean_dice")}, the middle of the mask's strongest cell inside the outline in
{with_span(own, "peak_inside")}. The ring on the heat map, which is coarser and tells what spoke for
the class, lies inside the outline in {with_span(own, "heat_peak_inside")}.

{rows}"""


def failures(figures: Figures) -> str:
    """The errors by kind, and the most confident ones."""
    own = figures["errors"]
    kinds = table(
        ["error", "slices", "of them outlined", "the mask points at the outline"],
        (
            [
                kind,
                f"{row['slices']} of {row['of']:,}",
                str(row["outlined"]),
                str(row["peak_inside"]) if row["outlined"] else "",
            ]
            for kind, row in own["kinds"].items()
        ),
    )
    rows = table(
        ["slice", "truth", "answer", "probability", "what is known of it"],
        (
            [
                f"`{row['name']}`",
                row["truth"],
                row["answer"],
                f"{row['probability']:.3f}",
                _described(row),
            ]
            for row in own["most_confident"]
        ),
    )
    return f"""## Where it fails

{own["slices"]} of {own["of"]:,} answers are wrong, {own["confident"]} of them with a probability of
0.9 or more. Half of them lie in {own["groups_with_half"]} groups, all of them in
{own["groups"]} of {own["of_groups"]}.

{kinds}

The most confident errors, one for each group; the names are those of the data set's files. Outline:
its share of the prepared slice.

{rows}"""


def with_span(values: Figures, name: str, digits: int = 3) -> str:
    """A figure with its interval, as `0.911 (0.887 to 0.931)`; empty where there is none."""
    if values[name] is None:
        return ""
    return f"{values[name]:.{digits}f} ({span(values[f'{name}_interval'], digits)})"


def span(interval: Sequence[float], digits: int = 3) -> str:
    """An interval, as `0.887 to 0.931`."""
    return f"{interval[0]:.{digits}f} to {interval[1]:.{digits}f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _chart_line(said: float, right: float, interval: Sequence[float]) -> str:
    low, high, place, goal = (round(value * _CHART) for value in (*interval, right, said))
    cells = ["-" if low <= column <= high else " " for column in range(_CHART + 1)]
    cells[goal] = "|"
    cells[place] = "*" if place == goal else "o"
    return f"{said:.3f}   {''.join(cells)}".rstrip()


def _described(row: Figures) -> str:
    known = []
    if row["source"] == "figshare" and PurePosixPath(row["name"]).parent.name != row["truth"]:
        known.append("its copies stand under two labels")
    if row["outline_area"] is not None:
        points = "at it" if row["peak_inside"] else "elsewhere"
        known.append(f"outline {100 * row['outline_area']:.1f} %, the mask points {points}")
    elif row["truth"] != NO_TUMOUR:
        known.append("no outline drawn")
    known.append("the truth was excluded" if row["truth_excluded"] else "the truth not excluded")
    if row["unlike_training"]:
        known.append("called unlike the training data")
    if row["group_slices"] > 1:
        known.append(f"{row['wrong_in_group']} of its group's {row['group_slices']} slices wrong")
    return f"{row['source']}; {', '.join(known)}"
