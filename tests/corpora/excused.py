"""What the sources leave out or get wrong: each case, and why."""

from collections.abc import Mapping

# (set, file, figure) -> why what the source says is not what a help desk should read.
EXCUSED: Mapping[tuple[str, str, str], str] = {
    ("flufl_bounce", "qmail_08.txt", "kind"): "an automatic reply, and the source names nobody who failed",
    ("zammad_mail", "mail085.box", "text"): "the source drops the plain alternative, in which the customer wrote more",
    ("zammad_mail", "mail085.box", "attachments"): "a page of the HTML alternative is no file of the mail's",
    ("stalwart_mail_parser", "legacy_048.eml_lf", "attachments"): "the source leaves x-uuencode undecoded",
    ("stalwart_mail_parser", "malformed_021.eml_lf", "text"): "the source shows delimiters and the headers of parts",
    ("zbateson_mime", "m1009.txt", "attachments"): "a named text after the body is a file (RFC 8621, 4.1.4)",
    ("sisimai_bounces", "lhost-amazonses-11.eml_bsd", "kind"): "a notice of a complaint, not of a failure",
    ("sisimai_bounces", "lhost-sendmail-14.eml_bsd", "kind"): "a person passes a bounce on, and asks about it",
    ("sisimai_bounces", "make-test-36.eml_err", "kind"): "a person passes a bounce on, and asks about it",
    ("sisimai_bounces", "rb-issue-368-bug.eml_not", "kind"): "a bounce that the source cannot read",
    ("sisimai_bounces", "rb-issue-368-bug.eml_not", "ordinary"): "a bounce that the source cannot read",
}

# (set, file) -> what a mail is of which the source does not say that it is no ordinary one.
KINDS: Mapping[tuple[str, str], str] = {
    ("cpython_email", "msg_05.txt"): "bounce",
    ("cpython_email", "msg_43.txt"): "bounce",
    ("mikel_mail", "mime_emails_raw_email_with_mimepart_without_content_type.eml"): "bounce",
    ("mimekit_messages", "messages_feedback-report.txt"): "arf",
    ("mox_eml", "message_message-rfc822-multipart.eml"): "bounce",
    ("mox_eml", "message_message-rfc822-multipart2.eml"): "bounce",
    ("otobo_postmaster", "EmailParser_PostMaster-Test10.box"): "bounce",
    ("otobo_postmaster", "PostMaster_PostMaster-Test10.box"): "bounce",
    ("rt_emails", "emails_multipart-report"): "bounce",
    ("zammad_mail", "mail018.box"): "bounce",
    ("zammad_mail", "mail052.box"): "bounce",
    ("zammad_mail", "mail063.box"): "bounce",
    ("zammad_mail", "mail078.box"): "bounce",
    ("zammad_mail", "mail092.box"): "bounce",
}
