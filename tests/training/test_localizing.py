"""The app's recipe: folds stay apart, partial labels and unknown outlines count as they should."""

import csv
import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.bundle import SEAL, seal
from braintumor_desktop.inference.bundle_signature import SIGNATURE_FILE
from braintumor_desktop.inference.classifier import Classifier, softmax
from braintumor_desktop.paths import model_bundle
from training import __main__ as command
from training.data.augment import Warp
from training.data.looks import AS_THEY_ARE
from training.data.packing import TYPE_UNKNOWN
from training.data.prepared import load_prepared
from training.datasets.outlines import in_file, prepared_mask, read_figshare_outlines
from training.datasets.slice_review import read_findings
from training.engine.draws import Draws, coarse
from training.engine.localizing import load_localizing
from training.engine.recipe import APP, NO_FOLD, Recipe, stage_settings
from training.evaluation.assessment import assess, balanced_accuracy, cannot_be_excluded, fit_trust
from training.evaluation.comparison import compare
from training.evaluation.predictions import out_of_fold
from training.evaluation.trust import fit_distance, fit_set_thresholds, fit_temperature
from training.evaluation.tumour_or_none import tumour, tumour_at_fitted_threshold
from training.models.losses import UNKNOWN_OUTLINE, OutlineLoss, PartialLabelLoss
from training.models.networks import predict_logits


def test_every_different_slice_is_packed_once(packed, small_packed_data):
    assert len(set(packed.slice_ids)) == len(packed)
    assert list(packed.classes) == ["glioma", "meningioma", "notumor", "pituitary"]
    assert (packed.labels == TYPE_UNKNOWN).sum() == 10
    place = int(np.flatnonzero(packed.sources == "figshare")[0])
    path = small_packed_data / "brain-tumor-mri" / packed.names[place]
    expected = prepare(read_slice(path), 64).pixels
    np.testing.assert_allclose(packed.pixels[place], expected, atol=1e-3)


def test_slices_of_unknown_type_are_packed_as_they_stand_and_heads_alone(packed, small_packed_data):
    findings = read_findings()
    with (small_packed_data / "tumor-type-unknown.csv").open(encoding="utf-8") as file:
        rows = {row["path"]: row for row in csv.DictReader(file)}
    assert {findings.get(path) for path in rows} == {"upside down", "no head", None}
    for path, row in rows.items():
        if findings.get(path) == "no head":
            assert path not in packed.names
            continue
        prepared = prepare(read_slice(small_packed_data / path), 64)
        polygons = [np.array(polygon, float) for polygon in json.loads(row["polygons"] or "[]")]
        (place,) = np.flatnonzero(packed.names == path)
        np.testing.assert_allclose(packed.pixels[place], prepared.pixels, atol=1e-3)
        expected = prepared_mask(polygons, prepared.crop, 64)
        np.testing.assert_array_equal(packed.masks[place], expected)


def test_slices_that_stand_upside_down_are_marked(packed):
    findings = read_findings()
    for name, marked in zip(packed.names, packed.upside_down, strict=True):
        assert marked == (findings.get(name) == "upside down"), name
    assert packed.upside_down[packed.places("notumor")].any()
    for name in ("glioma", "meningioma", "pituitary"):
        assert not packed.upside_down[packed.places(name)].any()


def test_reviewed_slices_all_stand_in_the_data(data_folder):
    for path, finding in read_findings().items():
        beside = data_folder if path.startswith("tumor-") else data_folder / "brain-tumor-mri"
        assert (beside / path).is_file()
        assert finding in ("upside down", "no head")


