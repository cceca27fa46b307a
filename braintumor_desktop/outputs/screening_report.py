"""What a screening says, as HTML and PDF: how many answered, abstained, refused, and how far."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import pyarrow.dataset as ds
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from braintumor_desktop.domain.answer import Certainty
from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.outputs.screening_counts import (
    GROUPS,
    GroupRow,
    class_rows,
    group_name,
    group_rows,
    refusals,
)
from braintumor_desktop.outputs.screening_plots import (
    Picture,
    by_group,
    in_time,
    png,
    sheets,
    shortened,
)
from braintumor_desktop.screening.distributed.sample_pictures import COLUMNS, Sample
from braintumor_desktop.text import _
from braintumor_desktop.text.answers import class_name
from braintumor_desktop.text.language import translated
from braintumor_desktop.text.numbers import decimal, integer, percent
from braintumor_desktop.text.worklist_words import certainty_name

_LINES = 45  # of a table on a page

Table = tuple[str, tuple[str, ...], list[list[str]]]
"""A table's heading, its columns' and its rows."""

_BY = {
    "sequence": gettext_noop("By sequence"),
    "scanner": gettext_noop("By scanner"),
    "hospital": gettext_noop("By hospital"),
    "month": gettext_noop("By month"),
    "year": gettext_noop("By year"),
    "plane": gettext_noop("By plane"),
    "series_finding": gettext_noop("By finding of the series"),
}

_STYLE = (
    "body{font:15px system-ui;margin:2em auto;max-width:62em;color:#222}"
    "table{border-collapse:collapse;margin:.5em 0 2em}td,th{padding:.25em .8em;"
    "border-bottom:1px solid #ddd;text-align:right}td:first-child,th:first-child"
    "{text-align:left}img.plot{max-width:100%}h3{font-size:1em;margin:1em 0 .3em}"
    "figure{display:inline-block;margin:0 .8em .5em 0;width:128px;vertical-align:top}"
    "figcaption{font-size:12px;color:#555}"
)


def write_report(results: ds.Dataset, samples: Iterable[Sample], folder: Path) -> list[Path]:
    """Write `report.html` and `report.pdf` into a folder, and return their paths."""
    groups = {column: group_rows(results, column) for column in GROUPS}
    plots = {
        "month": (_("Distance from the training data by month"), in_time(groups["month"])),
        "scanner": (_("Distance from the training data by scanner"), by_group(groups["scanner"])),
        "sequence": (
            _("Distance from the training data by sequence"),
            by_group(groups["sequence"]),
        ),
    }
    tables = _tables(results, groups)
    shown = _shown(samples)
    page = folder / "report.html"
    page.write_text(_html(plots, shown, tables), encoding="utf-8")
    document = folder / "report.pdf"
    _pdf(document, plots, shown, tables)
    return [page, document]


def _tables(results: ds.Dataset, groups: dict[str, list[GroupRow]]) -> list[Table]:
    head = (
        "",
        _("slices"),
        _("answered"),
        _("of these abstained by sequence"),
        _("of the others abstained as unlike"),
        _("called tumour"),
        _("median distance"),
        _("quartiles"),
    )
    by_class = [[name, integer(n), integer(unsure)] for name, n, unsure in class_rows(results)]
    refused = [[cause, integer(count)] for cause, count in sorted(refusals(results).items())]
    tables = [
        (_("By class"), ("", _("slices"), _("of these uncertain")), by_class),
        *((translated(_BY[column]), head, _rows(rows)) for column, rows in groups.items()),
        (_("Not answered"), (_("cause"), _("slices")), refused),
    ]
    return [table for table in tables if table[2]]


def _rows(rows: Iterable[GroupRow]) -> list[list[str]]:
    return [
        [
            row.name,
            integer(row.slices),
            integer(row.answered),
            integer(row.withheld),
            f"{integer(row.unlike)} ({percent(row.unlike_share)})"
            if row.answered > row.withheld
            else "",
            integer(row.tumour),
            decimal(row.distance, 2) if row.quartiles else "",
            f"{decimal(row.quartiles[0], 2)}–{decimal(row.quartiles[2], 2)}"
            if row.quartiles
            else "",
        ]
        for row in rows
    ]


def _shown(samples: Iterable[Sample]) -> dict[str, list[tuple[str, list[Picture]]]]:
    """The pictures of each group with what is said of them; a class only where none abstains."""
    ordered = sorted(samples, key=lambda one: (one.column, one.group, one.distance))
    found: dict[str, list[tuple[str, list[Picture]]]] = {column: [] for column in COLUMNS}
    for (column, group), own in groupby(ordered, key=lambda one: (one.column, one.group)):
        pictures = []
        for one in own:
            certainty = Certainty(one.certainty)
            said = certainty_name(certainty)
            if one.withheld:
                said = _("abstained by sequence")
            elif certainty is not Certainty.UNLIKE:
                said = f"{class_name(one.label)}, {said.lower()}"
            pictures.append((one.jpeg, f"{decimal(one.distance, 2)} · {said}"))
        found[column].append((group_name(column, group), pictures))
    return found


def _what_it_is() -> str:
    return _(
        "Research and education; not a medical device. Shares are of slices, not of patients; what "
        "the network says of each was not checked by a person."
    )


def _what_is_plotted() -> str:
    return _(
        "Median and quartiles of the answered slices; in brackets how many. Groups of few slices "
        "are left out."
    )


def _what_is_sampled() -> str:
    return _(
        "Slices of each group from the nearest to nearly the farthest from the training data. "
        "Without pictures that are no original MR image, or that may hold text by their header."
    )


def _sample_title(column: str) -> str:
    return _("Samples: {groups}").format(groups=translated(_BY[column]))


def _html(
    plots: dict[str, tuple[str, Figure]],
    shown: dict[str, list[tuple[str, list[Picture]]]],
    tables: list[Table],
) -> str:
    parts = [
        f"<!doctype html><meta charset=utf-8><title>{_('Screening')}</title>",
        f"<style>{_STYLE}</style><h1>{_('Screening')}</h1>",
        f"<p>{html.escape(_what_it_is())}</p><p>{html.escape(_what_is_plotted())}</p>",
    ]
    for title, figure in plots.values():
        name = html.escape(title)
        parts.append(f"<h2>{name}</h2>{_image(png(figure), 'png', title, 'plot')}")
    parts += [_html_table(*table) for table in tables]
    parts.append(f"<p>{html.escape(_what_is_sampled())}</p>")
    for column, groups in shown.items():
        parts.append(f"<h2>{html.escape(_sample_title(column))}</h2>")
        for name, pictures in groups:
            parts.append(f"<h3>{html.escape(name)}</h3>")
            parts += [
                f"<figure>{_image(jpeg, 'jpeg', said)}"
                f"<figcaption>{html.escape(said)}</figcaption></figure>"
                for jpeg, said in pictures
            ]
    return "\n".join(parts)


def _image(content: bytes, kind: str, said: str, look: str = "sample") -> str:
    data = base64.b64encode(content).decode()
    return f'<img class={look} alt="{html.escape(said)}" src="data:image/{kind};base64,{data}">'


def _html_table(title: str, head: tuple[str, ...], rows: list[list[str]]) -> str:
    top = "".join(f"<th>{html.escape(one)}</th>" for one in head)
    lines = (
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<h2>{html.escape(title)}</h2><table><tr>{top}</tr>{''.join(lines)}</table>"


def _pdf(
    path: Path,
    plots: dict[str, tuple[str, Figure]],
    shown: dict[str, list[tuple[str, list[Picture]]]],
    tables: list[Table],
) -> None:
    with PdfPages(path, metadata={"Title": _("Screening")}) as pages:
        pages.savefig(_words(_("Screening"), _what_it_is(), _what_is_plotted(), _what_is_sampled()))
        for title, figure in plots.values():
            figure.suptitle(title, fontsize=11)
            pages.savefig(figure)
        for title, head, rows in tables:
            for start in range(0, len(rows), _LINES):
                pages.savefig(_table_page(title, head, rows[start : start + _LINES]))
        for column, groups in shown.items():
            for page in sheets(_sample_title(column), groups):
                pages.savefig(page)


def _words(title: str, *paragraphs: str) -> Figure:
    figure = Figure(figsize=(8.3, 3.6))
    figure.text(0.08, 0.85, title, fontsize=16)
    for number, words in enumerate(paragraphs):
        figure.text(0.08, 0.72 - 0.2 * number, _folded(words), fontsize=9, va="top")
    return figure


def _folded(words: str, across: int = 105) -> str:
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) >= across:
            lines.append("")
        lines[-1] += f"{word} "
    return "\n".join(lines)


def _table_page(title: str, head: Sequence[str], rows: list[list[str]]) -> Figure:
    figure = Figure(figsize=(8.3, 1.5 + 0.2 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    axes.axis("off")
    axes.set_title(title, loc="left")
    shown = [[shortened(row[0], 36), *row[1:]] for row in rows]
    heads = [_folded(one, 16).strip() for one in head]
    drawn = axes.table(shown, colLabels=heads, loc="upper left", edges="horizontal")
    drawn.auto_set_font_size(False)
    drawn.set_fontsize(7)
    drawn.auto_set_column_width(list(range(len(head))))
    for (line, column), cell in drawn.get_celld().items():
        if line == 0:
            cell.set_height(0.5 / figure.get_figheight())
        else:
            cell.set_height(0.19 / figure.get_figheight())
        if column == 0:
            cell.get_text().set_horizontalalignment("left")
    return figure
