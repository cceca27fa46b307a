"""What the network's libraries log is dropped: it names patients, studies and addresses.

pynetdicom writes every query and answer at level INFO, urllib3 every address with its query at
DEBUG. What goes wrong is raised, and said by `refusals`.
"""

from __future__ import annotations

import logging

from pynetdicom import _config

_LIBRARIES = ("dicomweb_client", "pynetdicom", "urllib3")


def drop_library_logs() -> None:
    """Let no record of the libraries that are imported by now through, whoever asks for them."""
    _config.LOG_HANDLER_LEVEL = "none"  # for associations that are made from now on
    _config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False
    for name, logger in logging.root.manager.loggerDict.items():
        if name.split(".")[0] in _LIBRARIES and isinstance(logger, logging.Logger):
            logger.addFilter(_drop)


def _drop(_record: logging.LogRecord) -> bool:
    return False
