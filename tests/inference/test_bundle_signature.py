"""Whose a bundle is: a signature that does not fit is refused, whatever else is allowed."""

import base64
import json
import os
import random
import shutil
import subprocess
import sys

import minisign
import pytest

from braintumor_desktop import paths, policy
from braintumor_desktop.cli import main
from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.inference.bundle import (
    SEAL,
    read_description,
    read_signed_bundle,
    seal,
    write_description,
)
from braintumor_desktop.inference.bundle_signature import (
    SIGNATURE_FILE,
    BundleTrust,
    Signature,
)
from braintumor_desktop.inference.classifier import Classifier
from training import __main__ as training

FIRST = "braintumor-desktop"


@pytest.fixture
def bundle(tmp_path):
    """A copy of the bundled model that a test may damage, with its signature."""
    return shutil.copytree(paths.model_bundle(), tmp_path / "model")


@pytest.fixture
def administrator(tmp_path, monkeypatch):
    """Where the machine's policy is, written by a function, and its folder of keys."""
    file = tmp_path / "etc" / "policy.json"
    (file.parent / "keys").mkdir(parents=True)
    monkeypatch.setattr(policy, "policy_file", lambda: file)
    monkeypatch.setattr("braintumor_desktop.inference.bundle_signature.policy_file", lambda: file)
    return lambda **values: file.write_text(json.dumps(values)), file.parent / "keys"


def signed_by_another(bundle, tmp_path, name="Radiology"):
    """Sign the copy with a key of its own; its public half's file."""
    pair = minisign.KeyPair.generate()
    (tmp_path / "secret.key").write_bytes(bytes(pair.secret_key))
    (tmp_path / f"{name}.pub").write_bytes(bytes(pair.public_key))
    assert training.main(["sign", str(bundle), "--key", str(tmp_path / "secret.key")]) == 0
    return tmp_path / f"{name}.pub"


def resealed(bundle, **values):
    """Change the description as somebody would who knows how it is sealed, but has no key."""
    path = bundle / "model.json"
    changed = {**json.loads(path.read_text("utf-8")), **values}
    path.write_text(json.dumps(changed | {SEAL: seal(changed)}), "utf-8")


def test_the_bundled_model_is_signed_by_the_projects_key(classifier):
    assert classifier.signature.signer == FIRST
    key = (paths.resources() / "keys" / f"{FIRST}.pub").read_text()
    assert f"minisign public key {classifier.signature.key_id}" in key


@pytest.mark.parametrize("signed_only", [False, True])
def test_a_changed_description_is_refused_though_its_seal_fits(bundle, signed_only):
    resealed(bundle, temperature=1.9)
    with pytest.raises(ModelBundleError, match="does not fit: it was changed after it was signed"):
        Classifier.load(bundle, signed_only=signed_only)


def test_an_exchanged_network_is_refused_under_a_true_signature(bundle):
    network = bytearray((bundle / "model.onnx").read_bytes())
    network[-1] ^= 1
    (bundle / "model.onnx").write_bytes(network)
    with pytest.raises(ModelBundleError, match="SHA-256"):
        Classifier.load(bundle)


def test_an_unsigned_bundle_is_refused_only_where_signed_ones_alone_are_allowed(bundle):
    (bundle / SIGNATURE_FILE).unlink()
    assert Classifier.load(bundle).signature == Signature()
    with pytest.raises(ModelBundleError, match="is not signed, and only signed ones"):
        Classifier.load(bundle, signed_only=True)


def test_anothers_key_counts_once_an_administrator_has_put_it_there(
    bundle, tmp_path, administrator
):
    write_policy, keys = administrator
    public = signed_by_another(bundle, tmp_path)
    unknown = Classifier.load(bundle).signature
    assert len(unknown.key_id) == 16
    assert unknown.signer == ""
    write_policy(signed_bundles_only=True)
    with pytest.raises(ModelBundleError, match=f"key {unknown.key_id}, which is not trusted"):
        Classifier.load(bundle)
    shutil.copy(public, keys)
    assert Classifier.load(bundle).signature == Signature(unknown.key_id, "Radiology")
    assert Classifier.load(paths.model_bundle()).signature.signer == FIRST, "ours is as before"


def test_by_policy_the_command_line_refuses_too_and_info_says_whose_it_is(
    bundle, administrator, demo_slice, monkeypatch, capsys
):
    write_policy, _ = administrator
    monkeypatch.setattr(paths, "model_bundle", lambda: bundle)
    assert main(["info"]) == 0
    assert f"Signed by {FIRST}, key " in capsys.readouterr().out
    (bundle / SIGNATURE_FILE).unlink()
    assert main(["info"]) == 0
    assert "  Not signed\n" in capsys.readouterr().out
    write_policy(signed_bundles_only=True)
    assert main(["classify", str(demo_slice)]) != 0
    said = capsys.readouterr()
    assert "The model bundle is not signed, and only signed ones are allowed here." in said.err
    assert "notumor" not in said.out


