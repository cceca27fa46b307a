"""A storage receiver for C-MOVE: off until switched on, and open to those who are named."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from pynetdicom import AE, evt
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import Verification

from braintumor_desktop.network.cache import StudyWriter
from braintumor_desktop.network.dimse import take
from braintumor_desktop.network.object_classes import RETRIEVED, TRANSFER_SYNTAXES
from braintumor_desktop.network.prompt_sockets import PROMPT
from braintumor_desktop.network.refusals import ArchiveConnectionError
from braintumor_desktop.network.servers import check_address, check_ae_title

_ASSOCIATIONS = 32  # at once: an archive opens one or two, what is broken off lingers a while
_SUCCESS, _NOT_AUTHORISED, _CANNOT = 0x0000, 0x0124, 0xC000


class StorageReceiver:
    """Listens while it is open, and takes the files of one study.

    Parameters
    ----------
    address, port
        Where it listens: the address that the user chose, not all of them.
    ae_title
        What it is called; archives know it under this title and address.
    allowed
        The AE titles that may send; others are rejected before they send anything.
    into
        What takes the files.
    progress
        Called after each file with how many there are.

    """

    def __init__(
        self,
        address: str,
        port: int,
        ae_title: str,
        allowed: Collection[str],
        into: StudyWriter,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        check_address(address, port)
        for title in (ae_title, *allowed):
            check_ae_title(title)
        self._where = address, port
        self._into, self._progress = into, progress
        self.fault: Exception | None = None
        entity = AE(ae_title=ae_title)
        entity.require_called_aet = True
        entity.require_calling_aet = list(allowed)
        entity.maximum_associations = _ASSOCIATIONS
        entity.acse_timeout = 5  # a caller who does not introduce himself takes no place for long
        entity.dimse_timeout = entity.network_timeout = 30
        entity.supported_contexts = [
            build_context(Verification),
            *(build_context(uid, TRANSFER_SYNTAXES) for uid in RETRIEVED),
        ]
        self._entity = entity
        self._server: Any = None

    def __enter__(self) -> StorageReceiver:
        handlers = [*PROMPT, (evt.EVT_C_STORE, self._store)]
        try:
            self._server = self._entity.start_server(
                self._where, block=False, evt_handlers=handlers
            )
        except OSError as error:
            raise ArchiveConnectionError(
                "The app cannot listen at {address}, port {port}: {reason}.",
                address=self._where[0],
                port=self._where[1],
                reason=error.strerror or type(error).__name__,
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()

    def _store(self, event: Any) -> int:
        if self.fault is not None:
            return _NOT_AUTHORISED
        try:
            take(event, self._into)
        except Exception as error:  # the listener's thread: who waits for the study says it
            self.fault = error
            return _CANNOT
        self._progress(self._into.count)
        return _SUCCESS
