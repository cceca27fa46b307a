"""Answers that come at once are not lost to pynetdicom's own thread.

While a request waits for its answer, the association's reactor pauses; but it may be past the
point where it looks whether it should (`Association._run_reactor`, 3.0.4), and takes the answer for
an unexpected message. Then the request waits for its time-out. Peers that answer within
milliseconds meet it once in some thousand requests.
"""

from __future__ import annotations

from typing import Any

from pynetdicom.association import Association


def keep_answers(association: Association) -> None:
    """Give back what the reactor takes out of turn, to the request that waits for it."""
    dimse, running = association.dimse, association._reactor_checkpoint
    take = dimse.get_msg

    def get_msg(block: bool = False) -> tuple[int | None, Any]:
        taken: tuple[int | None, Any] = take(block)
        if block or taken[1] is None or running.is_set():
            return taken
        dimse.msg_queue.put(taken)
        return None, None

    dimse.get_msg = get_msg
