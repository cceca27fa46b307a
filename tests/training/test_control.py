"""The control: it learns what statistics tell, and nothing from the fold that it answers."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.__main__ import main
from training.audit.control import (
    NO_TUMOUR,
    STATISTICS,
    _fold,
    control,
    different_slices,
    statistics,
)
from training.audit.indexing import IndexRow, write_index
from training.datasets.patients import stretch_of

LEVELS = {NO_TUMOUR: 40, "glioma": 90, "pituitary": 140}


def row(path: str, slice_id: str, fold: int, label: str = NO_TUMOUR, twin: int = 0) -> IndexRow:
    return IndexRow(path, path.split("/")[0], label, "", slice_id, slice_id, fold, 0, twin)


def write_noise(path: Path, level: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).normal(level, 10, (24, 32)).clip(0, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels.astype(np.uint8))


@pytest.fixture
def by_level(tmp_path: Path) -> Path:
    """Noise whose brightness tells the class, twelve of each, and unknown tumours of two levels."""
    data, rows = tmp_path / "data", []
    for label, level in LEVELS.items():
        for number in range(12):
            path = f"Training/{label}/{number}.png"
            write_noise(data / path, level, len(rows))
            rows.append(row(path, f"{label}{number}", number % 3, label))
    write_index(rows, data / "index.csv")
    with (tmp_path / "tumor-type-unknown.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "group", "fold", "polygons"])
        for number in range(4):
            path = f"unknown/{number}.png"
            write_noise(tmp_path / path, 40 if number == 0 else 140, 100 + number)
            writer.writerow([path, number, number % 3, ""])
    return data


def test_what_brightness_tells_is_found(by_level: Path, tmp_path: Path) -> None:
    result = control(by_level)
    assert (result.tumour.slices, result.types.slices) == (36, 24)
    assert result.tumour.balanced_accuracy == result.types.accuracy == 1
    assert result.unknown == 4
    assert result.unknown_called_tumour == 0.75


def test_the_fold_that_is_answered_was_not_learned(by_level: Path) -> None:
    """A class of one fold alone is never answered right."""
    rows = [
        row(f"Training/{label}/{n}.png", f"{label}{n}", 2 if label == "glioma" else n % 2, label)
        for label in LEVELS
        for n in range(12)
    ]
    write_index(rows, by_level / "index.csv")
    assert control(by_level).types.recalls == {"glioma": 0, "pituitary": 1}


def test_the_command_prints_a_table_and_writes_json(
    by_level: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "control.json"
    assert main(["control", str(by_level), "--json", str(out)]) == 0
    printed = capsys.readouterr().out
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures["statistics"] == list(STATISTICS)
    assert figures["tumour"]["balanced_accuracy"] == 1
    assert "tumour or not" in printed
    assert "3 of 4" in printed


def test_without_an_index_the_audit_is_asked_for(
    by_level: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (by_level / "index.csv").unlink()
    assert main(["control", str(by_level)]) == 1
    assert "run `audit`" in capsys.readouterr().err


def test_one_file_for_each_slice_training_first_and_none_of_two_labels() -> None:
    rows = [
        row("Testing/x/a.jpg", "S1", 0, twin=1),
        row("Training/x/a.jpg", "S1", 0),
        row("Training/x/b.jpg", "S2", 1, "glioma"),
        row("Training/y/b.jpg", "S2", 1, "pituitary"),
        row("Testing/x/c.jpg", "S3", 2),
    ]
    kept, conflicting = different_slices(rows)
    assert sorted(item.path for item in kept) == ["Testing/x/c.jpg", "Training/x/a.jpg"]
    assert conflicting == 1


def test_the_statistics_are_what_their_names_say(tmp_path: Path) -> None:
    pixels = np.zeros((10, 20), np.uint8)
    pixels[:, 10:] = 200
    cv2.imwrite(str(tmp_path / "half.png"), pixels)
    named = dict(zip(STATISTICS, statistics(tmp_path / "half.png"), strict=True))
    assert named == pytest.approx(
        {
            "mean": 100,
            "standard deviation": 100,
            "10th percentile": 0,
            "median": 100,
            "90th percentile": 200,
            "99th percentile": 200,
            "share of black": 0.5,
            "entropy": 1,
            "aspect ratio": 2,
            "mean gradient": 200 / 19 / 2,
        }
    )


def test_real_slices_give_ten_finite_statistics(data_folder: Path) -> None:
    for path in sorted((data_folder / "tumor-type-unknown").iterdir())[:20]:
        assert np.isfinite(statistics(path)).all()
        assert statistics(path).shape == (10,)


def test_slices_of_figshare_go_by_patient() -> None:
    given = replace(row("Training/meningioma/1.png", "C0012", 4), source="figshare")
    assert _fold(given) == stretch_of("C0012").fold == stretch_of("C0455").fold
    audited = replace(given, slice_id="S00012")  # a number that says nothing of figshare's
    assert _fold(audited) == 4