def test_copies_that_stand_the_other_way_are_found_the_other_way(data_folder):
    findings, folder = read_findings(), data_folder / "brain-tumor-mri"
    with (data_folder / "index.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] == "notumor"]
    for member in ("Te-no_0141", "Te-no_0120"):
        (own,) = (row for row in rows if Path(row["path"]).stem == member)
        copies = [row["path"] for row in rows if row["slice_id"] == own["slice_id"]]
        turned = [findings.get(path) == "upside down" for path in copies]
        assert any(turned)
        assert not all(turned)
        pictures = [prepare(read_slice(folder / path), 64).pixels for path in copies]
        upright = pictures[turned.index(False)]
        for pixels, upside_down in zip(pictures, turned, strict=True):
            as_it_stands, turned_over = (
                max(np.corrcoef(upright.ravel(), way.ravel())[0, 1] for way in (one, one[:, ::-1]))
                for one in (pixels, pixels[::-1])
            )
            assert upside_down == (turned_over > as_it_stands)


def test_outlines_lie_on_brighter_tissue_than_their_surroundings(packed):
    # Meningiomas take up contrast: a shifted or scaled outline would miss them.
    places = [p for p in packed.places("meningioma") if packed.masks[p].any()]
    brighter = []
    for place in places:
        inside = packed.masks[place] > 0
        head = packed.pixels[place] > 0.1
        pixels = packed.pixels[place].astype(np.float32)
        brighter.append(pixels[inside].mean() > pixels[head & ~inside].mean())
    assert np.mean(brighter) > 0.7


def test_outlines_are_mirrored_where_their_slices_are(packed, data_folder):
    """Nearly half of figshare's slices are packed as their mirror, the only copy that there is."""
    outlines = read_figshare_outlines(data_folder / "tumor-outlines.jsonl")

    def shown(row, size):
        mri = read_slice(data_folder / "brain-tumor-mri" / row["path"])
        prepared, (_, outline) = prepare(mri, size), outlines[row["slice_id"]]
        polygon = in_file(outline, mri.pixels.shape[1], row["mirrored"] == "1")
        return prepared.pixels, prepared_mask([polygon], prepared.crop, size)

    with (data_folder / "index.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] == "figshare"]
    copies = {(row["slice_id"], row["mirrored"]): row for row in rows}
    both = sorted(
        number for number, mirrored in copies if mirrored == "1" and (number, "0") in copies
    )
    for number in both[::300]:
        (one, inside), (other, mirrored) = (shown(copies[number, way], 224) for way in "01")
        assert np.corrcoef(one[:, ::-1].ravel(), other.ravel())[0, 1] > 0.9
        assert (inside[:, ::-1] & mirrored).sum() > 0.8 * max(inside.sum(), mirrored.sum())
    names = {row["path"]: row for row in rows}
    mirrors = [p for p, n in enumerate(packed.names) if names.get(n, {}).get("mirrored") == "1"]
    assert mirrors
    for place in mirrors:
        _, expected = shown(names[packed.names[place]], 64)
        np.testing.assert_array_equal(packed.masks[place], expected)


def test_draws_never_show_a_slice_of_the_fold_left_out(packed):
    for fold in range(5):
        draws = Draws(packed, Recipe("", left_out_fold=fold, draws=256))
        for epoch in range(3):
            draws.start_epoch(epoch)
            assert fold not in packed.folds[draws._drawn]
    official = Draws(packed, Recipe("", left_out_fold=None, draws=512))
    assert not packed.testing_only[official._drawn].any()
    everything = Draws(packed, Recipe("", left_out_fold=NO_FOLD, draws=4096))
    assert set(everything._drawn) == set(range(len(packed)))


def test_draws_are_even_over_the_classes(packed):
    draws = Draws(packed, Recipe("", left_out_fold=0, draws=4000))
    share = np.bincount(packed.labels[draws._drawn] + 1, minlength=5) / 4000
    assert share == pytest.approx([0.12, 0.22, 0.22, 0.22, 0.22], abs=0.03)


def test_a_finer_run_does_not_draw_the_views_of_the_coarser_one_again(packed):
    coarser, finer = (
        Draws(packed, Recipe("", left_out_fold=0, start=start)) for start in ("", "coarser")
    )
    assert (coarser._drawn == finer._drawn).mean() < 0.1


def test_partial_label_is_the_summed_probability():
    logits = np.array([[2.0, 1.0, 0.0, -1.0]], np.float32)
    p = softmax(logits)[0]
    loss = PartialLabelLoss()
    any_tumour = np.array([[1.0, 1.0, 0.0, 1.0]], np.float32)
    assert float(loss(any_tumour, logits)) == pytest.approx(-np.log(p[0] + p[1] + p[3]), rel=1e-4)
    one = np.array([[0.0, 1.0, 0.0, 0.0]], np.float32)
    assert float(loss(one, logits)) == pytest.approx(-np.log(p[1]), rel=1e-4)


def test_label_smoothing_leaves_partial_labels_alone():
    logits = np.array([[2.0, 1.0, 0.0, -1.0]], np.float32)
    any_tumour = np.array([[1.0, 1.0, 0.0, 1.0]], np.float32)
    one = np.eye(4, dtype=np.float32)[:1]
    plain, smooth = PartialLabelLoss(), PartialLabelLoss(0.1)
    assert float(plain(any_tumour, logits)) == pytest.approx(float(smooth(any_tumour, logits)))
    expected = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    assert float(smooth(one, logits)) == pytest.approx(float(expected(one, logits)), rel=1e-4)


def test_a_share_of_the_views_gets_another_look(packed):
    still = Recipe("", None, draws=256, batch_size=256, outlier_share=0.0, appearance_share=0.5)
    batches = Draws(packed, replace(still, warp=Warp(0, 0, 0, 0, flip=False)))
    views = batches[0][0][..., 0]
    slices = packed.pixels[batches._drawn].astype(np.float32)
    kept = np.abs(views - slices).max(axis=(1, 2)) < 1e-3
    assert 0.4 < kept.mean() < 0.6


def test_draws_teach_nothing_but_foreign_by_foreign_views(packed):
    draws = Draws(packed, Recipe("", left_out_fold=0, draws=128, batch_size=128))
    pixels, targets = draws[0]
    foreign = targets["foreign"][:, 0] == 1
    assert 4 <= foreign.sum() <= 40
    assert (targets["mask"][foreign] == UNKNOWN_OUTLINE).all()
    logits = np.random.default_rng(0).normal(size=(128, 4)).astype(np.float32)
    costs = np.asarray(PartialLabelLoss(0.1).call(targets["logits"], logits))
    np.testing.assert_allclose(costs[foreign], 0, atol=1e-5)
    assert costs[~foreign].min() > 0.01
    assert 0 <= pixels.min() <= pixels.max() <= 1


def test_unknown_outline_costs_nothing_and_the_right_one_least():
    target = np.zeros((1, 8, 8, 1), np.float32)
    target[:, 2:5, 2:5] = 1
    right = np.where(target > 0, 9.0, -9.0).astype(np.float32)
    loss = OutlineLoss()
    assert float(loss(np.full_like(target, UNKNOWN_OUTLINE), right)) == 0
    assert float(loss(target, right)) < 0.01
    assert float(loss(target, -right)) > 5
    assert float(loss(np.zeros_like(target), np.full_like(right, -9.0))) < 0.01


def test_coarse_mask_keeps_the_area(packed):
    mask = packed.masks[np.flatnonzero(packed.masks.any(axis=(1, 2)))[0]].astype(np.float32)
    assert coarse(mask).shape == (16, 16)
    assert coarse(mask).sum() * 16 == pytest.approx(mask.sum())


def test_temperature_is_that_of_a_logistic_regression():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 4)).astype(np.float32) * 3
    labels = np.array([rng.choice(4, p=row) for row in softmax(logits / 2.5)])
    assert fit_temperature(logits, labels) == pytest.approx(2.5, rel=0.08)
    binary = logits[:, :2] - logits[:, :1]
    two = rng.random(4000) < softmax(binary / 2)[:, 1]
    slope = LogisticRegression(C=np.inf, fit_intercept=False).fit(binary[:, 1:], two).coef_[0, 0]
    assert 1 / fit_temperature(binary, two.astype(int)) == pytest.approx(slope, rel=0.01)


