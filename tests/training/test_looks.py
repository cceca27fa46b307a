"""Other looks change the look alone, the same every time; the figures are those of their slices."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from training import __main__ as command
from training.data.looks import AS_THEY_ARE, LOOKS, look_at
from training.data.packing import TYPE_UNKNOWN
from training.evaluation.assessment import assess, assess_runs
from training.evaluation.predictions import out_of_fold

OTHERS = [look for look in LOOKS if look != AS_THEY_ARE]


@pytest.mark.parametrize("look", OTHERS)
def test_another_look_keeps_the_anatomy_and_is_the_same_every_time(packed, look):
    places = np.arange(0, len(packed), 5)
    slices = look_at(packed, places, AS_THEY_ARE)
    np.testing.assert_allclose(slices, packed.pixels[places].astype(np.float32))
    changed = look_at(packed, places, look)
    assert 0 <= changed.min() < changed.max() <= 1
    assert np.abs(changed - slices).mean() > 0.005
    for before, after in zip(slices, changed, strict=True):
        assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.8
    np.testing.assert_array_equal(look_at(packed, places[3:], look), changed[3:])


def test_darker_is_darker_and_noise_is_as_strong_as_the_card_says(packed):
    places = np.arange(len(packed))
    slices = look_at(packed, places, AS_THEY_ARE)
    assert look_at(packed, places, "darker").mean() < slices.mean()
    assert look_at(packed, places, "brighter").mean() > slices.mean()
    within = (slices > 0.2) & (slices < 0.8)
    noise = (look_at(packed, places, "noisy") - slices)[within]
    assert noise.std() == pytest.approx(0.04, rel=0.05)


def test_figures_under_a_look_are_those_of_the_changed_slices(runs, packed):
    figures = assess_runs(runs, packed)
    assert list(figures["looks"]) == list(LOOKS)
    predictions = out_of_fold(runs, packed)
    whole = assess(packed, predictions)
    assert figures["folds"] == [0, 1, 2, 3, 4]
    assert figures == {**whole, "looks": figures["looks"], "folds": figures["folds"]}
    unchanged = figures["looks"][AS_THEY_ARE]
    assert unchanged["balanced_accuracy"] == pytest.approx(whole["classes"]["balanced_accuracy"])
    assert unchanged["unlike_training"] == whole["unlike_training"]["false_alarms"]
    typed = packed.labels != TYPE_UNKNOWN
    for look in OTHERS:
        answers = out_of_fold(runs, packed, look=look).logits[typed].argmax(axis=1)
        expected = balanced_accuracy_score(packed.labels[typed], answers)
        assert figures["looks"][look]["balanced_accuracy"] == pytest.approx(expected)


def test_recipes_stand_side_by_side_under_a_look(runs, capsys):
    assert command.main(["compare", str(runs), "--folds", "3", "--look", "noisy"]) == 0
    assert capsys.readouterr().out.startswith(f"| folds 3, noisy | {runs.name} |")
    assert command.main(["compare", str(runs), "--look", "pink"]) == 1
    assert "There is no look 'pink': name one of as they are, darker" in capsys.readouterr().err
