"""What a person decides about an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided: `verdict` is "agree", "disagree", "unsure" or "" for not yet.

    `class_name` is the class agreed with, or said instead; empty for unsure.
    """

    verdict: str = ""
    class_name: str = ""
    comment: str = ""

    def beside(self, label: str) -> Decision:
        """The same beside the answer `label`, which may not be the one that it was made about."""
        if not self.class_name or not label:
            return self
        return replace(self, verdict="agree" if self.class_name == label else "disagree")
