"""What an open slice has become by being read and answered."""

from __future__ import annotations

from dataclasses import replace

from braintumor_desktop.ui.browser.slice_model import Entry, State
from braintumor_desktop.ui.session.answering_thread import Outcome


def answered(entry: Entry, outcome: Outcome, pictured: bool) -> Entry:
    """The entry with what became of its job; its thumbnail where it is `pictured` anywhere."""
    if outcome.loaded is None:
        state = State.FAILED if outcome.failed else State.REFUSED
        return replace(
            entry,
            state=state,
            error=outcome.error,
            thumbnail=None,
            prediction=None,
            warnings=(),
        )
    prediction, mri = outcome.loaded.prediction, outcome.loaded.slice
    return replace(
        entry,
        state=State.UNANSWERED if prediction is None else State.ANSWERED,
        thumbnail=outcome.thumbnail if pictured else None,
        prediction=prediction,
        warnings=mri.warnings,
        content=mri.source.sha256,
        error=None,
    )
