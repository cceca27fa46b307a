"""A run from records to a bundle, as `python -m training` does it."""

import json
import shutil
from dataclasses import replace

import cv2
import keras
import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, log_loss

from braintumor_desktop.inference.classifier import softmax
from training import __main__ as command
from training.data.prepared import load_prepared
from training.datasets.whole_heads import read_manifest_rows
from training.engine.fitting import KEPT, adamw
from training.engine.seed import Configuration, load_trained, train_seed
from training.evaluation.evaluate import figures
from training.evaluation.external import external_figures
from training.evaluation.plots import answers_figure
from training.evaluation.volume_answers import answer_volumes_by_run
from training.models.networks import NETWORKS


@pytest.fixture(scope="module")
def settings(small_records):
    return Configuration(records=str(small_records), size=64, epochs=3, batch_size=8)


@pytest.fixture(scope="module")
def run(settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    train_seed(settings, folder)
    return folder


def history(run):
    return json.loads((run / "history.json").read_text())


def test_run_leaves_its_history_plot_and_best_weights(run):
    assert len(history(run)) == 3
    assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= history(run)[0].keys()
    assert (run / "learning_curves.png").stat().st_size > 1000
    assert not list(run.glob("part-*"))
    assert [path.name for path in run.glob("after-*")] == ["after-003.keras"]


def test_run_that_was_killed_goes_on_where_it_was(run, settings, tmp_path, monkeypatch):
    class KilledError(Exception):
        pass

    def kill(keeper, epoch, logs=None):
        keep(keeper, epoch, logs)
        if epoch == 1:
            raise KilledError

    from training.engine.fitting import _Keeper

    keep = _Keeper.on_epoch_end
    monkeypatch.setattr(_Keeper, "on_epoch_end", kill)
    with pytest.raises(KilledError):
        train_seed(settings, tmp_path)
    assert len(history(tmp_path)) == 2
    monkeypatch.setattr(_Keeper, "on_epoch_end", keep)
    train_seed(settings, tmp_path)
    for epoch, undisturbed in zip(history(tmp_path), history(run), strict=True):
        for figure, value in undisturbed.items():
            assert epoch[figure] == pytest.approx(value, rel=1e-4)


def test_finished_run_is_not_trained_again(run, settings):
    before = (run / "after-003.keras").stat().st_mtime_ns
    train_seed(settings, run)
    assert (run / "after-003.keras").stat().st_mtime_ns == before


def test_run_is_judged_on_whole_heads_by_its_most_probable_class(run, data_folder):
    volumes = data_folder / "volumes"
    if not (volumes / "manifest.csv").is_file():
        pytest.skip("no whole heads in the data")
    tumours = [one for one in read_manifest_rows(volumes) if one.tumour and one.use == "external"]
    answers = answer_volumes_by_run(run, volumes, tumours[:20])
    assert [one.slice for one in answers] == tumours[:20]
    assert all(len(one.possible) == 1 and not one.unlike for one in answers)
    assert all(one.wrong for one in answers if one.possible == {"notumor"})
    (row,) = (row for row in external_figures(answers)["slices"] if row["sequence"] == "FLAIR")
    assert row["truth"] == "tumour"
    assert row["unlike"] == 0


@pytest.mark.parametrize("last_epoch", [False, True])
def test_the_epoch_that_counts(last_epoch, run, settings, tmp_path):
    own = tmp_path / "run"
    shutil.copytree(run, own)
    configuration = json.loads((own / "configuration.json").read_text())
    text = json.dumps({**configuration, "last_epoch": last_epoch}, indent=2) + "\n"
    (own / "configuration.json").write_text(text)
    first = NETWORKS[settings.network](settings.size, 4)
    first.save_weights(own / "best.weights.h5")
    (own / KEPT).unlink()  # a run that is finished stays as it is
    train_seed(replace(settings, last_epoch=last_epoch), own)
    last = keras.saving.load_model(own / "after-003.keras")
    kernels = (network.trainable_variables for network in (load_trained(own), first, last))
    kept, of_first, of_last = (np.concatenate([v.numpy().ravel() for v in k]) for k in kernels)
    assert np.array_equal(kept, of_last if last_epoch else of_first)
    assert not np.array_equal(of_first, of_last)


def test_folder_of_another_run_is_refused(run, small_records):
    with pytest.raises(ValueError, match="another configuration"):
        train_seed(Configuration(records=str(small_records), size=64, epochs=99), run)


def test_run_on_records_that_were_written_anew_is_refused(run, small_records, tmp_path, capsys):
    shutil.copytree(small_records, tmp_path / "records")
    shutil.copytree(run, tmp_path / "run")
    written = tmp_path / "run" / "configuration.json"
    written.write_text(written.read_text().replace(str(small_records), str(tmp_path / "records")))
    assert command.main(["evaluate", str(tmp_path / "run")]) == 0
    manifest = tmp_path / "records" / "manifest.json"
    values = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(values | {"fingerprint": "0" * 64}))
    assert command.main(["evaluate", str(tmp_path / "run")]) == 1
    assert "trained on other records" in capsys.readouterr().err


