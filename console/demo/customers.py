"""Does what the pretend customers do: each act goes in by a front door, as any customer's would."""

from datetime import datetime

from config.build import now
from console import send
from console.demo.botapi import BotApi
from console.demo.cast import ADDRESS
from console.demo.desk import Places
from console.demo.letter import letter
from console.demo.patience import PATIENCE, until
from console.demo.scene import Filled, Said, Written
from console.demo.sink import Mail, Sink
from store.codec import digest_of
from store.errors import Temporary


class Customers:
    """All of them."""

    def __init__(self, places: Places, api: BotApi, sink: Sink) -> None:
        self._places = places
        self._api = api
        self._sink = sink
        self._letters: dict[Written, bytes] = {}  # A mail that is delivered again is the same to the last byte.

    async def do(self, act: Said | Written | Filled) -> list[str]:
        """Send it, and return the pages that the presses of a form's button led to; none for the others.

        What goes in by mail or form is accepted then. Raises Permanent or Temporary where the desk does not accept it.
        """
        match act:
            case Said():
                self._api.say(act.person, act.text)
            case Written():
                await self._mail(act)
            case Filled():
                fields = {"name": act.name, "email": act.email, "message": act.text}
                return await send.posted(f"{self._places.form}?lang={act.language}", fields, presses=act.presses)
        return []

    async def _mail(self, written: Written) -> None:
        if written not in self._letters:
            self._letters[written] = await self._composed(written, now())
        await send.handed_over(
            self._letters[written],
            sender="" if written.automatic else written.address,
            to=ADDRESS,
            host="127.0.0.1",
            port=self._places.mail_in,
        )

    async def _composed(self, written: Written, at: datetime) -> bytes:
        domain = written.address.partition("@")[2]
        message_id = f"<{digest_of(repr(written).encode())[:24]}@{domain}>"
        answered = await self._acknowledgement(written.address) if written.answers else None
        to = answered.reply_to if answered else ADDRESS
        return letter(written, to=to, at=at, message_id=message_id, answered=answered)

    async def _acknowledgement(self, address: str) -> Mail:
        if not await until(lambda: bool(self._sink.to(address))):
            raise Temporary(
                f"{address} got no acknowledgement within {PATIENCE:.0f} s: the desk is stuck, or this computer is busy"
            )
        return self._sink.to(address)[-1]
