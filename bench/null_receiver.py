"""The yardstick: aiosmtpd as it comes, with a handler that keeps nothing."""

import argparse
import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

MOST = 64 * 1024 * 1024  # Bytes of a mail: no mail of the workload is refused.


class Forgetful:
    """Says 250 to everything."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """The hook that aiosmtpd calls."""
        return "250 OK"


async def serve(port: int) -> None:
    """Take mail until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Forgetful(), enable_SMTPUTF8=True, data_size_limit=MOST, hostname="bench.example"),
        "127.0.0.1",
        port,
        backlog=512,
    )
    await server.serve_forever()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("port", type=int)
    asyncio.run(serve(arguments.parse_args().port))
