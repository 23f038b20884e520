"""A WebSocket client that does exactly what a test wants, such as never reading."""

import json
import socket
from contextlib import suppress
from typing import Self

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

OPEN = "0"
CONNECT = "40"
EVENT = "42"


class RawClient:
    """A blocking socket that speaks WebSocket frames, and as much Engine.IO as is typed into it."""

    def __init__(self, port: int, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self._protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"))
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        self.is_closed = False
        self.texts: list[str] = []
        self.read_until(OPEN)
        self.send(CONNECT)
        self.read_until(CONNECT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, text: str) -> None:
        self._protocol.send_text(text.encode())
        self._flush()

    def call(self, event: str, payload: object) -> None:
        """Call an event of Socket.IO with acknowledgement 0, and wait for that."""
        self.send(f"420{json.dumps([event, payload])}")
        self.read_until("430")

    def read_until(self, prefix: str) -> str:
        """The first text with this prefix; everything read is in `texts`."""
        while not self.is_closed:
            for text in self._read():
                if text.startswith(prefix):
                    return text
        raise AssertionError(f"closed before {prefix}")

    def read_everything(self) -> None:
        """Read until the server closes the connection.

        Raises:
            ConnectionResetError: the server has reset it.
        """
        while not self.is_closed:
            self._read()

    def read_to_the_end(self) -> None:
        """Read until the server closes or resets the connection."""
        with suppress(ConnectionError):
            self.read_everything()

    def _read(self) -> list[str]:
        data = self.socket.recv(65536)
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
            self.is_closed = True
        frames = [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        self.is_closed |= any(frame.opcode is Opcode.CLOSE for frame in frames)
        texts = [bytes(frame.data).decode() for frame in frames if frame.opcode is Opcode.TEXT]
        self.texts += texts
        return texts

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self.socket.sendall(data)
