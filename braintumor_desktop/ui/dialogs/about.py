"""About, the model card, and the list of keyboard shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop import __version__, paths
from braintumor_desktop.domain.answer import ModelInfo
from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.inference.bundle_signature import BundleTrust, Signature
from braintumor_desktop.text import _, answers, isolated
from braintumor_desktop.text.card_summary import summary
from braintumor_desktop.text.signature_words import signed_by
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.widgets.markdown_view import MarkdownView
from braintumor_desktop.ui.widgets.screen_size import resize_within_screen


def about(
    parent: QWidget, model: ModelInfo | None, signature: Signature | None = None
) -> QMessageBox:
    """The box that says what this is, which model answers, whose it is, and what it is not."""
    box = QMessageBox(parent)
    box.setWindowTitle(_("About"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(_("Brain tumour MRI desktop assistant {version}").format(version=__version__))
    whose = "" if signature is None else f"\n{signed_by(signature)}"
    lines = [
        _("Model {name}\nSHA-256 {hash}").format(name=isolated(model.name), hash=model.sha256)
        + whose
        if model is not None
        else _("No model is loaded."),
        answers.disclaimer() + ".",
        _("Nothing leaves this computer unless you send it."),
        _("Licence: Apache 2.0. Built with Qt (LGPL 3), ONNX Runtime, OpenCV and pydicom."),
    ]
    box.setInformativeText("\n\n".join(lines))
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    texts = paths.resources() / "licences.txt"
    if texts.is_file():  # only what is handed out with everything that it needs has it
        show = box.addButton(_("Licences…"), QMessageBox.ButtonRole.HelpRole)
        box.addButton(QMessageBox.StandardButton.Close)
        show.clicked.connect(lambda: licences(parent, texts.read_text(encoding="utf-8")).open())
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


def notice(parent: QWidget, words: str) -> QMessageBox:
    """A box with a sentence that must not pass unseen."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(words)
    return box


def losing(
    parent: QWidget, comments: Iterable[tuple[str, str]], lose: Callable[[], object]
) -> QMessageBox:
    """The box with the comments, by file, that closing loses; `lose` is called where it is meant.

    They can be copied from it: a file may be in no list any more.
    """
    box = notice(parent, _("What could not be kept is lost when the window closes."))
    box.setIcon(QMessageBox.Icon.Warning)
    box.setInformativeText("\n".join(f"{file}: {text}" for file, text in comments))
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    close = box.addButton(_("Close and lose them"), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(_("Stay"), QMessageBox.ButtonRole.RejectRole))
    close.clicked.connect(lambda: lose())
    return box


def model_card(parent: QWidget, folder: Path, model: ModelInfo | None) -> QDialog:
    """What the model in the bundle `folder` was trained on, how it was judged, and its limits.

    Only where the card is that of `model`, which answers: an upgrade may have exchanged it since.
    """
    dialog = QDialog(parent)
    dialog.setWindowTitle(_("Model card"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    browser = MarkdownView()
    browser.setAccessibleName(dialog.windowTitle())
    try:
        card = (folder / paths.MODEL_CARD).read_text(encoding="utf-8")
    except OSError:
        browser.setPlainText(_("The model has no card."))
    else:
        if model is None or model.sha256 in card:
            browser.show_markdown(f"{_card_summary(folder)}\n\n---\n\n{card}")
        else:
            browser.setPlainText(
                _("The card is that of another model than answers here. Start the app again.")
            )
    _with_close_button(dialog).insertWidget(0, browser)
    resize_within_screen(dialog, 116 * theme.GRID, 88 * theme.GRID)
    return dialog


def _card_summary(folder: Path) -> str:
    """The card in the window's language, before the English one; "" where it cannot be read."""
    from braintumor_desktop.inference.bundle import read_description  # OpenCV comes with it

    try:
        description, signature = read_description(folder, BundleTrust.installed())
    except ModelBundleError:
        return ""
    counts = description.training_data.get("different_slices", {})
    said = summary(counts, description.metrics, description.parameters)
    said.append(signed_by(signature) + ".")
    return "\n\n".join([f"## {_('In short')}", *said, _("The whole card follows, in English.")])


def licences(parent: QWidget, texts: str) -> QDialog:
    """The licences of all that is handed out with the app."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(_("Licences"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    text = QPlainTextEdit(texts)
    text.setAccessibleName(dialog.windowTitle())
    text.setReadOnly(True)
    _with_close_button(dialog).insertWidget(0, text)
    resize_within_screen(dialog, 100 * theme.GRID, 75 * theme.GRID)
    return dialog


def shortcuts(parent: QWidget, groups: Mapping[str, Iterable[QAction]]) -> QDialog:
    """The actions with their keys, by group, and what the mouse does."""
    dialog = QDialog(parent)
    dialog.setWindowTitle(_("Keyboard shortcuts"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    mouse = [
        (_("Walk through the slices"), _("Wheel")),
        (_("Window width and level"), _("Left drag")),
        (_("Zoom"), _("Right drag, or Ctrl and wheel")),
        (_("Move the picture"), _("Middle drag")),
        (_("Fit slice"), _("Double click")),
    ]
    boxes = [_keys_box(name, _keys_of(actions)) for name, actions in groups.items()]
    boxes.append(_keys_box(_("Mouse"), mouse))
    content = QWidget()
    columns = QHBoxLayout(content)
    columns.setSpacing(3 * theme.GRID)
    lines = [box for box in boxes if box is not None]
    wide = dialog.screen().availableGeometry().width()
    across = min(3, max(1, wide // (48 * theme.GRID)))
    for place in range(across):
        column = QVBoxLayout()
        for box in lines[place::across]:
            column.addWidget(box)
        column.addStretch(1)
        columns.addLayout(column)
    scroll = QScrollArea()
    scroll.setAccessibleName(dialog.windowTitle())
    scroll.setWidget(content)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QScrollArea.Shape.NoFrame)
    _with_close_button(dialog).insertWidget(0, scroll)
    resize_within_screen(dialog, 1180, 720)
    return dialog


def _keys_of(actions: Iterable[QAction]) -> list[tuple[str, str]]:
    native = QKeySequence.SequenceFormat.NativeText
    return [
        (
            action.text().replace("&", "").rstrip("…"),
            "   ".join(key.toString(native) for key in action.shortcuts()),
        )
        for action in actions
        if action.shortcuts()
    ]


def _keys_box(name: str, rows: list[tuple[str, str]]) -> QWidget | None:
    if not rows:
        return None
    box = QGroupBox(name.replace("&", ""))
    grid = QGridLayout(box)
    grid.setVerticalSpacing(theme.GRID // 2)
    grid.setColumnStretch(0, 1)
    for row, (words, keys) in enumerate(rows):
        key_label = QLabel(keys)
        key_label.setProperty("role", "quiet")
        said = QLabel(words)
        said.setWordWrap(True)
        grid.addWidget(said, row, 0)
        grid.addWidget(key_label, row, 1, Qt.AlignmentFlag.AlignRight)
    return box


def _with_close_button(dialog: QDialog) -> QVBoxLayout:
    """The dialog's layout with a button to close it at the bottom."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(*[3 * theme.GRID] * 4)
    layout.setSpacing(2 * theme.GRID)
    layout.addWidget(buttons)
    return layout
