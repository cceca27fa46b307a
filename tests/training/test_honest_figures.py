"""A figure is of the slices and the recipe that it names, and says what may have been known."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from braintumor_desktop.paths import model_bundle
from training import __main__ as command
from training import trust
from training.assessment import assess, out_of_fold_answers
from training.failures import heat_inside, score_outlines
from training.foreign import judge_foreign
from training.packing import TYPE_UNKNOWN, load_packed
from training.predictions import out_of_fold, predict_fold
from training.shared_over_folds import shared_over_folds


@pytest.fixture
def pixels_shared(packed):
    """The packed slices, two of which stand, changed, in another fold; and the places of those."""
    pixels, places = packed.pixels.copy(), []
    figshare, unknown = packed.sources == "figshare", packed.labels == TYPE_UNKNOWN
    for kind, change in (
        (unknown, lambda one: np.rot90(one.astype(np.float32) ** 0.6 * 0.7)),
        (figshare, lambda one: one.astype(np.float32) ** 1.1),
    ):
        first = int(np.flatnonzero(kind)[0])
        other = int(np.flatnonzero(kind & (packed.folds != packed.folds[first]))[0])
        pixels[other] = change(pixels[first])
        places.append((first, other))
    return replace(packed, pixels=pixels), places


def test_what_also_stands_in_another_fold_is_found(packed, pixels_shared):
    changed, (pictures, heads) = pixels_shared
    before, shared = shared_over_folds(packed), shared_over_folds(changed)
    assert not before.pictures[list(pictures)].any()
    assert shared.pictures[list(pictures)].all()
    assert shared.heads[list(heads)].all()
    same_fold = replace(changed, folds=np.zeros_like(changed.folds))
    alone = shared_over_folds(same_fold)
    assert not alone.pictures.any()
    assert not alone.heads.any()


def test_figures_without_what_is_shared(runs, packed, pixels_shared):
    changed, _ = pixels_shared
    predictions = out_of_fold(runs, packed)
    shared = shared_over_folds(changed)
    figures = assess(changed, predictions)["shared"]
    assert figures["pictures"] == shared.pictures.sum() >= 2
    assert figures["heads"] == shared.heads.sum() >= 2
    apart = ~(shared.pictures | shared.heads)
    unknown = apart & (packed.labels == TYPE_UNKNOWN)
    called = out_of_fold_answers(changed, predictions).called_tumour
    assert figures["type_unknown_called_tumour"] == pytest.approx(called[unknown].mean())


def test_a_run_counts_for_the_slices_it_was_trained_on_alone(packed_file, runs, tmp_path, capsys):
    """Packed anew with other folds, a finished run has seen what it would answer."""
    shutil.copytree(runs, tmp_path / "runs")
    with np.load(packed_file) as arrays:
        values = dict(arrays)
    values["folds"] = (values["folds"] + 1) % 5
    other = tmp_path / "packed.npz"
    np.savez(other, **values)
    with pytest.raises(ValueError, match="packed by another version"):
        load_packed(other)
    from training.packing import _fingerprint

    values["fingerprint"] = _fingerprint({k: v for k, v in values.items() if k != "fingerprint"})
    np.savez(other, **values)
    load_packed(other)
    for path in (tmp_path / "runs").glob("*/configuration.json"):
        path.write_text(path.read_text().replace(str(packed_file), str(other)))
    assert command.main(["assess", str(tmp_path / "runs")]) == 1
    assert "trained on other slices" in capsys.readouterr().err
    settings = ["--epochs", "1", "--draws", "32", "--folds", "0"]
    arguments = ["folds", str(tmp_path / "runs"), "--packed", str(other), *settings]
    assert command.main(arguments) == 1
    assert "another configuration" in capsys.readouterr().err
    started = ["folds", str(tmp_path / "new"), "--packed", str(packed_file), *settings]
    assert command.main([*started, "--start", str(tmp_path / "runs")]) == 1
    assert "trained on other slices" in capsys.readouterr().err


def test_runs_of_two_recipes_are_not_taken_for_one(runs, small_records, tmp_path, capsys):
    shutil.copytree(runs, tmp_path / "runs")
    path = tmp_path / "runs" / "without-fold-3" / "configuration.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"mask_weight": 0.0}))
    assert command.main(["assess", str(tmp_path / "runs")]) == 1
    assert "without-fold-3 was trained by another recipe" in capsys.readouterr().err
    shutil.copyfile(runs / "without-fold-3" / "configuration.json", path)
    path = tmp_path / "runs" / "official" / "configuration.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"draws": 64}))
    arguments = ["export", str(tmp_path / "runs"), "--records", str(small_records)]
    assert command.main([*arguments, "--out", str(tmp_path / "bundle")]) == 1
    assert "was trained by another recipe" in capsys.readouterr().err


def test_kept_answers_do_not_outlive_the_way_they_were_measured(
    packed, runs, tmp_path, monkeypatch
):
    shutil.copytree(runs, tmp_path / "runs")
    before = predict_fold(tmp_path / "runs", packed, 0)
    other = tmp_path / "trust.py"
    other.write_text("another formula")
    monkeypatch.setattr(trust, "__file__", str(other))
    monkeypatch.setattr(trust.Distance, "of", lambda self, features, *_: features[:, 0] * 0 + 7.0)
    assert (predict_fold(tmp_path / "runs", packed, 0).distances == 7).all()
    assert (before.distances != 7).any()


def test_peaks_are_inside_where_the_middle_of_the_strongest_cell_is(runs, packed):
    predictions = out_of_fold(runs, packed)
    answers = out_of_fold_answers(packed, predictions)
    places = score_outlines(packed, predictions).places
    inside = np.array([np.argwhere(packed.masks[place])[0] + 0.5 for place in places]) / 64
    outside = np.array([np.argwhere(packed.masks[place] == 0)[0] + 0.5 for place in places]) / 64
    none = list(packed.classes).index("notumor")
    for peaks, share in ((inside, 1), (outside, 0)):
        predictions.mask_peaks[places] = peaks
        predictions.heat_peaks[places] = peaks[:, None]
        predictions.heat_peaks[:, none] = np.nan  # never looked at
        assert score_outlines(packed, predictions).peak_inside[places].mean() == share
        assert heat_inside(packed, predictions, answers, places).mean() == share


def test_peaks_are_those_of_the_network_s_maps(runs, packed):
    from braintumor_desktop.inference.classifier import ACTIVATION, MASK
    from training.upright import load_upright

    own = np.flatnonzero(packed.folds == 2)
    model = load_upright(runs / "without-fold-2", packed)
    outputs = model.predict(packed.pixels[own].astype(np.float32)[..., None], verbose=0)
    predictions = predict_fold(runs, packed, 2)
    for number in range(len(own)):
        mask = outputs[MASK][number, ..., 0]
        row, column = (predictions.mask_peaks[number] * mask.shape).astype(int)
        assert mask[row, column] == mask.max()
        for kind in range(4):
            heat = outputs[ACTIVATION][number, ..., kind]
            row, column = (predictions.heat_peaks[number, kind] * heat.shape).astype(int)
            assert heat[row, column] == heat.max()


def test_foreign_images_without_the_slices_are_not_all_of_them(tmp_path):
    with pytest.raises(FileNotFoundError, match="no slices in"):
        judge_foreign(model_bundle(), tmp_path)
