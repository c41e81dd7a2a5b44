"""The bytes of an IMAP connection: every wait and every answer is bounded, whatever the server sends or does not send.

`imaplib` would read a literal of any size at once, a line without end, and answers for ever.
"""

import contextlib
import imaplib
import select
import socket
import ssl
import time

_CHUNK = 64 * 1024
_LONGEST_LINE = 1024 * 1024  # As imaplib's own limit; a listing has a line of some 100 bytes for each mail.


class Wire(imaplib.IMAP4):
    """A connection whose reads end in time, or raise OSError or `abort`."""

    def __init__(self, place: tuple[str, int], *, connecting: float, silence: float) -> None:
        """Host and port; both waits in seconds. Does no I/O, so that another thread can hang up at any time."""
        self._place = place
        self._connecting = connecting
        self._silence = silence
        self._context: ssl.SSLContext | None = None
        self._hung_up = False
        self._buffer = bytearray()
        self._exists: object = b""  # What the server last said of it.
        self._filled_from: socket.socket | None = None

    def connect(self, context: ssl.SSLContext | None) -> None:
        """Connect and hear the greeting; without a context it begins in the clear."""
        self._context = context
        self.allow(_LONGEST_LINE, 3 * self._connecting)
        super().__init__(*self._place, self._connecting)

    def allow(self, size: int, seconds: float) -> None:
        """How many bytes the server may send from now on, and how long the next answer may take."""
        self._left = size
        self._until = time.monotonic() + seconds
        if self._filled_from is not None:
            self.sock.settimeout(seconds)  # For what is sent; each read has its own.

    def read(self, size: int) -> bytes:
        """A literal; raises `abort` where it is larger than what is allowed."""
        self._check_origin()
        if size > self._left + len(self._buffer):
            raise self.abort(f"the server announces {size} bytes, and {self._left} are the most that was asked for")
        while len(self._buffer) < size:
            self._fill()
        return self._take(size)

    def readline(self) -> bytes:
        """A line with its end."""
        self._check_origin()
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LONGEST_LINE:
                raise self.abort("the server sends a line without an end")
            self._fill()
        return self._take(end + 1)

    def watch(self, seconds: float) -> None:
        """Wait until the server tells of anything, at most so long (RFC 2177). Anything may have happened then."""
        if self._has_news():
            return  # It came with the answer to the last command, too late to be in that answer.
        self.allow(_LONGEST_LINE, 2 * self._silence)
        tag = self._command("IDLE")
        while self._get_response() is not None:
            if self.tagged_commands[tag] is not None:
                break  # It refuses; what it says of that is read below.
        else:
            end = time.monotonic() + seconds
            # New mail may have been told of before the server was ready to be idle.
            if "EXISTS" not in self.untagged_responses:
                self._wait_for_line(end)
            self.allow(_LONGEST_LINE, 2 * self._silence)
            self.send(b"DONE\r\n")
        kind, said = self._command_complete("IDLE", tag)
        if kind != "OK":
            raise self.error(f"the server refuses IDLE: {said!r}")
        self._has_news()  # Whoever waited looks now.

    def _has_news(self) -> bool:
        """Whether the number of mails changed since this was asked; some servers tell it over and over."""
        told = self.untagged_responses.pop("EXISTS", [])
        removed = self.untagged_responses.pop("EXPUNGE", [])
        changed = bool(removed) or (bool(told) and told[-1] != self._exists)
        self._exists = told[-1] if told else self._exists
        return changed

    def hang_up(self) -> None:
        """End whatever waits on this connection, from any thread."""
        self._hung_up = True
        # Not the SSL socket's own way, which must not be taken while another thread reads. Before the connection is
        # made there is no socket, and the first read ends it.
        with contextlib.suppress(OSError, AttributeError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close_down(self) -> None:
        """Let go of the socket, if there is one; in the thread that uses it."""
        with contextlib.suppress(OSError, AttributeError):
            self.shutdown()

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        made = socket.create_connection((self.host, self.port), timeout)
        return made if self._context is None else self._context.wrap_socket(made, server_hostname=self.host)

    def _check_origin(self) -> None:
        """What was sent in the clear must not be taken for what the encrypted server says."""
        if self._hung_up:
            raise self.abort("the connection was hung up")
        if self.sock is not self._filled_from:
            if self._buffer:
                raise self.abort("the server sent something between STARTTLS and encryption")
            self._filled_from = self.sock

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _remaining(self) -> float:
        remaining = self._until - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the server did not come to the end of its answer in time")
        return remaining

    def _fill(self) -> None:
        """Take in what is there, or wait for it."""
        self.sock.settimeout(min(self._silence, self._remaining()))
        self._keep(self.sock.recv(_CHUNK))
        self.sock.settimeout(self._remaining())

    def _keep(self, data: bytes) -> None:
        if not data:
            raise self.abort("the server closed the connection")
        self._left -= len(data)
        if self._left < 0:
            raise self.abort("the server sends more than was asked for")
        self._buffer += data

    def _wait_for_line(self, end: float) -> None:
        """Wait for a whole line, at most until `end`; it stays in the buffer."""
        poller = select.poll()
        poller.register(self.sock, select.POLLIN)
        self.sock.setblocking(False)
        try:
            while b"\n" not in self._buffer:
                with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
                    self._keep(self.sock.recv(_CHUNK))
                    continue
                # TLS has records of its own that are no data, so that a readable socket promises nothing.
                if not poller.poll(max(0.0, end - time.monotonic()) * 1000):
                    return
        finally:
            self.sock.settimeout(self._silence)
