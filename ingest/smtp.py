"""The SMTP and LMTP listeners, on which channels claim addresses."""


class SmtpListener:
    """One listener."""