def test_a_key_with_a_trusted_ones_number_is_not_that_key(bundle, tmp_path):
    """The number of a key is chosen by whoever makes it."""
    ours = (bundle / SIGNATURE_FILE).read_bytes().splitlines()
    signed_by_another(bundle, tmp_path)
    theirs = (bundle / SIGNATURE_FILE).read_bytes().splitlines()
    forged = base64.b64decode(theirs[1])
    forged = forged[:2] + base64.b64decode(ours[1])[2:10] + forged[10:]
    theirs[1] = base64.b64encode(forged)
    (bundle / SIGNATURE_FILE).write_bytes(b"\n".join(theirs) + b"\n")
    with pytest.raises(ModelBundleError, match="does not fit"):
        Classifier.load(bundle)


def test_no_damage_to_a_signature_passes_for_a_signature(bundle):
    """One bit of it is another: refused, or of no known key, or of what nobody signs."""
    chance = random.Random(5)
    path, trust = bundle / SIGNATURE_FILE, BundleTrust.installed()
    whole = path.read_bytes()
    comment = whole.index(b"\n")
    passed = 0
    for _ in range(300):
        damaged = bytearray(whole)
        place = chance.randrange(len(whole))
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            signature = read_description(bundle, trust)[1]
        except ModelBundleError:
            continue
        # The first line is nobody's word, as minisign says itself; so is a last line's end.
        unsigned = place <= comment or damaged.split() == whole.split()
        assert signature.signer == "" or unsigned, (place, damaged)
        passed += signature.signer != ""
    assert passed < 150, "this test would not notice"


@pytest.mark.parametrize("content", [b"", b"\xff" * 300, b"untrusted comment: x\n", b"x" * 20_000])
def test_what_is_no_signature_is_refused_by_name(bundle, content):
    (bundle / SIGNATURE_FILE).write_bytes(content)
    with pytest.raises(ModelBundleError, match=SIGNATURE_FILE):
        Classifier.load(bundle)


@pytest.mark.skipif(sys.platform == "win32", reason="no such links and pipes")
@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_a_signature_that_is_no_file_is_refused(bundle, kind):
    (bundle / SIGNATURE_FILE).unlink()
    if kind == "pipe":
        os.mkfifo(bundle / SIGNATURE_FILE)
    else:
        (bundle / SIGNATURE_FILE).symlink_to("nowhere")
    with pytest.raises(ModelBundleError, match=SIGNATURE_FILE):
        Classifier.load(bundle)


def test_what_is_no_key_is_no_key_and_keeps_nobody_out(bundle, administrator):
    _, keys = administrator
    for name, content in (("a", b"\0" * 90), ("b", b"one line"), ("c", b"x\n" + b"A" * 5000)):
        (keys / f"{name}.pub").write_bytes(content)
    (keys / "folder.pub").mkdir()
    assert len(BundleTrust.installed().keys) == 1
    assert Classifier.load(bundle).signature.signer == FIRST


def test_a_description_that_is_written_anew_is_not_signed_any_more(bundle):
    description = read_signed_bundle(bundle, BundleTrust.installed()).description
    write_description(description, bundle)
    assert Classifier.load(bundle).signature == Signature()


def test_a_bundle_that_is_not_whole_is_not_signed(bundle, tmp_path, capsys):
    (bundle / "model.onnx").write_bytes(b"")
    secret = tmp_path / "secret.key"
    secret.write_bytes(bytes(minisign.KeyPair.generate().secret_key))
    assert training.main(["sign", str(bundle), "--key", str(secret)]) == 1
    assert "holds no whole bundle" in capsys.readouterr().err
    assert not (bundle / SIGNATURE_FILE).exists()


@pytest.mark.skipif(shutil.which("minisign") is None, reason="no minisign")
def test_minisigns_own_program_says_the_same(bundle, tmp_path, administrator):
    description = bundle / "model.json"
    verify = ["minisign", "-Vm", str(description)]
    ours = paths.resources() / "keys" / f"{FIRST}.pub"
    told = subprocess.run([*verify, "-p", ours], capture_output=True, text=True, check=True).stdout
    values = json.loads(description.read_text("utf-8"))
    assert f"{values['name']}, model.onnx SHA-256 {values['sha256']}" in told
    public = signed_by_another(bundle, tmp_path)
    subprocess.run([*verify, "-p", public], capture_output=True, check=True)
    assert subprocess.run([*verify, "-p", ours], capture_output=True).returncode != 0

    # And what that program signs, by a key that it made, is taken here.
    made = [str(tmp_path / "made.pub"), str(tmp_path / "made.key")]
    subprocess.run(["minisign", "-GW", "-p", made[0], "-s", made[1]], check=True)
    subprocess.run(["minisign", "-Sm", str(description), "-s", made[1]], check=True)
    shutil.copy(made[0], administrator[1] / "Made elsewhere.pub")
    assert Classifier.load(bundle, signed_only=True).signature.signer == "Made elsewhere"
