from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from braintumor_desktop import paths
from braintumor_desktop.cli import window_command
from braintumor_desktop.domain.answer import NO_TUMOUR, Certainty
from braintumor_desktop.errors import FileMissingError
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.sources import demo
from braintumor_desktop.sources.catalogue import scan
from braintumor_desktop.text.answers import headline
from braintumor_desktop.text.language import Language, translated, use


def test_the_sample_keeps_its_16_bits(demo_slice: Path) -> None:
    pixels = cv2.imdecode(np.fromfile(demo_slice, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels.dtype == np.uint16
    assert pixels.shape == (256, 256)
    assert pixels.max() > 255
    # The head: its middle is bright, the corner beyond it is air.
    assert pixels[96:160, 96:160].mean() > 5 * pixels[:16, :16].mean()


def test_it_goes_into_a_new_folder_with_accents(tmp_path: Path) -> None:
    path = demo.write_demo_slice(tmp_path / "Müller" / "été")
    assert path.stat().st_size > 1000
    assert path.parent == tmp_path / "Müller" / "été"


def test_a_matplotlib_without_samples_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    with pytest.raises(FileMissingError, match=r"s1045\.ima\.gz"):
        demo.write_demo_slice(tmp_path)


def test_a_home_that_cannot_be_written_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_bytes(b"")
    monkeypatch.setattr(
        window_command.platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "home"
    )
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    opened = []

    def open_window(files: list[Path], *_: object) -> int:  # it would wait to be closed
        opened.append(read_slice(files[0]).pixels.shape)
        return 0

    monkeypatch.setattr(window_command, "_run_app", open_window)
    assert window_command.demo(None) == 0
    assert opened == [(256, 256)]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(paths.model_bundle())


def test_the_painted_lesion_is_answered_and_outlined_where_it_was_painted(
    tmp_path: Path, classifier: Classifier
) -> None:
    lesion, healthy = demo.write_demo(tmp_path)
    slices = read_slice(lesion), read_slice(healthy)
    there = slices[0].pixels - slices[1].pixels > 5_000  # around it the brain is darker
    answer = classifier.classify(prepare(slices[0], classifier.input_size))
    assert answer.certainty is Certainty.CERTAIN
    assert answer.label != NO_TUMOUR
    outlined = np.zeros(there.shape, np.uint8)
    cv2.fillPoly(outlined, [np.rint(one).astype(np.int32) for one in answer.outline], 1)
    both = int((there & (outlined > 0)).sum())
    assert both > 0.6 * there.sum()
    assert both > 0.6 * outlined.sum()


def test_the_healthy_head_names_a_sequence_on_which_the_network_abstains(
    tmp_path: Path, classifier: Classifier
) -> None:
    _lesion, healthy = demo.write_demo(tmp_path)
    answer = classifier.classify(prepare(read_slice(healthy), classifier.input_size))
    assert answer.withheld
    assert headline(answer, ()) == "Not answered on this sequence: T1"


def test_what_is_painted_says_so_in_every_name_and_language(tmp_path: Path) -> None:
    for language, word in (("en", "painted"), ("es", "pintada")):
        use(Language.of(language))
        try:
            lesion, healthy = demo.write_demo(tmp_path / language, translated)
        finally:
            use(Language.of("en"))
        assert "painted" in lesion.name
        assert "painted" not in healthy.name
        (patient,) = scan([lesion, healthy]).patients
        (study,) = patient.studies
        named = {one.description: one for one in study.series}
        (painted,) = [name for name in named if word in name]
        assert named[painted].instances[0].path == lesion
        assert len(named) == 2


def test_the_slice_is_found_without_importing_matplotlib() -> None:
    code = (
        "import sys, braintumor_desktop.sources.demo as d; d._sample();"
        " print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
