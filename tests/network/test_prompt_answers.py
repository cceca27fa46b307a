"""Answers that come at once are neither waited for nor lost."""

from __future__ import annotations

import socket

import pytest
from pynetdicom import AE
from pynetdicom.association import Association

from braintumor_desktop.network import dimse
from braintumor_desktop.network.reactor_pause import keep_answers
from braintumor_desktop.network.servers import Archive


def test_what_the_reactor_takes_out_of_turn_is_given_back_to_who_waits() -> None:
    association = Association(AE(), "requestor")
    keep_answers(association)
    association._reactor_checkpoint.clear()  # a request waits for its answer
    association.dimse.msg_queue.put((1, "the answer"))  # type: ignore[arg-type]
    assert association.dimse.get_msg() == (None, None)
    assert association.dimse.get_msg(block=True) == (1, "the answer")
    association._reactor_checkpoint.set()
    association.dimse.msg_queue.put((1, "unasked"))  # type: ignore[arg-type]
    assert association.dimse.get_msg() == (1, "unasked"), "as before, where nobody waits"


def test_associations_send_at_once(
    orthanc: tuple[Archive, Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    associate = dimse._associate

    def watched(*given: object) -> Association:
        association = associate(*given)  # type: ignore[arg-type]
        connection = association.dul.socket.socket
        seen.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        return association

    monkeypatch.setattr(dimse, "_associate", watched)
    dimse.echo(orthanc[0])
    assert len(seen) == 1
    assert seen[0] != 0
