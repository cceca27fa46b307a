"""What a click on a line of the list of slices does."""

from __future__ import annotations

from braintumor_desktop.ui.main_window import MainWindow


def select_row(window: MainWindow, row: int) -> None:
    """Select the slice in a row of the list, where there is one."""
    entry = window.bench.slices.at(row)
    if entry is not None:
        window.bench.select(entry.key)
