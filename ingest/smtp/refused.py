"""What a client is told instead of being served."""

from store.errors import DeskwireError


class Refused(DeskwireError):
    """A command or a mail is not taken."""

    def __init__(self, reply: str, *, hang_up: bool = False) -> None:
        super().__init__(reply)
        self.reply = reply
        self.hang_up = hang_up  # Its end was not reached: what follows is no command.
