"""A bundle that is not whole, or not for this app, is refused by name."""

import hashlib
import json
import os
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest

from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.bundle import SEAL, named_network, read_bundle, seal
from braintumor_desktop.inference.bundle_signature import SIGNATURE_FILE
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.inference.series import SeriesRule
from braintumor_desktop.paths import model_bundle

THRESHOLDS = read_bundle(model_bundle())[0].set_thresholds
NAN = float("nan")


@pytest.fixture
def bundle(tmp_path):
    """A copy of the bundled model that a test may damage, as nobody has signed it."""
    unsigned = shutil.ignore_patterns(SIGNATURE_FILE)
    return shutil.copytree(model_bundle(), tmp_path / "model", ignore=unsigned)


def change(bundle, **values):
    """Change the description as somebody would who knows how it is sealed."""
    path = bundle / "model.json"
    changed = {**json.loads(path.read_text()), **values}
    unsealable = any(
        isinstance(value, float) and not np.isfinite(value) for value in _leaves(changed)
    )
    path.write_text(json.dumps(changed | ({} if unsealable else {SEAL: seal(changed)})))


def _leaves(values):
    for value in values.values() if isinstance(values, dict) else [values]:
        yield from _leaves(value) if isinstance(value, dict) else [value]


def exchange(bundle, network):
    """Put another network into the bundle, whose description fits it."""
    (bundle / "model.onnx").write_bytes(network)
    change(bundle, sha256=hashlib.sha256(network).hexdigest())


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
        {"temperature": 0.01},
        {"temperature": 10**400},
        {"temperature": True},
        {"unlike_threshold": 1e6},
        {"unlike_threshold": 0},
        {"set_thresholds": dict.fromkeys(THRESHOLDS, 1.0)},
        {"name": ""},
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
        {"abstain_on": [1]},
        {"series_rule": {"threshold": 0.1}},
        {"series_rule": {"suspicious_from": 2, "threshold": 0.1, "least_usable": 5}},
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


def test_classes_in_another_order_are_noticed(bundle):
    path = bundle / "model.json"
    values = json.loads(path.read_text())
    values["classes"] = values["classes"][::-1]
    path.write_text(json.dumps(values))
    with pytest.raises(ModelBundleError, match=r"model\.json was changed after it was written"):
        Classifier.load(bundle)
    change(bundle)  # sealed again, by somebody who meant it
    with pytest.raises(ModelBundleError, match=r"model\.onnx says other class names"):
        Classifier.load(bundle)


def test_any_changed_number_of_the_description_is_noticed(bundle):
    path = bundle / "model.json"
    text = path.read_text()
    path.write_text(text.replace('"temperature": 0.', '"temperature": 0.1', 1))
    with pytest.raises(ModelBundleError, match=r"model\.json was changed"):
        Classifier.load(bundle)


def test_a_name_that_stands_twice_is_refused(bundle):
    path = bundle / "model.json"
    text = path.read_text()
    path.write_text(text.replace("{", '{"temperature": 1.0, ', 1))
    with pytest.raises(ModelBundleError, match="damaged"):
        Classifier.load(bundle)


def test_a_network_that_does_not_say_its_classes_is_refused(bundle):
    onnx = pytest.importorskip("onnx")
    model = onnx.load(bundle / "model.onnx")
    del model.metadata_props[:]
    exchange(bundle, model.SerializeToString())
    with pytest.raises(ModelBundleError, match="says other class names"):
        Classifier.load(bundle)


def _loops(onnx, model):
    """A node that runs its graph 2**60 times, put in front of the logits."""
    helper, kind = onnx.helper, onnx.TensorProto
    number = helper.make_tensor_value_info("i", kind.INT64, [])
    going = helper.make_tensor_value_info("c", kind.BOOL, [])
    said = helper.make_tensor_value_info("d", kind.BOOL, [])
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["d"])], "b", [number, going], [said]
    )
    for name, value, of in (("times", 2**60, kind.INT64), ("go", True, kind.BOOL)):
        model.graph.initializer.append(helper.make_tensor(name, of, [], [value]))
    model.graph.node.append(helper.make_node("Loop", ["times", "go"], [], body=body))


def _reads_a_file(onnx, model):
    tensor = next(one for one in model.graph.initializer if one.HasField("raw_data"))
    onnx.external_data_helper.set_external_data(tensor, "/etc/hostname")
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL


def _has_a_function(onnx, model):
    model.functions.append(onnx.helper.make_function("own", "f", ["x"], ["x"], [], []))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(_loops, "without end"), (_has_a_function, "without end"), (_reads_a_file, "outside its own")],
)
def test_a_network_that_could_run_on_or_read_files_is_refused(bundle, spoil, said):
    onnx = pytest.importorskip("onnx")
    model = onnx.load(bundle / "model.onnx")
    spoil(onnx, model)
    exchange(bundle, model.SerializeToString())
    with pytest.raises(ModelBundleError, match=said):
        Classifier.load(bundle)


def test_what_is_no_network_is_refused_by_name(bundle):
    network = (bundle / "model.onnx").read_bytes()
    for spoilt in (b"no network at all", network[: len(network) // 2], b"\xff" * 100):
        exchange(bundle, spoilt)
        with pytest.raises(ModelBundleError, match=r"no ONNX file|says other class names"):
            Classifier.load(bundle)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
@pytest.mark.parametrize("name", ["model.onnx", "model.json"])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_pipe_or_a_device_is_refused_at_once(bundle, name, kind):
    (bundle / name).unlink()
    if kind == "pipe":
        os.mkfifo(bundle / name)
    else:
        (bundle / name).symlink_to("/dev/zero")
    with pytest.raises(ModelBundleError, match=f"{name} is no regular file"):
        Classifier.load(bundle)


def test_a_bundle_of_the_format_before_is_brought_up_with_the_same_weights(bundle):
    from training.release.upgrade_bundle import upgrade

    onnx = pytest.importorskip("onnx")
    model = onnx.load(bundle / "model.onnx")
    del model.metadata_props[:]
    old = model.SerializeToString()
    (bundle / "model.onnx").write_bytes(old)
    values = json.loads((bundle / "model.json").read_text())
    del values[SEAL]
    before = hashlib.sha256(old).hexdigest()
    (bundle / "model.json").write_text(json.dumps(values | {"format": 2, "sha256": before}))
    with pytest.raises(ModelBundleError, match="format 2"):
        Classifier.load(bundle)
    description = upgrade(bundle)
    assert Classifier.load(bundle).description == description
    after = (bundle / "model.onnx").read_bytes()
    assert after == named_network(old, description.classes, description.preprocessing)
    assert onnx.load(bundle / "model.onnx").graph == model.graph
    with pytest.raises(ValueError, match="no whole bundle of format 2"):
        upgrade(bundle)


def test_a_sequence_on_which_the_model_does_not_hold_is_withheld(bundle, demo_slice):
    change(bundle, abstain_on=["PD"])
    classifier = Classifier.load(bundle)
    prepared = prepare(read_slice(demo_slice), classifier.input_size)
    unknown, known = classifier.classify_batch([prepared, replace(prepared, sequence="PD")])
    assert not unknown.withheld
    assert known.withheld
    assert known.unlike_training
    assert known.probabilities == pytest.approx(unknown.probabilities)
    other = Classifier.load(model_bundle())
    assert classifier.description.fingerprint != other.description.fingerprint


def test_the_rule_for_series_comes_with_the_bundle(bundle):
    rule = {"suspicious_from": 0.4, "threshold": 0.1, "least_usable": 6}
    change(bundle, series_rule=rule)
    assert Classifier.load(bundle).series_rule == SeriesRule(0.4, 0.1, 6)
    change(bundle, series_rule={})
    assert Classifier.load(bundle).series_rule is None


def test_a_tumour_that_cannot_be_excluded_stands_beside_no_tumour(bundle, demo_slice):
    alone = dict.fromkeys(THRESHOLDS, 0.95)
    change(bundle, set_thresholds=alone)
    classifier = Classifier.load(bundle)
    prepared = prepare(read_slice(demo_slice), classifier.input_size)
    said = classifier.classify(prepared)
    assert said.possible == ("notumor",)
    low = (1 - said.probabilities["notumor"]) / 2
    change(bundle, set_thresholds=alone, tumour_from=low)
    widened = Classifier.load(bundle).classify(prepared)
    assert set(widened.possible) == {"notumor", widened.suspect}
    lax = dict.fromkeys(THRESHOLDS, 0.0)
    change(bundle, set_thresholds=lax, tumour_from=4 * low)
    assert Classifier.load(bundle).classify(prepared).possible == ("notumor",)
    change(bundle, set_thresholds=lax, tumour_from=1.0)  # as before there was such a number
    assert set(Classifier.load(bundle).classify(prepared).possible) == set(THRESHOLDS)