def test_conformal_sets_hold_on_fresh_slices():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 4, 8000)
    logits = rng.normal(size=(8000, 4)) + 2 * np.eye(4)[labels]
    probabilities = softmax(logits.astype(np.float32))
    thresholds = fit_set_thresholds(probabilities[:4000], labels[:4000])
    sets = cannot_be_excluded(probabilities[4000:], thresholds)
    for number in range(4):
        covered = sets[labels[4000:] == number, number].mean()
        assert covered == pytest.approx(0.95, abs=0.025)


def test_distance_is_one_on_average_and_grows_away():
    rng = np.random.default_rng(2)
    labels = rng.integers(-1, 2, 3000)
    centers, spread = 40 * np.arange(3)[:, None] + 5, rng.uniform(0.5, 3, (3, 6))
    noise = rng.normal(size=(3000, 6))
    features = (centers[labels + 1] + noise * spread[labels + 1]).astype(np.float32)
    distance = fit_distance(features, labels, foreign_share=0.2)
    familiar = np.full(3000, -9.0, np.float32)
    near = distance.of(features, familiar, familiar)
    assert np.square(near).mean() == pytest.approx(1, rel=0.05)
    assert distance.of(features + 20, familiar, familiar).min() > near.max()
    assert (distance.of(features, familiar + 12, familiar) > near).all()
    # As likely foreign as the views of training were, one in five: as likely as not.
    even = distance.of(features, np.full(3000, np.log(0.2 / 0.8), np.float32), familiar)
    np.testing.assert_allclose(even, 2 * near, rtol=1e-3)
    # Of the other head's views half were turned.
    even = distance.of(features, familiar, np.zeros(3000, np.float32))
    np.testing.assert_allclose(even, 2 * near, rtol=1e-3)


