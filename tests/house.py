"""Holds the sources to the house's measures: `python tests/house.py`, a part of `make lint`.

No file over 350 lines, no class over 15 methods beside Qt's event handlers, no two modules of one
base name. Complexity is ruff's (C901), the rooms are import-linter's.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("braintumor_desktop", "training")
MOST_LINES = 350
MOST_METHODS = 15

# Methods that Qt calls by their names, and Python's own: nobody chose how many there are.
_HANDLERS = frozenset(
    [
        "actionEvent",
        "boundingRect",
        "canFetchMore",
        "changeEvent",
        "closeEvent",
        "columnCount",
        "contextMenuEvent",
        "createEditor",
        "data",
        "dragEnterEvent",
        "dragLeaveEvent",
        "dragMoveEvent",
        "dropEvent",
        "enterEvent",
        "event",
        "eventFilter",
        "fetchMore",
        "filterAcceptsRow",
        "flags",
        "focusInEvent",
        "focusOutEvent",
        "headerData",
        "heightForWidth",
        "hideEvent",
        "index",
        "inputMethodEvent",
        "keyPressEvent",
        "keyReleaseEvent",
        "leaveEvent",
        "lessThan",
        "minimumSizeHint",
        "mouseDoubleClickEvent",
        "mouseMoveEvent",
        "mousePressEvent",
        "mouseReleaseEvent",
        "moveEvent",
        "paint",
        "paintEvent",
        "parent",
        "resizeEvent",
        "roleNames",
        "rowCount",
        "run",
        "setData",
        "showEvent",
        "sizeHint",
        "sort",
        "supportedDropActions",
        "timerEvent",
        "viewportEvent",
        "wheelEvent",
    ]
)


def sources() -> Iterator[Path]:
    """Give the modules of app and training."""
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def findings() -> list[str]:
    """Return a line for each measure that a module breaks."""
    found, names = [], defaultdict(list)
    for path in sources():
        shown = path.relative_to(ROOT)
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > MOST_LINES:
            found.append(f"{shown}: {lines} lines, at most {MOST_LINES}")
        if path.stem not in ("__init__", "__main__"):
            names[path.stem].append(str(shown))
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.ClassDef):
                continue
            if (count := _methods(node)) > MOST_METHODS:
                found.append(f"{shown}: {node.name} has {count} methods, at most {MOST_METHODS}")
    found += [f"one base name: {', '.join(paths)}" for paths in names.values() if len(paths) > 1]
    return found


def _methods(node: ast.ClassDef) -> int:
    own = [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
    return sum(name not in _HANDLERS and not name.startswith("__") for name in own)


def main() -> int:
    """Print what is found; 1 where there is anything."""
    found = findings()
    print("\n".join(found) or "The house keeps its measures.")
    print(f"{sum(path.read_text(encoding='utf-8').count(chr(10)) for path in sources()):,} lines")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
