"""The audit from end to end."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.audit.copies import find_alike, find_copies
from training.audit.file_views import find_files, read_files
from training.audit.findings import Findings, find
from training.audit.indexing import default_index, make_index, read_index, write_index
from training.audit.report import write_report


def audit(data: Path, out: Path, index: Path | None = None, pixels_only: bool = False) -> Findings:
    """Audit `data`; writes `report.md`, its pictures and `index.csv` into `out`.

    Groups, folds, source and mirroring come from `index`, by default `index.csv` in `data` or
    beside it; with `pixels_only` from none. Copies always come from the pixels. Raises
    `FileNotFoundError` or `ValueError` where the folder is not one of class folders, where no file
    can be read, or where `index` names none of them.
    """
    path = None if pixels_only else index or default_index(data)
    files, refused = read_files(find_files(data))
    if not files:
        raise ValueError(f"No file in {data} can be read.")
    rows_given = read_index(path) if path else {}
    names = {file.file.name for file in files}
    given = {name: row for name, row in rows_given.items() if name in names}
    if index and not given:
        raise ValueError(f"{index} has no row for any of the files in {data}.")
    alike = find_alike(np.stack([file.coarse for file in files]))
    copies = find_copies(files, alike)
    rows = make_index([file.file for file in files], copies.picture, alike, given)
    findings = find(files, rows, given)
    out.mkdir(parents=True, exist_ok=True)
    write_index(rows, out / "index.csv")
    write_report(out, files, refused, copies, findings, given=len(given))
    return findings
