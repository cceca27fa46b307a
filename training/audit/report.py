"""The report of an audit: Markdown with its pictures beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from training.audit import charts
from training.audit.copies import COPY_COARSE, COPY_FINE, DOUBT_COARSE, NEAR, Copies, Pair
from training.audit.file_views import ReadFile, RefusedFile
from training.audit.findings import Findings
from training.audit.indexing import NO_FOLD

REPORT = "report.md"
_LISTED = 40
_MANY = 6


def write_report(
    out: Path,
    files: Sequence[ReadFile],
    refused: Sequence[RefusedFile],
    copies: Copies,
    findings: Findings,
    given: int,
) -> None:
    """Write `report.md` and its pictures into `out`, which exists; `given` files had a row."""
    charts.plot_classes(findings, out / "classes.png")
    charts.plot_files(files, out / "files.png")
    charts.plot_pairs(copies, out / "pairs.png")
    charts.plot_folds(findings.fold_classes, out / "folds.png")
    for name, pairs in (("doubtful.png", copies.doubtful), ("apart.png", copies.apart)):
        (out / name).unlink(missing_ok=True)
        if pairs:
            charts.show_pairs(files, pairs, out / name)
    lines = [
        "# Audit",
        "",
        *_summary(findings),
        *_files(files, refused),
        *_copies(files, copies),
        *_conflicts(findings),
        *_groups(findings, given, len(files)),
    ]
    (out / REPORT).write_text("\n".join(lines) + "\n", encoding="utf-8")


def summary(findings: Findings) -> list[str]:
    """The figures that matter, a sentence each."""
    total = sum(sum(counts.values()) for counts in findings.counts.values())
    lines = [
        f"{total} files are {findings.different} different slices; "
        f"{findings.exact} files stand there more than once byte by byte."
    ]
    lines += [
        f"Of {leak.files} slices in {leak.split}, {leak.twins} have a twin in {leak.other} "
        f"({leak.twins / leak.files:.1%})."
        for leak in findings.leaks
    ]
    lines.append(f"{len(findings.conflicts)} slices stand under more than one label.")
    sizes = findings.group_sizes
    lines.append(f"{len(sizes)} groups, the largest of {sizes[0]} files.")
    if NO_FOLD in findings.fold_classes:
        lines.append("There are too few groups or slices for five folds: every fold is -1.")
    if found := findings.agreement:
        lines.append(
            f"Against the given index, over {found.files} files: {found.slices} slices from the "
            f"pixels, {found.given_slices} given; {found.merged} merged, {found.torn} torn, "
            f"adjusted Rand index {found.rand:.4f}; {found.twin_differs} twins told differently; "
            f"{found.same_fold} files are in the given fold."
        )
        if found.same_fold < sum(sizes):
            lines.append(
                "The folds are drawn anew: a file has none in the given index, or a copy stands in "
                "two of its groups."
            )
    return lines


def _summary(findings: Findings) -> list[str]:
    rows = [
        (split or "all", label, count, findings.slices[split][label])
        for split, counts in findings.counts.items()
        for label, count in counts.items()
    ]
    return [
        *(f"- {line}" for line in summary(findings)),
        "",
        *_table(("split", "class", "files", "different slices"), rows),
        "![Classes](classes.png)",
        "",
    ]


def _files(files: Sequence[ReadFile], refused: Sequence[RefusedFile]) -> list[str]:
    kinds = Counter((file.file.label, file.format, file.mode) for file in files)
    sizes = Counter((file.width, file.height) for file in files)
    common = [(f"{w} x {h}", count) for (w, h), count in sizes.most_common(10)]
    lines = [
        "## Files",
        "",
        *_table(("class", "format", "mode", "files"), [(*k, n) for k, n in sorted(kinds.items())]),
        f"{len(sizes)} sizes; the most frequent:",
        "",
        *_table(("width x height", "files"), common),
        "![Files](files.png)",
        "",
        f"{len(refused)} files were refused{' and have no row in the index' if refused else ''}.",
        "",
    ]
    return lines + [f"- `{item.file.name}`: {item.reason}" for item in refused] + [""]


def _copies(files: Sequence[ReadFile], copies: Copies) -> list[str]:
    def rows(pairs: Sequence[Pair]) -> list[tuple[object, ...]]:
        return [
            (
                files[p.first].file.name,
                files[p.second].file.name,
                f"{p.coarse:.4f}",
                f"{p.fine:.3f}",
            )
            for p in pairs[:_LISTED]
        ]

    files_of = Counter(copies.picture.tolist()).values()
    times = Counter(min(count, _MANY) for count in files_of)
    often = [(f"{_MANY} to {max(files_of)}" if n == _MANY else n, times[n]) for n in sorted(times)]
    weakest = min((pair.fine for pair in copies.joined), default=float("nan"))
    closest = max((p.fine for p in copies.apart if p.coarse >= COPY_COARSE), default=float("nan"))
    header = ("first", "second", "at 32x32", "fine")
    return [
        "## Copies",
        "",
        "Every slice was compared with every other over 8 rotations and mirrorings, at 32x32. Two "
        f"are one picture where they correlate there by {COPY_COARSE} and the local structure at "
        f"128x128 by {COPY_FINE}. The weakest fine correlation that joins is {weakest:.3f}, the "
        f"strongest that keeps apart {closest:.3f}: the wider this gap, the surer the threshold.",
        "",
        "![What decides](pairs.png)",
        "",
        *_table(("files of one picture", "pictures"), often),
        f"### In doubt: {len(copies.doubtful)}",
        "",
        f"Alike in the fine view, but between {DOUBT_COARSE} and {COPY_COARSE} at 32x32; not "
        "joined. Edited copies, or the next slice of a series: for a person to judge.",
        "",
        *(["![In doubt](doubtful.png)", ""] if copies.doubtful else []),
        *(_table(header, rows(copies.doubtful)) if copies.doubtful else []),
        f"### Apart: {len(copies.apart)}",
        "",
        f"From {DOUBT_COARSE} on at 32x32, but different in the fine view: neighbours, as a rule.",
        "",
        *(["![Apart](apart.png)", ""] if copies.apart else []),
        *(_table(header, rows(copies.apart)) if copies.apart else []),
    ]


def _conflicts(findings: Findings) -> list[str]:
    lines = [f"## Labels in conflict: {len(findings.conflicts)}", ""]
    return (
        lines + [f"- {', '.join(f'`{p}`' for p in paths)}" for paths in findings.conflicts] + [""]
    )


def _groups(findings: Findings, given: int, files: int) -> list[str]:
    source = f"The given index has the groups of {given} of the {files} files."
    if given < files:
        source += (
            f" Groups of the others are clusters of slices that correlate by {NEAR} at 32x32. "
            "Pixels do not tell patients apart; slices of one patient that look different may lie "
            "in different folds, and figures by these folds may be too good."
        )
    labels = sorted({label for counts in findings.fold_classes.values() for label in counts})
    rows = [
        (fold, *(counts.get(label, 0) for label in labels))
        for fold, counts in findings.fold_classes.items()
    ]
    unknown = "In `index.csv`, `source` and `mirrored` are those of the given index; pixels do not "
    return [
        "## Groups and folds",
        "",
        f"{source} {unknown}tell them, and without one they are empty and 0.",
        "",
        *_table(("fold", *labels), rows),
        "![Folds](folds.png)",
    ]


def _table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return [*(f"| {' | '.join(map(str, line))} |" for line in lines), ""]
