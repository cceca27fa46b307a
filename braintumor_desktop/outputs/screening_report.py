"""What a screening says: how many answered, abstained, refused, and how far from the known."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from braintumor_desktop.domain.answer import NO_TUMOUR, Certainty
from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.text import _
from braintumor_desktop.text.language import translated
from braintumor_desktop.text.numbers import decimal, integer, percent

GROUPS = ("sequence", "scanner", "hospital", "month", "plane", "series_finding")
"""What slices are put together by; none of them names a patient."""

_FEW = 10  # slices: fewer say nothing of a group


@dataclass(frozen=True)
class GroupRow:
    """One group's slices: counts, shares of the answered, and the median distance."""

    name: str
    slices: int
    answered: int
    unlike: int
    tumour: int
    distance: float | None

    @property
    def unlike_share(self) -> float:
        """Of the answered slices, those that are unlike the training data."""
        return self.unlike / self.answered if self.answered else 0.0


def group_rows(results: ds.Dataset, column: str) -> list[GroupRow]:
    """Return the groups of a column: months in order, else the most unlike training data first."""
    table = results.to_table(columns=[column, "answered", "certainty", "label", "distance"])
    names = pc.fill_null(table[column], "")
    rows = []
    for name in sorted(pc.unique(names).to_pylist()):
        own = table.filter(pc.equal(names, name))
        answered = own.filter(own["answered"])
        unlike = pc.sum(pc.equal(answered["certainty"], Certainty.UNLIKE.value)).as_py() or 0
        kept = answered.filter(pc.not_equal(answered["certainty"], Certainty.UNLIKE.value))
        tumour = pc.sum(pc.not_equal(kept["label"], NO_TUMOUR)).as_py() or 0
        distances = answered["distance"]
        median = pc.quantile(distances, 0.5)[0].as_py() if len(answered) else None
        rows.append(
            GroupRow(name or _("not known"), len(own), len(answered), unlike, tumour, median)
        )
    if column == "month":  # a drift is seen in the order of time
        return sorted(rows, key=lambda row: row.name)
    return sorted(rows, key=lambda row: (-(row.distance or 0), row.name))


def refusals(results: ds.Dataset) -> dict[str, int]:
    """Return how many slices were refused for which cause."""
    table = results.to_table(columns=["refusal"], filter=~ds.field("answered"))
    counts = pa.compute.value_counts(table["refusal"])
    return {row["values"] or _("other"): row["counts"] for row in counts.to_pylist()}


def write_report(results: ds.Dataset, folder: Path) -> list[Path]:
    """Write `report.html` and `report.pdf` into a folder, and return their paths."""
    groups = {column: group_rows(results, column) for column in GROUPS}
    causes = refusals(results)
    figure = _drift(groups["scanner"])
    page = folder / "report.html"
    page.write_text(_html(groups, causes, figure), encoding="utf-8")
    document = folder / "report.pdf"
    _pdf(document, groups, causes)
    return [page, document]


def _drift(rows: list[GroupRow]) -> bytes:
    """The distance of each scanner's slices as a picture, PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = _distances(rows)
    buffer = BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)  # type: ignore[no-untyped-call]
    return buffer.getvalue()


def _distances(rows: list[GroupRow]):  # type: ignore[no-untyped-def]
    from matplotlib.figure import Figure

    shown = [row for row in rows if row.answered >= _FEW and row.distance is not None][:30]
    figure = Figure(figsize=(8, 1.2 + 0.32 * max(1, len(shown))), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(shown))
    axes.barh(places, [row.distance or 0.0 for row in shown], color="#0072b2")
    axes.set_yticks(places, [f"{row.name[:44]}  ({row.answered})" for row in shown])
    axes.invert_yaxis()
    axes.axvline(1, color="#555555", linewidth=1)
    axes.set_xlabel(_("median distance from the training data (1: as these)"))
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _table(rows: list[GroupRow]) -> list[list[str]]:
    return [
        [
            row.name,
            integer(row.slices),
            integer(row.answered),
            f"{integer(row.unlike)} ({percent(row.unlike_share)})",
            integer(row.tumour),
            "" if row.distance is None else decimal(row.distance, 2),
        ]
        for row in rows
    ]


def _head() -> tuple[str, ...]:
    return (
        "",
        _("slices"),
        _("answered"),
        _("unlike: abstained"),
        _("called tumour"),
        _("median distance"),
    )


_BY = {
    "sequence": gettext_noop("By sequence"),
    "scanner": gettext_noop("By scanner"),
    "hospital": gettext_noop("By hospital"),
    "month": gettext_noop("By month"),
    "plane": gettext_noop("By plane"),
    "series_finding": gettext_noop("By finding of the series"),
}


def _by(column: str) -> str:
    """The heading of a table."""
    return translated(_BY[column])


def _what_it_is() -> str:
    return _(
        "Research and education; not a medical device. Shares are of slices, not of patients; what "
        "the network says of each was not checked by a person."
    )


def _html(groups: dict[str, list[GroupRow]], causes: dict[str, int], figure: bytes) -> str:
    parts = [
        f"<!doctype html><meta charset=utf-8><title>{_('Screening')}</title>",
        "<style>body{font:15px system-ui;margin:2em auto;max-width:62em;color:#222}"
        "table{border-collapse:collapse;margin:.5em 0 2em}td,th{padding:.25em .8em;"
        "border-bottom:1px solid #ddd;text-align:right}td:first-child,th:first-child"
        f"{{text-align:left}}img{{max-width:100%}}</style><h1>{_('Screening')}</h1>",
        f"<p>{html.escape(_what_it_is())}</p>",
        f"<h2>{_('Distance from the training data by scanner')}</h2>",
        f'<img alt="{_("Median distance by scanner")}" src="data:image/png;base64,'
        f'{base64.b64encode(figure).decode()}">',
    ]
    for column, rows in groups.items():
        parts.append(f"<h2>{html.escape(_by(column))}</h2>")
        parts.append(_html_table(_head(), _table(rows)))
    parts.append(f"<h2>{_('Not answered')}</h2>")
    named = [[cause, integer(count)] for cause, count in sorted(causes.items())]
    parts.append(_html_table((_("cause"), _("slices")), named))
    return "\n".join(parts)


def _html_table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    top = "".join(f"<th>{html.escape(one)}</th>" for one in head)
    lines = (
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{top}</tr>{''.join(lines)}</table>"


def _pdf(path: Path, groups: dict[str, list[GroupRow]], causes: dict[str, int]) -> None:
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    with PdfPages(path, metadata={"Title": _("Screening")}) as pages:
        pages.savefig(_distances(groups["scanner"]))
        tables = {**{name: _table(rows) for name, rows in groups.items()}}
        refused = [[cause, integer(n), "", "", "", ""] for cause, n in causes.items()]
        tables["Not answered"] = refused
        for name, rows in tables.items():
            figure = Figure(figsize=(8.3, 11.7))
            axes = figure.add_subplot()
            axes.axis("off")
            title = _("Not answered") if name == "Not answered" else _by(name)
            axes.set_title(title, loc="left")
            if rows:
                shown = [[row[0][:36], *row[1:]] for row in rows[:45]]
                drawn = axes.table(shown, colLabels=_head(), loc="upper left", edges="horizontal")
                drawn.auto_set_font_size(False)
                drawn.set_fontsize(7)
                drawn.auto_set_column_width(list(range(len(_head()))))
            pages.savefig(figure)
