"""Sends a folder of mails over SMTP, byte for byte, and counts what the server says to them.

    python scripts/send_corpus.py FOLDER --to ADDRESS [--smtp HOST:PORT] [--each]

Takes every `.eml` in FOLDER and below it. Lines that end in LF alone get CRLF, as any mail program does with a file;
where a file has CRLF already, all its bytes go as they are, bare CR and NUL among them. A mail that got no answer, or
one that begins with 4, is sent again: the server may be killed and started again meanwhile.
"""

import argparse
import re
import smtplib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import NamedTuple

PATIENCE = 60.0  # Seconds for one mail to be answered for good.
BREAKS = 5  # A mail at which a server hangs up so often is what it hangs up at.
PAUSE = 0.2  # Seconds before a mail is sent again.

_FROM = re.compile(rb"(?im)^from:[ \t]*(.*)$")
_NULL_SENDER = re.compile(rb"(?im)^return-path:[ \t]*<>")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_REFUSED = 400  # Answers from here on are refusals, from 500 on for good; RFC 5321, 4.2.1.
_FOR_GOOD = 500
_LEAVING = 421
_GO_ON = 354
_DOT = re.compile(rb"(?m)^\.")  # Doubled on its way; RFC 5321, 4.5.2.
_ID = re.compile(r"[0-9a-f]{16,}")  # Of one mail; left out of the table.


class Answer(NamedTuple):
    """What the server said to one mail in the end."""

    path: Path
    code: int  # 0: it hung up, each time.
    text: str
    tries: int  # How often the mail was sent.

    @property
    def accepted(self) -> bool:
        """Whether the server has taken it over."""
        return self.code == 250  # noqa: PLR2004 (RFC 5321, 4.2.3)

    @property
    def kind(self) -> str:
        """The answer without what is different for each mail."""
        return f"{self.code} {_ID.sub('…', self.text)}" if self.code else self.text


class Sender:
    """A client that keeps its connection and comes back when it is lost."""

    def __init__(self, host: str, port: int, recipient: str) -> None:
        """Connects when the first mail is sent."""
        self._host = host
        self._port = port
        self._recipient = recipient
        self._client: smtplib.SMTP | None = None

    def send(self, path: Path) -> Answer:
        """Send one mail until it has an answer for good. Raises OSError where no server comes back in time."""
        content = path.read_bytes()
        until = time.monotonic() + PATIENCE
        tries = breaks = 0
        while True:
            code, text = 0, "no connection"
            try:
                client = self._connected()
                tries += 1
                code, text = _transact(client, envelope_sender(content), self._recipient, on_the_wire(content))
            except OSError as error:  # smtplib's own errors are some.
                breaks += self._client is not None
                text = f"hung up ({type(error).__name__})"
                self.close()
            if 0 < code < _REFUSED or code >= _FOR_GOOD or breaks >= BREAKS:
                return Answer(path, code, text, tries)
            if time.monotonic() > until:
                raise ConnectionError(
                    f"{self._host}:{self._port} did not take {path.name} within {PATIENCE:g} s: {text}"
                )
            time.sleep(PAUSE)

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> smtplib.SMTP:
        if self._client is None:
            client = smtplib.SMTP(local_hostname="corpus.example", timeout=PATIENCE)
            client.connect(self._host, self._port)
            client.ehlo()
            self._client = client
        return self._client


def _transact(client: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> tuple[int, str]:
    """One mail; raises what smtplib does when the connection breaks."""
    code, text = client.mail(sender)
    if code < _REFUSED:
        code, text = client.rcpt(recipient)
    if code < _REFUSED:
        code, text = client.docmd("DATA")
    if code == _GO_ON:
        client.send(_DOT.sub(b"..", content).removesuffix(b"\r\n") + b"\r\n.\r\n")
        code, text = client.getreply()
    if code >= _REFUSED and code != _LEAVING:
        client.docmd("RSET")
    return code, text.decode("ascii", "replace").replace("\n", " ")


def on_the_wire(content: bytes) -> bytes:
    """A file's bytes as a mail program sends them."""
    return content if b"\r\n" in content else content.replace(b"\n", b"\r\n")


def envelope_sender(content: bytes) -> str:
    """Who the mail says that it is from; empty, the null sender, where it came with one."""
    if _NULL_SENDER.search(content):
        return ""
    found = _FROM.search(content)
    _, address = parseaddr(found[1].decode("ascii", "replace")) if found else ("", "")
    return address if _ADDRESS.fullmatch(address) else "corpus@sender.example"


def mails_in(folder: Path) -> list[Path]:
    """Every mail there, in the order of their names."""
    return sorted(folder.rglob("*.eml"))


def send_all(paths: Sequence[Path], host: str, port: int, recipient: str) -> Iterator[Answer]:
    """Send the mails one after the other. Raises OSError where the server stays away."""
    sender = Sender(host, port, recipient)
    try:
        for path in paths:
            yield sender.send(path)
    finally:
        sender.close()


def table(answers: Sequence[Answer]) -> str:
    """How many mails got which answer, the most frequent one first."""
    counted = Counter(answer.kind for answer in answers)
    again = sum(answer.tries > 1 for answer in answers)
    lines = [f"{count:6}  {kind}" for kind, count in counted.most_common()]
    return "\n".join([*lines, f"{len(answers):6}  in all, {again} of them sent more than once"])


def main() -> None:
    """Send what the command line names, and print the table."""
    parser = argparse.ArgumentParser(description="Send a folder of mails over SMTP, and count the answers.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--to", required=True, help="the recipient: an address of the desk")
    parser.add_argument("--smtp", default="127.0.0.1:2525", help="HOST:PORT of the desk's listener")
    parser.add_argument("--each", action="store_true", help="also print each mail's answer")
    options = parser.parse_args()
    paths = mails_in(options.folder)
    if not paths:
        sys.exit(f"there is no .eml file in {options.folder}: name the folder of a corpus")
    host, _, port = options.smtp.rpartition(":")
    answers = []
    try:
        for answer in send_all(paths, host, int(port), options.to):
            answers.append(answer)
            if options.each:
                print(f"{answer.path.relative_to(options.folder)}  {answer.code} {answer.text}", flush=True)
    except OSError as error:
        print(f"{table(answers)}\n", flush=True)
        sys.exit(f"no server takes mail at {options.smtp} any more ({error}): start it with `deskwire run`")
    print(table(answers))


if __name__ == "__main__":
    main()
