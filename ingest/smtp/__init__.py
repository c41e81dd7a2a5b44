"""Mail over SMTP and LMTP."""

from ingest.smtp.listener import SmtpListener
from ingest.smtp.mailboxes import Mailbox, SmtpMail
from ingest.smtp.settings import SmtpSettings

__all__ = ["Mailbox", "SmtpListener", "SmtpMail", "SmtpSettings"]