def test_slices_that_stand_upside_down_are_no_false_alarms(runs, packed):
    predictions = out_of_fold(runs, packed)
    everywhere, turned = np.ones(len(packed), bool), packed.upside_down
    before, figures = fit_trust(packed, predictions, everywhere), assess(packed, predictions)
    predictions.distances[turned] = np.inf
    assert fit_trust(packed, predictions, everywhere) == before
    after = assess(packed, predictions)
    assert after["by_source"] == figures["by_source"]
    alarms, alarms_before = after["unlike_training"], figures["unlike_training"]
    assert alarms["false_alarms"] == alarms_before["false_alarms"]
    assert alarms["upside_down"] == 1


def test_slices_packed_by_another_version_are_one_sentence(packed_file, runs, tmp_path, capsys):
    with np.load(packed_file) as arrays:
        values = {name: arrays[name] for name in arrays if name != "upside_down"}
    np.savez(tmp_path / "old.npz", **values)
    arguments = ["folds", str(tmp_path / "runs"), "--packed", str(tmp_path / "old.npz")]
    assert command.main(arguments) == 1
    assert "packed by another version" in capsys.readouterr().err
    old = shutil.copytree(runs, tmp_path / "old")
    for path in old.glob("*/configuration.json"):
        path.write_text(path.read_text().replace('"frozen_stride"', '"early"'))
    assert command.main(["assess", str(old)]) == 1
    assert "trained by another version" in capsys.readouterr().err


def test_assessment_answers_every_slice_once(runs, packed, capsys):
    predictions = out_of_fold(runs, packed)
    assert len(predictions.logits) == len(packed)
    figures = assess(packed, predictions)
    typed = packed.labels != TYPE_UNKNOWN
    answers = predictions.logits[typed].argmax(axis=1)
    expected = balanced_accuracy(packed.labels[typed], answers)
    assert figures["classes"]["balanced_accuracy"] == pytest.approx(expected)
    assert np.sum(figures["classes"]["confusion"]) == typed.sum() == figures["slices"]
    assert command.main(["assess", str(runs)]) == 0
    assert json.loads(capsys.readouterr().out)["slices"] == typed.sum()


def test_threshold_between_tumour_and_none_is_fitted_on_the_other_folds(packed):
    none = list(packed.classes).index("notumor")
    unknown, healthy = packed.labels == TYPE_UNKNOWN, packed.labels == none
    probabilities = np.full((len(packed), 4), 0.1)
    probabilities[:, none] = np.select([unknown, healthy], [0.7, 0.9], 0.1)
    assert tumour(packed, probabilities)["type_unknown_called_tumour"] == 0
    fitted = tumour_at_fitted_threshold(packed, probabilities)
    assert fitted["type_unknown_called_tumour"] == fitted["notumor_called_notumor"] == 1
    own = packed.folds == 0  # what a fold itself says does not move its threshold
    probabilities[own & unknown, none], probabilities[own & healthy, none] = 0.85, 0.75
    fitted = tumour_at_fitted_threshold(packed, probabilities)
    assert fitted["type_unknown_called_tumour"] == (~own[unknown]).mean() < 1
    assert fitted["notumor_called_notumor"] == (~own[healthy]).mean() < 1


