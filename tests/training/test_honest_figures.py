"""A figure is of the slices and the recipe that it names, and says what may have been known."""

import json
import shutil
from collections import Counter, defaultdict

import numpy as np
import pytest
from scipy.stats import spearmanr

from braintumor_desktop.paths import model_bundle
from training import __main__ as command
from training.data.packing import load_packed
from training.datasets.outlines import read_figshare_outlines
from training.datasets.patients import read_same_pictures, read_stretches, stretch_of
from training.engine.draws import Draws, seen_by
from training.engine.recipe import Recipe
from training.evaluation import trust
from training.evaluation.assessment import out_of_fold_answers
from training.evaluation.failures import heat_inside, score_outlines
from training.evaluation.foreign import judge_foreign
from training.evaluation.predictions import out_of_fold, predict_fold


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


def test_every_slice_of_figshare_has_a_patient_and_every_patient_one_fold(data_folder):
    outlines = read_figshare_outlines(data_folder / "tumor-outlines.jsonl")
    numbers = [n for one in read_stretches() for n in range(one.first, one.last + 1)]
    assert numbers == list(range(1, 3065))
    folds, labels = defaultdict(set), defaultdict(set)
    slices = Counter()
    for number in numbers:
        own = stretch_of(f"C{number:04}")
        label = outlines[f"C{number:04}"][0]
        folds[own.patient].add(own.fold)
        labels[own.patient].add(label)
        slices[label, own.fold] += 1
    assert all(len(fold) == 1 for fold in folds.values())
    assert all(len(label) == 1 for label in labels.values())
    for label in ("glioma", "meningioma", "pituitary"):
        counts = [slices[label, fold] for fold in range(5)]
        assert max(counts) - min(counts) <= 1
    for unknown, said in (("C3065", "no slice C3065"), ("S00017", "no number of figshare's")):
        with pytest.raises(ValueError, match=said):
            stretch_of(unknown)


def test_tumours_recognised_by_eye_in_several_planes_are_one_patient_s():
    for numbers in ((12, 222, 455), (82, 307), (133, 360), (2021, 2559), (2040, 2575, 2950)):
        stretches = [stretch_of(f"C{number:04}") for number in numbers]
        assert len({one.patient for one in stretches}) == 1
        assert len({one.plane for one in stretches}) == len(numbers)


def test_a_patient_s_planes_show_a_tumour_at_one_place(data_folder):
    """Axial and coronal slices share the way to the midline, coronal and sagittal the height."""
    outlines = read_figshare_outlines(data_folder / "tumor-outlines.jsonl")
    found, kinds = defaultdict(list), {}
    for one in read_stretches():
        for number in range(one.first, one.last + 1):
            kinds[one.patient], polygon = outlines[f"C{number:04}"]
            column, row = (polygon.min(axis=0) + polygon.max(axis=0)) / 2
            found[one.patient, one.plane].append((abs(column - 256), row))
    places = {key: np.median(values, axis=0) for key, values in found.items()}
    for label in ("glioma", "meningioma", "pituitary"):
        for first, second, axis in (("axial", "coronal", 0), ("coronal", "sagittal", 1)):
            both = [
                (places[patient, first][axis], places[patient, second][axis])
                for patient, kind in kinds.items()
                if kind == label and {(patient, first), (patient, second)} <= places.keys()
            ]
            one, other = np.array(both).T
            assert spearmanr(one, other).statistic > 0.6, (label, first, second)
            assert abs(spearmanr(one, other[::-1]).statistic) < 0.3  # each with another patient


def test_packed_slices_of_figshare_go_by_patient(packed):
    own = np.flatnonzero(packed.sources == "figshare")
    assert len(own)
    for place in own:
        stretch = stretch_of(str(packed.slice_ids[place]))
        assert (packed.groups[place], packed.folds[place]) == (stretch.patient, stretch.fold)
        assert not packed.shown_in[place].any()


def test_slices_that_were_packed_in_folds_that_tear_patients_apart_are_refused(
    packed_file, tmp_path
):
    from training.data.packing import _fingerprint

    with np.load(packed_file) as arrays:
        values = dict(arrays)
    values["folds"] = (values["folds"] + 1) % 5
    values["fingerprint"] = _fingerprint({k: v for k, v in values.items() if k != "fingerprint"})
    np.savez(tmp_path / "packed.npz", **values)
    with pytest.raises(ValueError, match="packed in other folds"):
        load_packed(tmp_path / "packed.npz")


def test_a_run_counts_for_the_slices_it_was_trained_on_alone(packed_file, runs, tmp_path, capsys):
    """Packed anew with other folds, a finished run has seen what it would answer."""
    shutil.copytree(runs, tmp_path / "runs")
    with np.load(packed_file) as arrays:
        values = dict(arrays)
    folds, elsewhere = values["folds"], values["sources"] != "figshare"
    values["folds"] = np.where(elsewhere, (folds + 1) % 5, folds)
    other = tmp_path / "packed.npz"
    np.savez(other, **values)
    with pytest.raises(ValueError, match="packed by another version"):
        load_packed(other)
    from training.data.packing import _fingerprint

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
    from training.engine.upright import load_upright

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
