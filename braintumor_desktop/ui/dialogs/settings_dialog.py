"""All settings in one dialog, made from their schema; each holds at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop.text import _
from braintumor_desktop.text.language import translated
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.preferences import PREFERENCES, Preference, Preferences
from braintumor_desktop.ui.widgets.screen_size import resize_within_screen


class SettingsDialog(QDialog):
    """A box for each group; what an administrator has set cannot be changed, and says so."""

    def __init__(self, parent: QWidget, preferences: Preferences) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.controls: dict[str, QWidget] = {}
        self.setWindowTitle(_("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setSpacing(2 * theme.GRID)
        for group, members in groupby(PREFERENCES, lambda one: one.group):
            column.addWidget(self._box(translated(group), list(members)))
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[2 * theme.GRID] * 4)
        layout.addWidget(scroll, 1)
        layout.addWidget(buttons)
        resize_within_screen(self, 78 * theme.GRID, 84 * theme.GRID)

    def _box(self, title: str, members: list[Preference]) -> QGroupBox:
        box = QGroupBox(title)
        grid = QGridLayout(box)
        grid.setHorizontalSpacing(2 * theme.GRID)
        grid.setColumnStretch(1, 1)
        for row, one in enumerate(members):
            control = self._control(one)
            words = translated(one.help)
            fixed = self._preferences.fixed(one.key)
            if fixed:
                words = _("Set by your administrator. {help}").format(help=words)
            control.setEnabled(not fixed)
            control.setAccessibleName(translated(one.title))
            control.setAccessibleDescription(words)
            self.controls[one.key] = control
            said = QLabel(words)
            said.setTextFormat(Qt.TextFormat.PlainText)
            said.setProperty("role", "quiet")
            said.setWordWrap(True)
            if isinstance(control, QCheckBox):
                grid.addWidget(control, 2 * row, 0, 1, 2)
            else:
                label = QLabel(translated(one.title))
                label.setBuddy(control)
                grid.addWidget(label, 2 * row, 0)
                grid.addWidget(control, 2 * row, 1)
            grid.addWidget(said, 2 * row + 1, 0, 1, 2)
        return box

    def _control(self, one: Preference) -> QWidget:
        value = self._preferences.value(one.key)
        if isinstance(one.default, bool):
            switch = QCheckBox(translated(one.title))
            switch.setChecked(bool(value))
            switch.toggled.connect(lambda on: self._preferences.set(one.key, on))
            return switch
        if one.choices:
            combo = QComboBox()
            for choice, words in one.choices:
                combo.addItem(translated(words), choice)
            combo.setCurrentIndex(max(0, combo.findData(value)))
            combo.currentIndexChanged.connect(
                lambda _at: self._preferences.set(one.key, str(combo.currentData()))
            )
            return combo
        if not one.is_path:
            line = QLineEdit(str(value))
            line.editingFinished.connect(
                lambda: self._preferences.set(one.key, line.text().strip())
            )
            return line
        field = _PathField(str(value), lambda path: self._preferences.set(one.key, path))
        field.line.setAccessibleName(translated(one.title))
        return field


class _PathField(QWidget):
    """A file's path, typed or chosen."""

    def __init__(self, path: str, keep: Callable[[str], None]) -> None:
        super().__init__()
        self.line = QLineEdit(path)
        self.line.setPlaceholderText(_("In this user's own folder"))
        self.line.editingFinished.connect(lambda: keep(self.line.text().strip()))
        choose = QPushButton(_("Choose…"))
        choose.clicked.connect(lambda: self._choose(keep))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.line, 1)
        line.addWidget(choose)
        self.setFocusProxy(self.line)

    def _choose(self, keep: Callable[[str], None]) -> None:
        name, _filter = QFileDialog.getSaveFileName(
            self,
            _("Place of the records"),
            self.line.text() or "records.sqlite",
            _("Records (*.sqlite)"),
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if name:
            self.line.setText(name)
            keep(name)
