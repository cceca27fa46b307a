"""The panel at the right: what the network says of the selected slice."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.rendering import heat_map
from braintumor_desktop.text import _, answers, reading
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.answer.bars import ProbabilityBars
from braintumor_desktop.ui.widgets.images import rgba_image


class HeatScale(QWidget):
    """The heat map's colours from weak to strong."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.GRID)
        strength = np.linspace(0, 1, 128)
        rgba = np.full((1, 128, 4), 255, np.uint8)
        rgba[0, :, :3] = heat_map.heat_colour(strength)
        self._image = rgba_image(rgba)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The strip."""
        QPainter(self).drawImage(self.rect(), self._image)


class AnswerPanel(QScrollArea):
    """Verdict, probabilities, heat-map switch, and what is to be known about the file."""

    def __init__(
        self, heat_action: QAction, outline_action: QAction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._headline = _wrapped("headline")
        self._explanation = _wrapped("quiet")
        self._bars = ProbabilityBars()
        self._bars.setAccessibleName(_("Probabilities"))
        self._trust = _wrapped("")
        self._elsewhere = _wrapped("quiet")
        self._outline_switch = _switch(outline_action)
        self._heat_switch = _switch(heat_action)
        self._heat_scale = HeatScale()
        self._heat_words = _wrapped("quiet")
        self._warnings = _wrapped("notice")
        self._facts = _wrapped("quiet")
        self._answer = QWidget()
        self.setWidget(self._lay_out())
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(28 * theme.GRID)

    @property
    def bars(self) -> ProbabilityBars:
        """The bars."""
        return self._bars

    @property
    def headline(self) -> str:
        """The verdict on screen."""
        return self._headline.text()

    @property
    def trust(self) -> str:
        """What cannot be excluded, and what is outlined."""
        return self._trust.text()

    @property
    def elsewhere(self) -> str:
        """How far the answer holds in other hospitals."""
        return self._elsewhere.text()

    @property
    def heat_words(self) -> str:
        """What the heat map shows, or why there is none."""
        return self._heat_words.text()

    def show_answer(self, loaded: SliceAnswer, no_answer: str = "") -> None:
        """Show what is known of a slice; without a prediction why there is none."""
        prediction = loaded.prediction
        self._answer.setVisible(prediction is not None)
        if prediction is None:
            self.show_words(_("No answer"), no_answer)
        else:
            warned = loaded.slice.warnings
            self._headline.setText(answers.headline(prediction, warned))
            self._explanation.setText(answers.explanation(prediction, warned))
            self._bars.show_prediction(prediction)
            trust = (answers.possible(prediction), answers.outlined(prediction))
            self._trust.setText("\n".join(trust))
            self._elsewhere.setText(answers.measured_elsewhere(prediction))
            self._heat_scale.setVisible(prediction.located)
            self._heat_words.setText(answers.heat(prediction))
        warnings = [reading.sentence(warning) for warning in loaded.slice.warnings]
        self._warnings.setText("\n".join(warnings))
        self._warnings.setVisible(bool(warnings))
        self._facts.setText(reading.file_facts(loaded.slice))
        self._facts.show()

    def show_words(self, headline: str, explanation: str) -> None:
        """Words in place of an answer."""
        self._headline.setText(headline)
        self._explanation.setText(explanation)
        for widget in (self._answer, self._warnings, self._facts):
            widget.hide()

    def _lay_out(self) -> QWidget:
        title = QLabel(_("Answer"))
        title.setProperty("role", "title")
        title.setIndent(0)
        answer = QVBoxLayout(self._answer)
        answer.setContentsMargins(0, theme.GRID, 0, 0)
        answer.setSpacing(theme.GRID)
        answer.addWidget(self._bars)
        answer.addWidget(self._trust)
        answer.addWidget(self._elsewhere)
        answer.addSpacing(theme.GRID)
        answer.addWidget(self._outline_switch)
        answer.addWidget(self._heat_switch)
        legend = QWidget()
        lines = QVBoxLayout(legend)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(theme.GRID)
        lines.addWidget(self._heat_scale)
        lines.addWidget(self._heat_words)
        legend.setVisible(self._heat_switch.isChecked())
        self._heat_switch.toggled.connect(legend.setVisible)
        answer.addWidget(legend)
        content = QWidget()
        content.setObjectName("answer")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(2 * theme.GRID, 0, 2 * theme.GRID, 2 * theme.GRID)
        layout.setSpacing(theme.GRID)
        layout.addWidget(title)
        layout.addWidget(self._headline)
        layout.addWidget(self._explanation)
        layout.addWidget(self._warnings)
        layout.addWidget(self._answer)
        layout.addSpacing(theme.GRID)
        layout.addWidget(self._facts)
        layout.addStretch(1)
        return content


def _wrapped(role: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setIndent(0)
    return label


def _switch(action: QAction) -> QCheckBox:
    """A check box that is one with a checkable action."""
    box = QCheckBox(action.text().replace("&", ""))
    box.setToolTip(action.toolTip())
    box.setChecked(action.isChecked())
    box.toggled.connect(action.setChecked)
    action.toggled.connect(box.setChecked)
    return box
