from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from braintumor_desktop.domain.answer import (
    HeatMap,
    MeasuredElsewhere,
    ModelInfo,
    Polygon,
    Prediction,
)
from braintumor_desktop.domain.image import Crop, DisplayWindow, ReadWarning
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import FileMissingError, NotAnImageError, UnsupportedImageError
from braintumor_desktop.text import answers, reading, worklist_words
from braintumor_desktop.text.language import Language, speaking
from braintumor_desktop.text.numbers import percent


def prediction(**shares: float) -> Prediction:
    return predicted(shares, (max(shares, key=shares.__getitem__),))


def predicted(
    shares: dict[str, float],
    possible: tuple[str, ...],
    *,
    unlike_training: bool = False,
    outline: tuple[Polygon, ...] = (),
    area_mm2: float | None = None,
) -> Prediction:
    heat = HeatMap(np.ones((2, 2), np.float32), Crop(0, 0, 2, 2, 2, 2))
    model = ModelInfo("net 1", "3f9a" + "0" * 60)
    return Prediction(shares, possible, unlike_training, heat, outline, area_mm2, model)


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (0, "0 %"),
        (0.0004, "< 1 %"),
        (0.0099, "< 1 %"),
        (0.01, "1 %"),
        (0.944, "94 %"),
        (0.99, "99 %"),
        (0.9949, "> 99 %"),
        (0.9999999, "> 99 %"),
        (1, "100 %"),
    ],
)
def test_percents_are_never_rounded_to_certainty(probability: float, shown: str) -> None:
    assert percent(probability).replace("\u00a0", " ") == shown


def test_a_low_probability_is_said_in_words() -> None:
    low = prediction(glioma=0.79, notumor=0.21)
    assert answers.headline(low, ()) == "AI: uncertain, needs a look"
    assert "glioma" in answers.explanation(low, ())
    assert answers.headline(prediction(glioma=0.8, notumor=0.2), ()) == (
        "AI: suspicious for tumour, most like glioma"
    )
    assert answers.possible(low) == (
        "Every class is possible: none is probable enough to exclude the others."
    )


def test_another_class_that_cannot_be_excluded_makes_an_answer_uncertain() -> None:
    both = predicted({"glioma": 0.9, "notumor": 0.1}, ("glioma", "notumor"))
    assert answers.headline(both, ()) == "AI: uncertain, needs a look"
    assert answers.possible(both) == "Possible: glioma, no tumour."


def test_the_tumour_that_is_shown_is_one_that_cannot_be_excluded() -> None:
    shares = {"glioma": 0.24, "meningioma": 0.2, "notumor": 0.56}
    doubtful = predicted(shares, ("meningioma", "notumor"))
    assert doubtful.suspect == "meningioma"
    assert doubtful.located
    assert "meningioma" in answers.heat(doubtful)
    assert predicted(shares, ("notumor",)).located, (
        "less than 80 %: what speaks for a tumour counts"
    )
    sure = predicted({"glioma": 0.1, "notumor": 0.9}, ("notumor",))
    assert not sure.located
    assert answers.heat(sure).startswith("The AI flags nothing")


def test_a_slice_unlike_the_training_data_has_no_verdict() -> None:
    strange = predicted({"glioma": 0.99, "notumor": 0.01}, ("glioma",), unlike_training=True)
    said = (
        answers.headline(strange, ()),
        answers.explanation(strange, ()),
        answers.possible(strange),
        answers.short_verdict(strange, ()),
        answers.long_verdict(strange, ()),
        answers.answer_text("a.png", strange, ()),
    )
    assert answers.headline(strange, ()) == "No answer: unlike the training images"
    for words in said:
        assert "glioma" not in words.lower()
        assert "99" not in words.replace("SHA-256 3f9a", "")
    asked_for = answers.explanation(strange, (), asked_for=True)
    assert "glioma" in asked_for
    assert "means little" in asked_for


def test_the_outline_is_measured_where_the_file_says_how_large_a_pixel_is() -> None:
    shares, square = {"glioma": 0.9}, np.array([[0, 0], [20, 0], [20, 10], [0, 10]], float)
    measured = predicted(shares, ("glioma",), outline=(square,), area_mm2=1234.0)
    assert answers.outlined(measured) == "Outlined as tumour: 1,234 mm²."
    tiny = predicted(shares, ("glioma",), outline=(square,), area_mm2=0.4)
    assert answers.outlined(tiny) == "Outlined as tumour: less than 1 mm²."
    unmeasured = predicted(shares, ("glioma",), outline=(square,))
    assert "200 pixels; size in mm not known" in answers.outlined(unmeasured)
    assert answers.outlined(predicted(shares, ("glioma",))) == "Nothing is outlined as tumour."


def test_no_tumour_is_never_called_healthy() -> None:
    clear = prediction(glioma=0.01, notumor=0.99)
    assert answers.headline(clear, ()) == "Nothing flagged. Not a normal finding."
    assert "can miss" in answers.explanation(clear, ())


