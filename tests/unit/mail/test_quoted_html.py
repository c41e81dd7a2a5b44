"""What mail programs quote in HTML is found in the text that is made of it; the words are ours."""

import pytest

from ingest.channels.mail.html import html_to_text
from normalize.quotes import split
from normalize.text import clean_text

DESK = "Desk &lt;desk@example.org&gt;"

PAGES = {
    "Gmail": '<div dir="ltr">Reply</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, 2 Mar 2026 '
    f'at 9:30 {DESK} wrote:<br></div><blockquote class="gmail_quote">Hello<br>you</blockquote></div>',
    "Gmail, a language not listed": '<div dir="ltr">Reply</div><div class="gmail_quote"><div class="gmail_attr">Di '
    f'sgrìobh {DESK}:<br></div><blockquote class="gmail_quote">Hello</blockquote></div>',
    "Outlook": '<div>Reply</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg" dir="ltr"><b>From:</b> '
    f"{DESK}<br><b>Sent:</b> Monday<br><b>To:</b> Jan<br><b>Subject:</b> Hi<div>&nbsp;</div></div><div>Hello</div>",
    "Outlook, a language not listed": '<div>Reply</div><hr><div id="divRplyFwdMsg"><b>Bho:</b> '
    f"{DESK}<br><b>Cuireadh:</b> 2<br><b>Gu:</b> Jan<br><b>Cuspair:</b> Hi</div><div>Hello</div>",
    "Outlook, paragraphs": f'<p class="MsoNormal">Reply</p><div><p class="MsoNormal"><b>Von:</b> {DESK}<br><b>Gesendet:'
    '</b> Montag<br><b>An:</b> Jan<br><b>Betreff:</b> Hi</p></div><p class="MsoNormal">Hello</p>',
    "Yahoo": '<div>Reply</div><div class="yahoo_quoted"><div>On Monday, March 2, 2026 at 09:30:00 AM GMT+1, '
    f"{DESK} wrote: </div><div><br></div><div>Hello</div></div>",
    "Thunderbird": '<p>Reply</p><div class="moz-cite-prefix">Am 02.03.26 um 09:30 schrieb Desk:<br></div>'
    '<blockquote type="cite"><p>Hello</p></blockquote><br>',
    "Mail.ru": "<div>Reply</div><blockquote>Понедельник, 2 марта 2026, 9:30 +03:00 от "
    f"{DESK}:<br><div>Hello</div></blockquote>",
    "Apple": f'Reply<br><div><br><blockquote type="cite"><div>On 2 Mar 2026, at 09:30, {DESK} wrote:</div><br>'
    "<div>Hello</div></blockquote></div>",
    "QQ": "<div>Reply</div><div>------------------&nbsp;原始邮件&nbsp;------------------</div><div><b>发件人:</b> "
    f"{DESK};</div><div><b>主题:</b>x</div><div>Hello</div>",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_what_is_quoted_in_html_is_cut_off(page: str) -> None:
    parts = split(clean_text(html_to_text(page)))

    assert parts.visible == "Reply"
    assert "Hello" in parts.quoted


def test_what_a_person_sets_off_in_html_stays() -> None:
    page = "<p>Dear all,</p><blockquote>Less is more.</blockquote><p>Agreed?</p>"

    assert "Less is more." in split(clean_text(html_to_text(page))).visible
