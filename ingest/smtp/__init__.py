"""Mail over SMTP and LMTP."""

from ingest.smtp.body import Content
from ingest.smtp.listener import SmtpListener
from ingest.smtp.mailboxes import Mailbox, SmtpMail
from ingest.smtp.settings import SmtpSettings

__all__ = ["Content", "Mailbox", "SmtpListener", "SmtpMail", "SmtpSettings"]
