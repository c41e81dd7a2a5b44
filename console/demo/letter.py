"""A mail as a customer's mail program or mail server writes it: by Python's `email`, so that it is no code of ours."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from console.demo.scene import Written
from console.demo.sink import Mail

# Without a limit on lines: Python would break a long Message-ID in two by encoding it.
_POLICY = SMTP.clone(cte_type="8bit", max_line_length=None)


def letter(written: Written, *, to: str, at: datetime, message_id: str, answered: Mail | None = None) -> bytes:
    """The bytes to send; `answered` is the mail that it replies to."""
    mail = EmailMessage(_POLICY)
    mail["From"] = formataddr((written.name, written.address))
    mail["To"] = to
    mail["Subject"] = written.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    if written.automatic:
        mail["Auto-Submitted"] = "auto-replied"  # RFC 3834, section 5.
    text = written.text
    if answered is not None:
        subject = answered.subject
        mail.replace_header("Subject", subject if subject.lower().startswith("re:") else f"Re: {subject}")
        mail["In-Reply-To"] = answered.message_id
        mail["References"] = " ".join((*answered.references, answered.message_id))  # RFC 5322, section 3.6.4.
        text += "\n\n" + "\n".join(f"> {line}" for line in answered.text.splitlines())
    mail.set_content(text + "\n", cte="8bit")
    return mail.as_bytes()