def test_an_unknown_class_keeps_its_name() -> None:
    assert answers.headline(prediction(ependymoma=0.9, notumor=0.1), ()).endswith("ependymoma")


def test_sentences_are_filled_from_their_fields() -> None:
    error = NotAnImageError("{file} is no image.", file="a{b}.png")
    assert reading.sentence(error) == "a{b}.png is no image."
    warning = ReadWarning("kind", "Only frame {frame} is shown.", (("frame", 1),))
    assert reading.sentence(warning) == "Only frame 1 is shown."


def test_the_copied_text_has_everything() -> None:
    warning = ReadWarning("kind", "The colours were mixed to grey.")
    text = answers.answer_text("a.png", prediction(glioma=0.9, notumor=0.1), (warning,))
    for part in ("a.png", "Glioma: 90", "No tumour: 10", "mixed to grey", "net 1", "3f9a0", "not"):
        assert part in text


@pytest.mark.parametrize(
    ("window", "scale", "shown"),
    [
        (DisplayWindow(400, 812), 1.4, "W 812   L 400   1.4x"),
        (DisplayWindow(0.5, 1.0), 0.05, "W 1   L 0.5   0.05x"),
        (DisplayWindow(2034.2, 15.2), 1.4, "W 15.2   L 2034.2   1.4x"),
        (DisplayWindow(-1040, 12), 1.4, "W 12   L -1040   1.4x"),
        (DisplayWindow(0, 12), 1.4, "W 12   L 0   1.4x"),
        (DisplayWindow(0.001, 0.0002), 1.4, "W 0.0002   L 0.001   1.4x"),
    ],
)
def test_readout(window: DisplayWindow, scale: float, shown: str) -> None:
    assert reading.readout(window, scale, False) == shown


def test_how_far_an_answer_holds_elsewhere_is_said_for_its_sequence_or_for_all() -> None:
    rows = (MeasuredElsewhere("FLAIR", 0.12, 0.19), MeasuredElsewhere("T1+C", 0.38, 0.29))
    said = replace(prediction(glioma=0.9, notumor=0.1), measured=rows)
    unknown = answers.measured_elsewhere(said).replace("\u00a0", " ")
    assert "FLAIR 12 %, T1+C 38 %" in unknown
    assert unknown.endswith("Which sequence this slice is of is not known here.")
    known = answers.measured_elsewhere(replace(said, sequence="T1+C")).replace("\u00a0", " ")
    assert "(T1+C 38 %)" in known
    assert "FLAIR" not in known
    assert "not known" not in known
    assert "not measured" in answers.measured_elsewhere(prediction(glioma=1.0))
    other = answers.measured_elsewhere(replace(said, sequence="T2")).replace("\u00a0", " ")
    assert "on T2 of other hospitals was not measured" in other
    assert "T1+C 38 %" in other


def test_where_the_height_is_known_its_own_figure_is_said() -> None:
    rows = (MeasuredElsewhere("FLAIR", 0.12, 0.19, (0.01, 0.02, 0.3)),)
    said = replace(prediction(glioma=0.9, notumor=0.1), measured=rows, sequence="FLAIR")
    high = answers.measured_elsewhere(said, 2).replace("\u00a0", " ")
    assert high.endswith("In the upper third of the head, as here, it does so in 30 %.")
    assert "third" not in answers.measured_elsewhere(said)
    assert "third" not in answers.measured_elsewhere(replace(said, sequence=""), 2)


def test_a_sequence_on_which_the_model_does_not_hold_is_named() -> None:
    said = replace(
        prediction(glioma=0.9, notumor=0.1), sequence="T1", withheld=True, unlike_training=True
    )
    assert answers.headline(said, ()) == "Not answered on this sequence: T1"
    assert "glioma" not in answers.explanation(said, ())


def test_a_word_of_the_app_s_own_inside_a_sentence_is_translated_and_a_name_is_not() -> None:
    error = UnsupportedImageError(
        "The JPEG file is {process}; this variant is not read.", process="lossless"
    )
    named = FileMissingError("{name} cannot be written.", name="lossless")
    with speaking(Language.of("es_MX")):
        assert "sin pérdida" in reading.sentence(error)
        assert reading.sentence(named) == "lossless no se puede escribir."


def test_the_worklist_names_the_sequence_on_which_an_answer_is_withheld() -> None:
    row = FileResult(
        label="glioma",
        probabilities=(("glioma", 0.95), ("notumor", 0.05)),
        possible=("glioma",),
        unlike_training=True,
        withheld=True,
        sequence="T1",
    )
    assert worklist_words.certainty_words(row) == "Not answered on this sequence: T1"
    assert worklist_words.verdict(row) == "No answer"
    said = answers.headline(row, ()) + answers.explanation(row, ()) + answers.possible(row)
    assert "glioma" not in said.lower()