def test_recipes_stand_side_by_side_also_on_single_folds(runs, packed, capsys):
    predictions = out_of_fold(runs, packed)
    own = (packed.folds == 3) & (packed.labels != TYPE_UNKNOWN)
    expected = balanced_accuracy(packed.labels[own], predictions.logits[own].argmax(axis=1))
    assert compare(runs, [3], AS_THEY_ARE)["balanced accuracy"] == pytest.approx(expected)
    whole = assess(packed, predictions)
    figures = compare(runs, range(5), AS_THEY_ARE)
    assert figures["balanced accuracy"] == pytest.approx(whole["classes"]["balanced_accuracy"])
    assert figures["mean Dice"] == pytest.approx(whole["outlines"]["mean_dice"])
    assert command.main(["compare", str(runs), str(runs), "--folds", "3"]) == 0
    header, _, first, *_ = capsys.readouterr().out.splitlines()
    assert header.count(runs.name) == 2
    assert first == f"| balanced accuracy | {expected:.3f} | {expected:.3f} |"


def test_parts_left_out_of_the_recipe_stand_in_the_run(packed_file, packed, tmp_path):
    settings = ["--folds", "0", "--epochs", "1", "--draws", "32", "--precision", "float32"]
    arguments = ["folds", str(tmp_path), "--packed", str(packed_file), *settings]
    left_out = ["--without", "mask", "--without", "type-unknown", "--without", "appearance"]
    assert command.main([*arguments, *left_out]) == 0
    kept = json.loads((tmp_path / "without-fold-0" / "configuration.json").read_text())
    changes = {"epochs": 1, "draws": 32, "precision": "float32"}
    whole = Recipe(str(packed_file), 0, **(stage_settings(APP, "coarse") | changes))
    known = {kind: share for kind, share in whole.shares.items() if kind != "type-unknown"}
    looks = {"appearance_share": 0.0, "histogram_share": 0.0, "convolution_share": 0.0}
    recipe = replace(whole, mask_weight=0.0, shares=known, **looks)
    assert kept == asdict(replace(recipe, fingerprint=packed.fingerprint))
    assert TYPE_UNKNOWN not in packed.labels[Draws(packed, recipe)._drawn]


def test_run_of_the_whole_recipe_is_not_taken_for_one_without_a_part(runs, packed_file, capsys):
    arguments = ["folds", str(runs), "--packed", str(packed_file), "--folds", "0", "--epochs", "1"]
    settings = ["--draws", "32", "--precision", "float32", "--without", "mask"]
    assert command.main([*arguments, *settings]) == 1
    assert "another configuration" in capsys.readouterr().err


def test_finer_run_goes_on_with_the_network_that_left_out_the_same_slices(
    runs, packed, small_packed_data, tmp_path, capsys
):
    finer = tmp_path / "packed.npz"
    assert command.main(["pack", str(small_packed_data), "--out", str(finer), "--size", "96"]) == 0
    arguments = ["folds", str(tmp_path / "runs"), "--packed", str(finer), "--folds", "1"]
    settings = ["--epochs", "1", "--draws", "32", "--start"]
    assert command.main([*arguments, *settings, str(runs)]) == 0
    before, after = (
        load_localizing(folder / "without-fold-1", 96, 4) for folder in (runs, tmp_path / "runs")
    )
    kept, trained = "block1_expand", "block10_expand"
    for layer, moved in ((kept, False), (trained, True), ("class_of_slice", True)):
        old, new = (model.get_layer(layer).get_weights()[0] for model in (before, after))
        assert np.abs(new - old).max() <= 0.05 * np.abs(old).max()
        assert (new != old).any() == moved
    mixed_up = tmp_path / "mixed-up"
    shutil.copytree(runs / "without-fold-2", mixed_up / "without-fold-1")
    arguments[1] = str(tmp_path / "refused")
    assert command.main([*arguments, *settings, str(mixed_up)]) == 1
    assert "did not leave out the same slices" in capsys.readouterr().err
    assert command.main([*arguments, *settings, str(runs), "--without", "mask"]) == 1
    assert "trained with another mask_weight" in capsys.readouterr().err
    assert not (tmp_path / "refused").exists()


