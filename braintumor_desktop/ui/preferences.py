"""What a person can set, as a schema; what an administrator has fixed goes before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QSettings, Signal

from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.policy import RECORDS_ENCRYPTION, SIGNED_ONLY
from braintumor_desktop.text.language import LANGUAGES
from braintumor_desktop.ui.viewer.tools.mouse_map import DEFAULT_MAP


@dataclass(frozen=True)
class Preference:
    """One thing that can be set.

    Attributes
    ----------
    key
        Its name in the settings and in the policy file.
    group, title, help
        English templates.
    default
        A bool for a switch, else a text.
    choices
        Pairs of value and English template; empty for a switch or a text.
    is_path
        Whether the text is a file's path.

    """

    key: str
    group: str
    title: str
    help: str
    default: bool | str
    choices: tuple[tuple[str, str], ...] = ()
    is_path: bool = False

    def sound(self, value: object) -> bool:
        """Whether a value is one of those that this can have."""
        if isinstance(self.default, bool):
            return isinstance(value, bool)
        if self.choices:
            return value in [choice for choice, _words in self.choices]
        return isinstance(value, str)


_WINDOW, _READING = gettext_noop("Window"), gettext_noop("Reading")
_KEEPING = gettext_noop("Reports and records")

PREFERENCES = (
    Preference(
        "language",
        _WINDOW,
        gettext_noop("Language"),
        gettext_noop("Of window, report and table; changes at once"),
        "",
        (("", gettext_noop("As the system")), *LANGUAGES.items()),
    ),
    Preference(
        "theme",
        _WINDOW,
        gettext_noop("Colours"),
        gettext_noop("Pictures stay on black in both"),
        "",
        (
            ("", gettext_noop("As the system")),
            ("dark", gettext_noop("Dark")),
            ("light", gettext_noop("Light")),
        ),
    ),
    Preference(
        "mouse",
        _READING,
        gettext_noop("Mouse"),
        gettext_noop("What the wheel and the buttons do on a picture"),
        DEFAULT_MAP,
        (
            ("radiology", gettext_noop("Wheel walks, left drag is window and level")),
            ("zooming_wheel", gettext_noop("Wheel zooms, left drag moves")),
        ),
    ),
    Preference(
        "decide_first",
        _READING,
        gettext_noop("Decide first, then see the answer"),
        gettext_noop("The AI's answer is shown once you have decided"),
        False,
    ),
    Preference(
        "outline",
        _READING,
        gettext_noop("Outline on pictures"),
        gettext_noop("Off until asked for (O)"),
        False,
    ),
    Preference(
        "heat_map",
        _READING,
        gettext_noop("Heat map on pictures"),
        gettext_noop("Off until asked for (H)"),
        False,
    ),
    Preference(
        "patient_data",
        _KEEPING,
        gettext_noop("Name the patient in reports"),
        gettext_noop("Else reports hold no name and no identifier"),
        False,
    ),
    Preference(
        "slice_pages",
        _KEEPING,
        gettext_noop("Reports with a page a slice"),
        gettext_noop("Behind the page of each series"),
        False,
    ),
    Preference(
        "records",
        _KEEPING,
        gettext_noop("Place of the records"),
        gettext_noop("A file of answers and decisions; from the next start on"),
        "",
        is_path=True,
    ),
    Preference(
        RECORDS_ENCRYPTION,
        _KEEPING,
        gettext_noop("Records on the disk"),
        gettext_noop("The key is kept in this user's keyring; from the next start on"),
        "",
        (
            ("", gettext_noop("As they are")),
            ("encrypted", gettext_noop("Encrypted")),
            ("clear", gettext_noop("In clear")),
        ),
    ),
    Preference(
        SIGNED_ONLY,
        gettext_noop("Model"),
        gettext_noop("Only a signed model answers"),
        gettext_noop("One that nobody trusted has signed is refused; from the next start on"),
        False,
    ),
    Preference(
        "names",
        gettext_noop("Privacy"),
        gettext_noop("Patients' names on pictures"),
        gettext_noop("Off for teaching and screenshots (Ctrl+Shift+H)"),
        True,
    ),
    Preference(
        "keep_recent",
        gettext_noop("Privacy"),
        gettext_noop("Remember what was opened last"),
        gettext_noop("Paths can hold names; they are kept for this user alone"),
        True,
    ),
    Preference(
        "version_address",
        gettext_noop("Privacy"),
        gettext_noop("Address for newer versions"),
        gettext_noop("Asked by “Check for a newer version” alone (https://…)"),
        "",
    ),
)


class Preferences(QObject):
    """The values that hold: the policy's, else the user's, else the defaults.

    `changed` carries the key of what has another value now.
    """

    changed = Signal(str)

    def __init__(
        self,
        settings: QSettings,
        policy: Mapping[str, Any] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        by_key = {one.key: one for one in PREFERENCES}
        self._policy = {
            key: value
            for key, value in (policy or {}).items()
            if key in by_key and by_key[key].sound(value)
        }
        self._by_key = by_key

    def fixed(self, key: str) -> bool:
        """Whether an administrator has set it."""
        return key in self._policy

    def value(self, key: str) -> Any:
        """What holds now."""
        if key in self._policy:
            return self._policy[key]
        one = self._by_key[key]
        if isinstance(one.default, bool):
            return bool(self._settings.value(key, one.default, bool))
        kept = self._settings.value(key, one.default)
        return kept if one.sound(kept) else one.default

    def set(self, key: str, value: bool | str) -> None:
        """Keep a value, where the policy has none."""
        if self.fixed(key) or not self._by_key[key].sound(value) or value == self.value(key):
            return
        self._settings.setValue(key, value)
        self.changed.emit(key)