@pytest.mark.parametrize("share", ["0", "1", "0.001"])
def test_nothing_to_judge_by_is_said_before_training(small_records, tmp_path, capsys, share):
    arguments = ["train", str(tmp_path), "--records", str(small_records), "--size", "64"]
    assert command.main([*arguments, "--validation-share", share]) == 1
    assert "leaves nothing to train or to judge on" in capsys.readouterr().err


def test_epoch_that_ruins_the_weights_ends_the_run_and_is_not_kept(settings, tmp_path):
    with pytest.raises(ValueError, match="left weights that are no numbers"):
        train_seed(replace(settings, learning_rate=1e38), tmp_path)
    assert not list(tmp_path.glob("*.keras"))


def test_saved_run_still_lets_biases_be_as_large_as_they_are(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, bias_initializer="ones")])
    model.compile(adamw(0.1, 0.5, 0, 10**6), "mse", jit_compile=False)
    model.save(tmp_path / "state.keras")
    model = keras.saving.load_model(tmp_path / "state.keras")
    kernel, bias = model.layers[0].kernel, model.layers[0].bias
    before = np.asarray(kernel)
    model.optimizer.apply([0 * kernel, 0 * bias], [kernel, bias])
    np.testing.assert_array_equal(bias, 1)
    assert (np.abs(kernel) < np.abs(before)).all()


def test_evaluate_prints_its_figures_beside_the_seeds(run, capsys):
    (run / "learning_curves.png").unlink()
    assert command.main(["evaluate", str(run)]) == 0
    assert (run / "learning_curves.png").stat().st_size > 1000
    printed = capsys.readouterr().out
    assert "0.51, 81.1%" in printed
    stored = json.loads((run / "figures.json").read_text())
    keras, onnx = stored["keras"], stored["onnxruntime"]
    assert f"{keras['testing']['accuracy']:.2%}" in printed
    assert "{:.2%} to {:.2%}".format(*keras["testing"]["accuracy_interval"]) in printed
    assert keras["training"]["slices"] == 32
    assert keras["validation"]["slices"] == 8
    assert np.sum(keras["testing"]["confusion"]) == keras["testing"]["slices"] == 12
    for part, figures_of in keras.items():
        assert onnx[part]["confusion"] == figures_of["confusion"]
        assert onnx[part]["cross_entropy"] == pytest.approx(figures_of["cross_entropy"], rel=1e-4)


def test_evaluate_shows_testing_slices_with_their_answers(run):
    picture = cv2.imdecode(np.fromfile(run / "answers.png", np.uint8), cv2.IMREAD_COLOR)
    blue, green, red = np.moveaxis(picture.astype(int), -1, 0)
    slices = (blue == green) & (green == red) & (red > 30) & (red < 225)
    assert slices.mean() > 0.2
    titles = (np.abs(blue - red) > 200) & (green < 100)
    assert titles.any()


def test_titles_are_blue_where_right_and_red_where_wrong(small_records):
    testing = load_prepared(small_records, "Testing", 64)
    truths = ["glioma", "notumor", "pituitary"]
    answers = ["glioma", "meningioma", "pituitary"]
    figure = answers_figure(testing.pixels[:3], truths, answers)
    titles = [axes.title for axes in figure.axes if axes.images]
    assert [title.get_color() for title in titles] == ["blue", "red", "blue"]
    assert [title.get_text() for title in titles] == [
        "glioma",
        "meningioma, not notumor",
        "pituitary",
    ]


def test_missing_data_is_one_sentence(tmp_path, capsys):
    assert command.main(["records", str(tmp_path), "--out", str(tmp_path / "records")]) == 1
    assert capsys.readouterr().err.strip().endswith("has no folder Training.")


def test_figures_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(200, 4)).astype(np.float32), rng.integers(0, 4, 200)
    ours = figures(logits, labels)
    answers = logits.argmax(axis=1)
    assert ours.cross_entropy == pytest.approx(log_loss(labels, softmax(logits)))
    assert ours.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, answers))
    assert ours.accuracy == pytest.approx(np.mean(labels == answers))
    assert ours.accuracy_interval is None
    assert ours.confusion == confusion_matrix(labels, answers).tolist()


def test_records_command_counts_its_slices(small_data, tmp_path, capsys):
    copy = shutil.copytree(small_data, tmp_path / "data")
    assert command.main(["records", str(copy), "--out", str(tmp_path / "records")]) == 0
    assert "Training: 40 slices" in capsys.readouterr().out