def test_every_slice_stands_in_one_row_of_the_sources(runs, packed):
    rows = assess(packed, out_of_fold(runs, packed))["by_source"]
    assert sum(row["slices"] for row in rows) == len(packed)
    unknown = next(row for row in rows if row["source"] == "type-unknown")
    assert unknown["truth"] == "tumour of unknown type"
    assert unknown["recall"] is None
    assert {row["truth"] for row in rows if row["source"] == "figshare"} == {
        "glioma",
        "meningioma",
        "pituitary",
    }


def test_most_confident_errors_are_errors_and_the_surest_of_their_groups(runs, packed):
    predictions = out_of_fold(runs, packed)
    predictions.logits[:] = 5 * np.eye(4)[np.maximum(packed.labels, 0)]  # unknown: glioma
    glioma, pituitary = packed.places("glioma")[0], packed.places("pituitary")[0]
    predictions.logits[glioma] = 9 * np.eye(4)[2]
    predictions.logits[pituitary] = 9 * np.eye(4)[1]
    missed = int(np.flatnonzero(packed.labels == TYPE_UNKNOWN)[0])
    predictions.logits[missed] = 7 * np.eye(4)[2]
    errors = assess(packed, predictions)["errors"]
    assert errors["slices"] == sum(kind["slices"] for kind in errors["kinds"].values()) == 3
    assert errors["kinds"]["tumour of unknown type called no tumour"]["slices"] == 1
    described = errors["most_confident"]
    assert {error["name"] for error in described} <= set(packed.names[[glioma, pituitary, missed]])
    assert len({packed.groups[list(packed.names).index(e["name"])] for e in described}) == len(
        described
    )
    last = next(error for error in described if error["name"] == packed.names[missed])
    assert (last["truth"], last["answer"]) == ("tumour of unknown type", "notumor")
    shares = [error["probability"] for error in described]
    assert shares == sorted(shares, reverse=True)


def test_errors_with_the_size_of_the_outline(runs, packed):
    figures = assess(packed, out_of_fold(runs, packed))
    outlined = packed.masks.any(axis=(1, 2))
    assert sum(row["slices"] for row in figures["by_size"]) == outlined.sum()
    for error in figures["errors"]["most_confident"]:
        place = list(packed.names).index(error["name"])
        expected = float(packed.masks[place].mean()) if outlined[place] else None
        assert error["outline_area"] == pytest.approx(expected)


def test_slices_that_show_a_mass_count_but_for_one_figure(runs, packed):
    predictions = out_of_fold(runs, packed)
    healthy = packed.places("notumor")
    typed = packed.labels != TYPE_UNKNOWN
    predictions.logits[typed] = 5 * np.eye(4)[packed.labels[typed]]
    predictions.logits[healthy[0]] = [5, 0, 0, 0]  # a tumour is seen where the label says none
    others = np.array([f"{number}.jpg" for number in range(len(packed))], "U40")
    unnamed = assess(replace(packed, names=others), predictions)
    assert unnamed["tumour_without_masses"] == {"left_out": 0, **unnamed["tumour"]}
    others[healthy[0]] = "Testing/notumor/Te-no_0128.jpg"
    figures = assess(replace(packed, names=others), predictions)
    assert figures["tumour"]["notumor_called_notumor"] == pytest.approx(1 - 1 / len(healthy))
    assert figures["tumour_without_masses"]["notumor_called_notumor"] == 1


def test_fold_is_judged_by_thresholds_fitted_without_it(runs, packed):
    predictions = out_of_fold(runs, packed)
    own = packed.folds == 0
    before = fit_trust(packed, predictions, ~own)
    predictions.logits[own] *= -5
    assert fit_trust(packed, predictions, ~own) == before


