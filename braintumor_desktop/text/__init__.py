"""Every sentence that a person reads, in English, with catalogues for other languages. No Qt.

`_("Text with {named} fields").format(named=…)` marks and translates; a sentence is never glued
from parts. Templates of errors and warnings are marked by being what they are: the first text of
an `…Error(…)`, the second of a `ReadWarning(…)`; other constants by `errors.gettext_noop`.
"""

from braintumor_desktop.text.bidi import isolated
from braintumor_desktop.text.language import _, ngettext, pgettext

__all__ = ["_", "isolated", "ngettext", "pgettext"]
