"""A relay that takes every mail and forgets it, so that what Deskwire sends out costs only what Deskwire does."""

import argparse
import asyncio

_END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One connection; answers pipelined commands in order."""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._heard = bytearray()
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer all that is whole."""
        self._heard += data
        while (end := self._heard.find(_END if self._in_data else b"\r\n")) >= 0:
            line = bytes(self._heard[: min(end, 4)]).upper()
            del self._heard[: end + (len(_END) if self._in_data else 2)]
            if self._in_data:
                self._in_data = False
                self._transport.write(b"250 taken\r\n")
            elif line == b"DATA":
                self._in_data = True
                self._heard[:0] = b"\r\n"  # The end of an empty mail begins with the CRLF of DATA.
                self._transport.write(b"354 go on\r\n")
            elif line == b"EHLO":
                self._transport.write(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
            elif line == b"QUIT":
                self._transport.write(b"221 bye\r\n")
                self._transport.close()
            else:
                self._transport.write(b"250 ok\r\n")


async def serve(port: int) -> None:
    """Take mail until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("port", type=int)
    asyncio.run(serve(arguments.parse_args().port))
