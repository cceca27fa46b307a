"""The panel at the right: what the network says of the selected slice."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop.domain.answer import Prediction, SliceAnswer
from braintumor_desktop.rendering import heat_map
from braintumor_desktop.text import _, answers, reading
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.answer.bars import ProbabilityBars
from braintumor_desktop.ui.answer.decision_bar import DecisionBar
from braintumor_desktop.ui.answer.series_strip import SeriesPanel
from braintumor_desktop.ui.system.announcing import Announcer
from braintumor_desktop.ui.widgets.images import rgba_image
from braintumor_desktop.ui.widgets.pinned import PinnedBelow


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
    """Verdict, probabilities, heat-map switch, decisions, and what is to be known about the file.

    `anyway_asked`: a person wants to see an answer that is withheld, for this slice.
    `series_asked`: the series is to be answered that is not unasked.
    """

    anyway_asked = Signal()
    series_asked = Signal()

    def __init__(
        self, heat_action: QAction, outline_action: QAction, decisions: DecisionBar
    ) -> None:
        super().__init__()
        self.decisions = decisions
        self.series = SeriesPanel()
        self.ask_series = QPushButton(_("Answer this series"))
        self.ask_series.clicked.connect(self.series_asked)
        self.anyway = QPushButton(_("Show anyway"))
        self.anyway.setToolTip(_("Shows the withheld answer for this slice alone"))
        self.anyway.clicked.connect(self.anyway_asked)
        self._headline = _wrapped("headline")
        self._explanation = _wrapped("quiet")
        self._bars = ProbabilityBars()
        self._bars.setAccessibleName(_("Probabilities"))
        self._trust = _wrapped("")
        self._of = _wrapped("quiet")
        self._elsewhere = _wrapped("quiet")
        self._elsewhere.hide()
        self._limits = QPushButton(_("Limits of this answer"))
        self._limits.setCheckable(True)
        self._limits.setProperty("role", "link")
        self._limits.toggled.connect(self._elsewhere.setVisible)
        self._outline_switch = _switch(outline_action)
        self._heat_switch = _switch(heat_action)
        self._heat_scale = HeatScale()
        self._heat_words = _wrapped("quiet")
        self._warnings = _wrapped("notice")
        self._facts = _wrapped("quiet")
        self._answer = QWidget()
        self._announcer = Announcer(self)
        self.setWidget(self._lay_out())
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        PinnedBelow(self, self.decisions, 2 * theme.GRID)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for the widest word and for the scroll bar beside it: nothing is cut at the side."""
        inside = self.widget()
        content = 0 if inside is None else inside.minimumSizeHint().width()
        content = max(content, self.decisions.minimumSizeHint().width() + 4 * theme.GRID)
        beside = self.verticalScrollBar().sizeHint().width()
        return QSize(max(24 * theme.GRID, content + beside), super().minimumSizeHint().height())

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
    def heat_words(self) -> str:
        """What the heat map shows, or why there is none."""
        return self._heat_words.text()

    def show_answer(
        self,
        loaded: SliceAnswer,
        no_answer: str = "",
        *,
        asked_for: bool = False,
        third: int | None = None,
    ) -> None:
        """Show what is known of a slice; without a prediction why there is none.

        An answer to a slice unlike the training data is withheld: no class, no bars, no outline, no
        heat map and no area, unless it was `asked_for`. `third` as in `answers.measured_elsewhere`.
        """
        prediction, warned = loaded.prediction, loaded.slice.warnings
        if prediction is None:
            self.show_words(_("No answer"), no_answer)
        else:
            withheld = prediction.unlike_training and not asked_for
            self._headline.setText(answers.headline(prediction, warned))
            self._explanation.setText(answers.explanation(prediction, warned, asked_for=asked_for))
            self._answer.setVisible(not withheld)
            self.anyway.setVisible(withheld)
            if withheld:
                self._clear()
            else:
                self._fill(prediction)
            self._elsewhere.setText(answers.measured_elsewhere(prediction, third))
            self._limits.show()
            self.decisions.show()
        self._warnings.setText("\n".join(reading.sentence(warning) for warning in warned))
        self._warnings.setVisible(bool(warned))
        self._facts.setText(reading.file_facts(loaded.slice))
        self._facts.show()
        self._announce((loaded.slice.source.sha256, loaded.slice.source.frame))
        self.updateGeometry()

    def _fill(self, prediction: Prediction) -> None:
        self._bars.show_prediction(prediction)
        self._of.setText(answers.probabilities_of())
        self._trust.setText("\n".join((answers.possible(prediction), answers.outlined(prediction))))
        self._heat_scale.setVisible(prediction.located)
        self._heat_words.setText(answers.heat(prediction))

    def _clear(self) -> None:
        self._bars.clear()
        for label in (self._of, self._trust, self._heat_words):
            label.clear()

    def show_words(self, headline: str, explanation: str) -> None:
        """Words in place of an answer."""
        self._headline.setText(headline)
        self._explanation.setText(explanation)
        self._clear()
        self._elsewhere.clear()
        for widget in (self._answer, self._warnings, self._facts, self.anyway, self._limits):
            widget.hide()
        self.decisions.hide()
        self._announce()

    def _announce(self, about: object = None) -> None:
        """Let who hears the window know what is said of the slice on screen."""
        said = (self._headline.text(), self._explanation.text(), self._warnings.text())
        warned = not self._warnings.isHidden()
        self._announcer.say(" ".join(filter(None, said if warned else said[:2])), about)

    def _lay_out(self) -> QWidget:
        title = QLabel(_("Answer"))
        title.setProperty("role", "title")
        title.setIndent(0)
        answer = QVBoxLayout(self._answer)
        answer.setContentsMargins(0, theme.GRID, 0, 0)
        answer.setSpacing(theme.GRID)
        answer.addWidget(self._bars)
        answer.addWidget(self._of)
        answer.addWidget(self._trust)
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
        layout.addWidget(self.series)
        layout.addWidget(self._headline)
        layout.addWidget(self._explanation)
        layout.addWidget(self._warnings)
        layout.addWidget(self.anyway)
        layout.addWidget(self.ask_series)
        layout.addWidget(self._answer)
        layout.addWidget(self._limits)
        layout.addWidget(self._elsewhere)
        layout.addSpacing(theme.GRID)
        layout.addWidget(self.decisions)
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