def test_exported_bundle_is_the_network_of_everything(
    runs, packed, small_records, tmp_path, capsys
):
    arguments = ["export", str(runs), "--records", str(small_records), "--out", str(tmp_path)]
    assert command.main([*arguments, "--name", "small"]) == 0
    classifier = Classifier.load(tmp_path)
    parameters = classifier.description.parameters
    assert f"small: {parameters:,} parameters" in capsys.readouterr().out
    assert classifier.info.name == "small"
    assert classifier.description.training_data["different_slices"] == {
        **{str(name): len(packed.places(str(name))) for name in packed.classes},
        "tumour of unknown type": int((packed.labels == TYPE_UNKNOWN).sum()),
    }
    bundled = load_localizing(runs / "everything", packed.size, 4)
    some = packed.pixels[:8].astype(np.float32)
    np.testing.assert_allclose(
        classifier.run(some).logits, predict_logits(bundled, some), atol=1e-3
    )
    metrics = classifier.description.metrics
    assert metrics["by_group"]["slices"] > 0
    assert command.main(["card", "--bundle", str(tmp_path)]) == 0
    card = (tmp_path / "MODEL_CARD.md").read_text()
    balanced = metrics["by_group"]["classes"]["balanced_accuracy"]
    assert f"Balanced accuracy {balanced:.3f} (" in card
    assert "| sagittal | pituitary |" in card
    noisy = metrics["by_group"]["looks"]["noisy"]["balanced_accuracy"]
    assert f"| noisy: standard deviation 0.04 of the range | {noisy:.3f} (" in card
    testing = load_prepared(small_records, "Testing", 64)
    official = load_localizing(runs / "official", packed.size, 4)
    logits = predict_logits(official, testing.pixels)
    said = softmax(logits / classifier.description.temperature)
    losses = -np.log(said[np.arange(len(testing)), testing.labels])
    told = metrics["official_split"]["testing"]
    assert told["cross_entropy"] == pytest.approx(losses.mean(), rel=1e-4)  # as the app says it
    for error in metrics["by_group"]["errors"]["most_confident"]:
        assert f"| `{error['name']}` | {error['truth']} | {error['answer']} |" in card
    chart = card.split("```")[1].splitlines()
    assert len(chart) == 2 + len(metrics["by_group"]["calibration"]["bins"])


def test_card_without_its_figures_is_one_sentence(tmp_path, capsys):
    bundle = shutil.copytree(model_bundle(), tmp_path / "model")
    (bundle / SIGNATURE_FILE).unlink()
    values = json.loads((bundle / "model.json").read_text())
    values["metrics"]["by_group"].pop("by_source", None)
    (bundle / "model.json").write_text(json.dumps(values | {SEAL: seal(values)}))
    before = (bundle / "MODEL_CARD.md").read_text()
    assert command.main(["card", "--bundle", str(bundle)]) == 1
    assert "no figures for 'by_source': export it anew" in capsys.readouterr().err
    assert (bundle / "MODEL_CARD.md").read_text() == before


def test_export_without_records_needs_no_official_run(runs, tmp_path):
    alone, bundle = tmp_path / "alone", tmp_path / "bundle"
    shutil.copytree(model_bundle(), bundle)  # signed, which the new one is not
    shutil.copytree(runs, alone, ignore=shutil.ignore_patterns("official"))
    assert command.main(["export", str(alone), "--out", str(bundle)]) == 0
    assert command.main(["card", "--bundle", str(bundle)]) == 0
    assert "For the record" not in (bundle / "MODEL_CARD.md").read_text()


def test_export_that_disagrees_leaves_the_old_bundle(runs, tmp_path, monkeypatch, capsys):
    from training.release import export

    (tmp_path / "model.json").write_text("old")
    monkeypatch.setattr(export, "AGREEMENT", -1.0)
    assert command.main(["export", str(runs), "--out", str(tmp_path)]) == 1
    assert "differ" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["model.json"]
    assert (tmp_path / "model.json").read_text() == "old"


def test_foreign_images_are_counted_by_kind(small_data, capsys):
    assert command.main(["foreign", str(small_data)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines][:3] == [
        "other modalities and body parts",
        "photographs",
        "text",
    ]
    noise, blank = (next(x for x in lines if x.startswith(kind)) for kind in ("noise", "blank"))
    assert noise.split()[1:4] == blank.split()[1:4] == ["40", "of", "40"]
