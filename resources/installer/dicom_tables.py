"""highdicom's tables of DICOM objects, shortened to the objects that the app writes and reads.

The whole table of attributes is 23 MB, most of it of radiotherapy and ophthalmology.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

# The information objects of `outputs.dicom_export`, and those that they are made from.
KEPT = (
    *("basic-text-sr", "enhanced-sr", "comprehensive-sr", "comprehensive-3d-sr"),
    *("key-object-selection-document", "segmentation", "label-map-segmentation"),
    *("secondary-capture-image", "multi-frame-grayscale-byte-secondary-capture-image"),
    *("multi-frame-true-color-secondary-capture-image", "mr-image", "enhanced-mr-image"),
)


def tables(work: Path) -> list[tuple[str, str]]:
    """Write the shortened table into `work`; returns (source, target folder) for PyInstaller."""
    spec = find_spec("highdicom")
    if spec is None or spec.origin is None:
        raise LookupError("highdicom is not installed.")
    folder = Path(spec.origin).parent / "_standard"
    objects = json.loads((folder / "iod_module_map.json").read_text(encoding="utf-8"))
    modules = {module["key"] for name in KEPT for module in objects.get(name, ())}
    whole = folder / "module_attribute_map.json"
    attributes = json.loads(whole.read_text(encoding="utf-8"))
    kept = {name: attributes[name] for name in sorted(modules & attributes.keys())}
    short = work / whole.name
    short.write_text(json.dumps(kept, separators=(",", ":")), encoding="utf-8")
    sources = [path for path in sorted(folder.glob("*.json")) if path != whole]
    return [(str(path), "highdicom/_standard") for path in (short, *sources)]
