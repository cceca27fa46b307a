"""A bundle that is not whole, or not for this app, is refused by name."""

import json
import shutil

import pytest

from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.inference.bundle import read_bundle
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.paths import model_bundle

THRESHOLDS = read_bundle(model_bundle())[0].set_thresholds
NAN = float("nan")


@pytest.fixture
def bundle(tmp_path):
    """A copy of the bundled model that a test may damage."""
    return shutil.copytree(model_bundle(), tmp_path / "model")


def change(bundle, **values):
    path = bundle / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_bundled_model_is_whole():
    description, network = read_bundle(model_bundle())
    assert sorted(description.classes) == ["glioma", "meningioma", "notumor", "pituitary"]
    assert description.parameters >= 1_000_000
    assert len(network) <= 12 * 2**20


@pytest.mark.parametrize("name", ["model.onnx", "model.json"])
def test_missing_file_is_named(bundle, name):
    (bundle / name).unlink()
    with pytest.raises(ModelBundleError, match=name):
        Classifier.load(bundle)


def test_one_changed_byte_is_noticed(bundle):
    path = bundle / "model.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelBundleError, match="SHA-256"):
        Classifier.load(bundle)


def test_other_preprocessing_is_refused(bundle):
    change(bundle, preprocessing="0")
    with pytest.raises(ModelBundleError, match="preprocessing 0"):
        Classifier.load(bundle)


def test_later_format_is_refused(bundle):
    change(bundle, format=99)
    with pytest.raises(ModelBundleError, match="format 99"):
        Classifier.load(bundle)


@pytest.mark.parametrize(
    "values",
    [
        {"classes": ["glioma"]},
        {"classes": ["glioma", "meningioma", "notumor"]},
        {"classes": 4},
        {"input_size": 64},
        {"input_size": "large"},
        {"input_size": 10**9},
    ],
    ids=str,
)
def test_description_that_does_not_fit_the_network_is_refused(bundle, values):
    change(bundle, **values)
    with pytest.raises(ModelBundleError):
        Classifier.load(bundle)


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": float("inf")},
        {"unlike_threshold": float("inf")},
        *({"set_thresholds": THRESHOLDS | {"glioma": value}} for value in (NAN, 64.9, -0.1, "0.6")),
        {
            "classes": ["glioma", "glioma", "notumor", "pituitary"],
            "set_thresholds": {k: v for k, v in THRESHOLDS.items() if k != "meningioma"},
        },
        {
            "classes": ["glioma", "meningioma", "no_tumor", "pituitary"],
            "set_thresholds": dict.fromkeys(("glioma", "meningioma", "no_tumor", "pituitary"), 0.5),
        },
        {"parameters": "many"},
        {"metrics": [0.95]},
    ],
    ids=str,
)
def test_description_that_would_spoil_answers_is_refused(bundle, values):
    change(bundle, **values)
    with pytest.raises(ModelBundleError, match=r"model\.json"):
        Classifier.load(bundle)


def test_description_that_is_no_json_is_refused(bundle):
    (bundle / "model.json").write_text("{")
    with pytest.raises(ModelBundleError, match=r"model\.json is damaged"):
        Classifier.load(bundle)
