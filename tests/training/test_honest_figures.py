"""A figure is of the slices and the recipe that it names, and says what may have been known."""

import json
import shutil

import numpy as np
import pytest

from braintumor_desktop.paths import model_bundle
from training import __main__ as command
from training import trust
from training.assessment import out_of_fold_answers
from training.failures import heat_inside, score_outlines
from training.foreign import judge_foreign
from training.localizing import Draws, Recipe, seen_by
from training.outlines import read_figshare_outlines
from training.packing import load_packed
from training.patients import (
    MARGIN,
    RUNS,
    SAME_SERIES,
    place_of,
    read_same_pictures,
    same_series,
)
from training.predictions import out_of_fold, predict_fold


def test_no_network_sees_what_its_left_out_fold_shows(packed):
    """The two files show one abscess, brightened and cut; the index has them in two folds."""
    first, second = (
        list(packed.names).index(f"Testing/notumor/{name}.jpg")
        for name in ("Te-no_0033", "Te-no_0099")
    )
    assert packed.folds[first] != packed.folds[second]
    for one, other in ((first, second), (second, first)):
        fold = int(packed.folds[other])
        assert np.flatnonzero(packed.shown_in[one]).tolist() == [fold]
        assert not seen_by(Recipe("", left_out_fold=fold), packed)[one]
        draws = Draws(packed, Recipe("", left_out_fold=fold, draws=2048))
        assert one not in draws._drawn
        elsewhere = next(k for k in range(5) if k not in (fold, packed.folds[one]))
        assert seen_by(Recipe("", left_out_fold=elsewhere), packed)[one]


def test_every_pair_that_shows_one_picture_stands_in_the_data(data_folder):
    names = {name for pair in read_same_pictures() for name in pair}
    missing = [
        name
        for name in names
        if not any((data_folder / part / name).is_file() for part in ("", "brain-tumor-mri"))
    ]
    assert names
    assert not missing


def test_planes_of_one_patient_stand_in_one_fold():
    """Meningiomas that were recognised by eye in three planes, or two, by figshare's numbers."""
    for numbers in ((12, 222, 455), (82, 307), (133, 360)):
        places = [place_of(number, "meningioma") for number in numbers]
        for place in places:
            kept_from = {place.fold, *place.near}
            assert all(other.fold in kept_from for other in places)


def test_what_may_be_a_patient_of_the_next_fold_is_kept_from_it():
    places = [place_of(number, "meningioma") for number in range(1, 211)]
    folds = [place.fold for place in places]
    assert folds == sorted(folds)
    borders = [number for number in range(1, 210) if folds[number] != folds[number - 1]]
    assert len(borders) == 4
    for border in borders:
        before, after = places[border - 1], places[border]
        assert before.near == (after.fold,)
        assert after.near == (before.fold,)
    assert places[20].near == ()
    assert place_of(59, "pituitary") is None  # one that stands among the meningiomas
    assert place_of(2000, "glioma") is None


def test_another_scan_of_a_head_takes_its_neighbours_along():
    """Two scans in figshare's order, of which one slice of each is alike."""
    rng = np.random.default_rng(0)
    pixels = rng.random((40, 64, 64)).astype(np.float16)
    pixels[35] = pixels[0]
    groups = np.array(["first"] * 30 + ["second"] * 10)
    shows = same_series(pixels, groups, np.arange(40))
    assert np.flatnonzero(shows[:, 35]).tolist() == list(range(SAME_SERIES + 1))
    assert np.flatnonzero(shows[:, 0]).tolist() == list(range(30, 40))


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


def test_the_runs_of_a_block_show_the_same_tumours_in_one_order(data_folder):
    """Where a tumour lies and how large it is goes up and down along all runs, within the margin.

    Neighbouring runs share an axis: left to right, then head to feet.
    """
    outlines = read_figshare_outlines(data_folder / "tumor-outlines.jsonl")
    grid = np.linspace(0, 1, 201)
    most = round(MARGIN * 200)

    def along(label, run):
        """The outlines' middle, x and y, and size, smoothed over the run, (3, 201)."""
        known = [
            (n, outlines[f"C{n:04}"]) for n in range(run[0], run[1] + 1) if f"C{n:04}" in outlines
        ]
        own = [(n, polygon) for n, (its, polygon) in known if its == label]
        places = np.array([(n - run[0] + 0.5) / (run[1] - run[0] + 1) for n, _ in own])
        values = np.array([[*p.mean(axis=0), np.sqrt(np.ptp(p, axis=0).prod())] for _, p in own])
        weights = np.exp(-0.5 * ((grid[:, None] - places) / 0.012) ** 2)
        return (weights @ values / weights.sum(axis=1, keepdims=True)).T

    def likeness(one, other):
        def moved(by):
            return np.corrcoef(one[max(by, 0) : 201 + by], other[max(-by, 0) : 201 - by])[0, 1]

        return max(abs(moved(by)) for by in range(-most, most + 1))

    for label, blocks in RUNS.items():
        for axial, coronal, sagittal in blocks:
            for first, second, shared in ((axial, coronal, 0), (coronal, sagittal, 1)):
                one, other = along(label, first), along(label, second)
                same = max(likeness(one[k], other[k]) for k in (shared, 2))
                turned = max(likeness(one[k], other[k][::-1]) for k in (shared, 2))
                assert same > 0.6, (label, first, second)
                assert same > turned
