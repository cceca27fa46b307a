"""The head that knows which way is up: what it learns from, and that the classes stay."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from training import __main__ as command
from training.data.augment import Warp
from training.engine.localizing import load_localizing
from training.engine.recipe import Recipe, read_recipe
from training.engine.upright import TURNED, TurnedViews, load_upright, train_upright
from training.evaluation.predictions import predict_fold
from training.evaluation.trust import fit_distance
from training.models.efficientnet import at_stride
from training.models.networks import localizing_cnn
from training.release.export import with_distance


def test_half_of_the_views_are_turned_and_the_others_stand_upright(packed):
    still = Recipe("", None, draws=256, batch_size=256, appearance_share=0.0)
    views = TurnedViews(packed, replace(still, warp=Warp(0, 0, 0, 0, flip=False)))
    pixels, targets = views[0]
    turned = targets[TURNED][:, 0] == 1
    assert 0.4 < turned.mean() < 0.6
    drawn = views._drawn
    assert packed.upside_down[drawn].any()
    for view, member, is_turned in zip(pixels[..., 0], drawn, turned, strict=True):
        upright = packed.pixels[member].astype(np.float32)
        if packed.upside_down[member]:
            upright = upright[::-1]
        ways = [upright, upright[::-1], np.rot90(upright), np.rot90(upright, -1)]
        way = int(np.argmin([np.abs(view - one).mean() for one in ways]))
        np.testing.assert_allclose(view, ways[way], atol=1e-3)
        assert (way > 0) == is_turned


def test_head_leaves_the_network_as_it_was(packed, runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(runs / "without-fold-1", run)
    shutil.rmtree(run / "upright")
    before = load_localizing(run, packed.size, 4)
    train_upright(read_recipe(run), run)
    head = load_upright(run, packed)
    for layer in ("stem", "block4_project"):
        kept = before.get_layer(layer).get_weights()[0]
        np.testing.assert_array_equal(head.get_layer(layer).get_weights()[0], kept)
    finished = (run / "upright" / "kept.weights.h5").stat().st_mtime_ns
    train_upright(read_recipe(run), run)
    assert (run / "upright" / "kept.weights.h5").stat().st_mtime_ns == finished


def test_head_learns_which_way_is_up(packed_file, packed, runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(runs / "official", run)
    shutil.rmtree(run / "upright")
    recipe = replace(read_recipe(run), epochs=8, upright_epochs=8, draws=256)
    train_upright(recipe, run)
    history = json.loads((run / "upright" / "history.json").read_text())
    assert history[-1]["loss"] < history[0]["loss"] - 0.1
    pixels = packed.pixels[~packed.upside_down].astype(np.float32)
    head = load_upright(run, packed)
    up, down = (
        head.predict(way[..., None], verbose=0)[TURNED][:, 0] for way in (pixels, pixels[:, ::-1])
    )
    assert (up < down).mean() > 0.75


def test_figures_of_a_run_without_the_head_are_refused_in_one_sentence(runs, tmp_path, capsys):
    shutil.copytree(runs, tmp_path / "runs")
    for fold in range(5):
        shutil.rmtree(tmp_path / "runs" / f"without-fold-{fold}" / "upright")
    assert command.main(["assess", str(tmp_path / "runs")]) == 1
    assert "does not know which way is up" in capsys.readouterr().err


def test_answers_that_were_kept_do_not_outlive_the_weights(packed, runs, tmp_path):
    shutil.copytree(runs, tmp_path / "runs")
    before = predict_fold(tmp_path / "runs", packed, 0)
    copy = tmp_path / "runs" / "without-fold-0"
    assert (copy / "predictions.npz").is_file()
    other = runs / "without-fold-1" / "upright" / "kept.weights.h5"
    shutil.copyfile(other, copy / "upright" / "kept.weights.h5")
    after = predict_fold(tmp_path / "runs", packed, 0)
    assert (after.distances != before.distances).any()
    (copy / "predictions.npz").unlink()
    anew = predict_fold(tmp_path / "runs", packed, 0)
    np.testing.assert_array_equal(anew.distances, after.distances)


@pytest.mark.parametrize("shift", [0.0, 3.0, 60.0])  # the last is where it grows no further
def test_distance_in_the_network_is_the_one_that_its_threshold_was_fitted_on(packed, runs, shift):
    run = runs / "official"
    model = load_upright(run, packed)
    for layer in (model.get_layer("foreign"), model.get_layer("upright").layers[-1]):
        weights = layer.get_weights()
        layer.set_weights([weights[0], weights[1] + shift])
    pixels = packed.pixels[:32].astype(np.float32)[..., None]
    outputs = model.predict(pixels, verbose=0)
    distance = fit_distance(outputs["features"], np.arange(32) % 3, 0.2)
    expected = distance.of(outputs["features"], outputs["foreign"][:, 0], outputs[TURNED][:, 0])
    measured = with_distance(model, distance).predict(pixels, verbose=0)["distance"]
    np.testing.assert_allclose(measured[:, 0], expected, rtol=1e-3)


def test_the_whole_network_of_the_app_has_fewer_than_three_million_weights(packed):
    model = localizing_cnn(224)
    from training.engine.upright import head

    numbers = 2 * 5 * model.output["features"].shape[-1]  # of the distance, for five kinds
    assert model.count_params() + head(224).count_params() + numbers < 3_000_000
    assert at_stride(model, 8).shape[1:] == (28, 28, 40)
