from __future__ import annotations

from pathlib import Path

from braintumor_desktop.text.bidi import visible
from braintumor_desktop.ui.widgets.file_names import distinct_names


def test_names_have_as_many_folders_as_tell_them_apart() -> None:
    names = {
        "/a/x/1.png": "a/x/1.png",
        "/b/x/1.png": "b/x/1.png",
        "/b/y/1.png": "y/1.png",
        "/b/y/2.png": "2.png",
        "/1.png": "/1.png",
    }
    assert distinct_names(map(Path, names)) == {Path(path): n for path, n in names.items()}


def test_what_cannot_be_seen_in_a_name_is_shown_by_number() -> None:
    for plain in ("plain ü 山.png", "3.15\u202fPM.png", "頭部\u3000造影.png", "na\u200cme.png"):
        assert visible(plain) == plain
    assert visible("a\nb.png") == r"a\nb.png"
    assert visible("\u202egnp.1") == r"\u202egnp.1"
