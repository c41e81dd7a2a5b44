"""What people read, word for word: isolates are shown as ⟦ and ⟧."""

import re
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from notifier.plan import plan
from notifier.policy import Policy
from notifier.render import Templates, render
from store.events import SENT_AGAIN, TicketEvent
from store.outgoing import Outgoing, Purpose
from store.records import Address, Proof, Reason
from store.tokens import actor_of

MakeEvent = Callable[..., TicketEvent]
LANGUAGES = ["en", "pl", "ru", "fa"]

SUBJECTS = {
    "en": "Cannot log in",
    "pl": "Nie mogę się zalogować",
    "ru": "Не могу войти",
    "fa": "نمی‌توانم وارد شوم",
}

BY_MAIL = {
    "en": (
        "Re: Cannot log in [Nordwind Help Desk 482917]",
        "Your message arrived. Number: ⟦482917⟧",
        "Our team has it now. The answer comes to this address.",
        "To add details or files, reply to this mail.",
        "This receipt is automatic and is sent once for each request.",
    ),
    "pl": (
        "Re: Nie mogę się zalogować [Nordwind Help Desk 482917]",
        "Zgłoszenie przyjęte. Numer: ⟦482917⟧",
        "Jest już u naszego zespołu. Odpowiedź przyjdzie na ten adres.",
        "Szczegóły lub pliki można dosłać, odpowiadając na tę wiadomość.",
        "To automatyczne potwierdzenie, wysyłane raz dla każdego zgłoszenia.",
    ),
    "ru": (
        "Re: Не могу войти [Nordwind Help Desk 482917]",
        "Обращение принято. Номер: ⟦482917⟧",
        "Оно уже у наших специалистов. Ответ придёт на этот адрес.",
        "Чтобы добавить подробности или файлы, ответьте на это письмо.",
        "Это автоматическое подтверждение; по каждому обращению приходит одно.",
    ),
    "fa": (
        "Re: نمی‌توانم وارد شوم [Nordwind Help Desk 482917]",
        "پیام شما رسید. شمارهٔ پیگیری: ⟦482917⟧",
        "همکاران ما آن را دریافت کرده‌اند. پاسخ به همین نشانی فرستاده می‌شود.",
        "برای افزودن توضیح یا فایل، به همین ایمیل پاسخ دهید.",
        "این رسید خودکار است و برای هر درخواست فقط یک بار فرستاده می‌شود.",
    ),
}

BY_CHAT = {
    "en": (
        "✅ Your message arrived. Number: ⟦482917⟧",
        "“⟦Cannot log in⟧”",
        "Our team has it now. The answer comes here.",
        "More to add? Just write here.",
    ),
    "pl": (
        "✅ Zgłoszenie przyjęte. Numer: ⟦482917⟧",
        "„⟦Nie mogę się zalogować⟧”",
        "Jest już u naszego zespołu. Odpowiedź przyjdzie tutaj.",
        "Coś jeszcze? Wystarczy napisać tutaj.",
    ),
    "ru": (
        "✅ Обращение принято. Номер: ⟦482917⟧",
        "«⟦Не могу войти⟧»",
        "Оно уже у наших специалистов. Ответ придёт сюда.",
        "Есть что добавить? Пишите прямо сюда.",
    ),
    "fa": (
        "✅ پیام شما رسید. شمارهٔ پیگیری: ⟦482917⟧",
        "«⟦نمی‌توانم وارد شوم⟧»",
        "همکاران ما آن را دریافت کرده‌اند. پاسخ همین‌جا می‌آید.",
        "توضیح دیگری دارید؟ همین‌جا بنویسید.",
    ),
}

UNPROVEN = {
    "en": (
        "Your message arrived [Nordwind Help Desk 482917]",
        "⟦Nordwind Help Desk⟧: a message with this sender address arrived. Number: ⟦482917⟧",
        "Our team has it now. The answer comes to this address.",
        "To add details or files, reply to this message.",
        "If you did not write to us, you need not do anything.",
    ),
    "pl": (
        "Zgłoszenie przyjęte [Nordwind Help Desk 482917]",
        "⟦Nordwind Help Desk⟧: nadeszła wiadomość z tym adresem nadawcy. Numer: ⟦482917⟧",
        "Jest już u naszego zespołu. Odpowiedź przyjdzie na ten adres.",
        "Szczegóły lub pliki można dosłać, odpowiadając na tę wiadomość.",
        "Jeśli to pomyłka, nie trzeba nic robić.",
    ),
    "ru": (
        "Обращение принято [Nordwind Help Desk 482917]",
        "⟦Nordwind Help Desk⟧: получено сообщение с этим адресом отправителя. Номер: ⟦482917⟧",
        "Оно уже у наших специалистов. Ответ придёт на этот адрес.",
        "Чтобы добавить подробности или файлы, ответьте на это сообщение.",
        "Если это ошибка, ничего делать не нужно.",
    ),
    "fa": (
        "پیام شما رسید [Nordwind Help Desk 482917]",
        "⟦Nordwind Help Desk⟧: پیامی با این نشانیِ فرستنده رسید. شمارهٔ پیگیری: ⟦482917⟧",
        "همکاران ما آن را دریافت کرده‌اند. پاسخ به همین نشانی فرستاده می‌شود.",
        "برای افزودن توضیح یا فایل، به همین پیام پاسخ دهید.",
        "اگر این پیام از شما نیست، لازم نیست کاری انجام دهید.",
    ),
}

LAST_LINE = {"en": "Number", "pl": "Numer", "ru": "Номер", "fa": "شمارهٔ پیگیری"}

ALERT = """\
📥 ⟦P2⟧ · ⟦482917⟧ · ⟦Cannot log in after password reset⟧
From: ⟦Sara Ahmadi⟧ (⟦sara@delta.example⟧) · ⟦mail-it⟧
Category: ⟦access⟧ · ⟦passwords⟧, ⟦deskwire.yaml:101⟧, ⟦“password”⟧
Team: ⟦servicedesk⟧ · ⟦default⟧
Files: ⟦1⟧

⟦I cannot log in after the password reset.⟧
⟦I cannot work.⟧

Answer the customer:
deskwire ticket answer 482917 "..."\
"""

FOLLOW_UP = """\
💬 ⟦P2⟧ · ⟦482917⟧ · ⟦نمی‌توانم وارد شوم⟧
فرستنده: ⟦Sara⟧ · ⟦bot⟧
پیام تازه‌ای در همین درخواست.
مبنای تطبیق: ⟦chat⟧
دسته: ⟦access⟧

⟦هنوز 3 خطا می‌بینم.⟧

پاسخ به مشتری:
deskwire ticket answer 482917 "..."\
"""

TROUBLE = """\
⚠️ ⟦P2⟧ · ⟦482917⟧ · ⟦Cannot log in after password reset⟧
Odpowiedź nie dotarła do klienta. Nie będzie wysłana ponownie.
Powód: ⟦550 5.1.1 no such user⟧
Kanał: ⟦mail-it⟧

Ponowna odpowiedź:
deskwire ticket answer 482917 "..."\
"""


def shown(text: str) -> str:
    return text.replace("\u2068", "⟦").replace("\u2069", "⟧")


def first(event: TicketEvent, policy: Policy, templates: Templates) -> Outgoing:
    return render(plan(event, policy)[0], templates)


def alert(event: TicketEvent, policy: Policy, templates: Templates, language: str = "en") -> Outgoing:
    return render(plan(event, replace(policy, languages=(language,)))[-1], templates)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_is_acknowledged_in_the_customer_s_language(
    by_mail: MakeEvent, policy: Policy, templates: Templates, language: str
) -> None:
    outgoing = first(by_mail(language=language, subject=SUBJECTS[language]), policy, templates)

    assert outgoing.subject == BY_MAIL[language][0]
    assert shown(outgoing.text).split("\n") == list(BY_MAIL[language][1:])
    assert outgoing.language == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chat_is_acknowledged_in_the_customer_s_language(
    by_chat: MakeEvent, policy: Policy, templates: Templates, language: str
) -> None:
    outgoing = first(by_chat(language=language, subject=SUBJECTS[language]), policy, templates)

    assert shown(outgoing.text).split("\n") == list(BY_CHAT[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unproven_sender_reads_nothing_that_a_stranger_wrote(
    by_mail: MakeEvent, policy: Policy, templates: Templates, language: str
) -> None:
    event = by_mail(
        language=language,
        proof=Proof.CLAIMED,
        subject="BUY NOW",
        text="BUY NOW",
        customer=Address(kind="mail", value="sara@delta.example", name="BUY NOW"),
    )

    outgoing = first(event, policy, templates)

    assert outgoing.subject == UNPROVEN[language][0]
    assert shown(outgoing.text).split("\n") == list(UNPROVEN[language][1:])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_is_the_technician_s_words_and_the_number(
    by_mail: MakeEvent, policy: Policy, templates: Templates, language: str
) -> None:
    words = "Konto 12 jest <b>otwarte</b>.\n\n\n  {{ nothing }} حساب 12 باز است."
    event = by_mail("answered", language=language, subject=SUBJECTS[language], text=words)

    outgoing = first(event, policy, templates)

    assert outgoing.subject == BY_MAIL[language][0]
    assert shown(outgoing.text) == f"{words}\n\n⟦Nordwind Help Desk⟧ · {LAST_LINE[language]}: ⟦482917⟧"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["acknowledgement", "acknowledgement-chat", "acknowledgement-unproven"])
def test_an_acknowledgement_has_at_most_four_lines_and_no_name(
    by_mail: MakeEvent, policy: Policy, templates: Templates, language: str, template: str
) -> None:
    planned = replace(plan(by_mail(language=language), policy)[0], template=template)

    outgoing = render(planned, templates)

    assert outgoing.text.count("\n") <= 3
    assert "Sara" not in outgoing.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["opened", "continued", "reopened", "answered", "delivery-failed"])
def test_every_number_stands_in_an_isolate_of_its_own(
    by_mail: MakeEvent, policy: Policy, templates: Templates, language: str, kind: str
) -> None:
    for planned in plan(by_mail(kind, language=language), replace(policy, languages=(language,))):
        text = render(planned, templates).text
        outside = re.sub("\u2068[^\u2069]*\u2069", "", text).replace('answer 482917 "', "")

        assert "\u2068482917\u2069" in text
        assert not re.search(r"\d", outside)
        for line in text.split("\n"):
            assert line.count("\u2068") == line.count("\u2069")


def test_an_alert_says_what_it_is_about_why_it_came_here_and_how_to_answer(
    by_mail: MakeEvent, policy: Policy, templates: Templates
) -> None:
    outgoing = alert(by_mail(), policy, templates)

    assert shown(outgoing.text) == ALERT
    assert outgoing.subject == "[Nordwind Help Desk 482917] Cannot log in after password reset"


def test_a_follow_up_says_by_what_it_was_matched(by_chat: MakeEvent, policy: Policy, templates: Templates) -> None:
    event = by_chat("continued", subject=SUBJECTS["fa"], text="هنوز 3 خطا می‌بینم.", attachments=(), team="")
    because = (Reason(part="conversation", result="continued 482917", rule="chat"),)
    matched = replace(event, decision=replace(event.decision, because=because))

    assert shown(alert(matched, policy, templates, "fa").text) == FOLLOW_UP


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Also sent by ⟦bot⟧: the same once more."),
        ("pl", "To samo przyszło też przez ⟦bot⟧."),
        ("ru", "То же самое пришло и через ⟦bot⟧."),
        ("fa", "همین پیام از راه ⟦bot⟧ هم آمد."),
    ],
)
def test_a_card_says_that_the_same_came_by_another_channel(
    by_chat: MakeEvent, policy: Policy, templates: Templates, language: str, words: str
) -> None:
    event = by_chat("continued")
    because = (Reason(part="conversation", result="joined 482917", rule=SENT_AGAIN),)
    joined = replace(event, decision=replace(event.decision, because=because))

    assert words in shown(alert(joined, policy, templates, language).text).split("\n")


def test_a_team_hears_why_an_answer_did_not_arrive(by_mail: MakeEvent, policy: Policy, templates: Templates) -> None:
    event = by_mail("delivery-failed", message=None, text="550 5.1.1\n no such user")

    assert shown(alert(event, policy, templates, "pl").text) == TROUBLE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["delivery-failed", "delivery-in-doubt"])
def test_a_team_hears_whom_of_several_an_answer_did_not_reach(
    by_mail: MakeEvent, policy: Policy, templates: Templates, language: str, kind: str
) -> None:
    event = by_mail(kind, message=None, participants=(Address(kind="mail", value="max@delta.example"),))
    others, customers = (
        shown(alert(replace(event, text=f"{address}: 550 5.1.1"), policy, templates, language).text).split("\n")[1]
        for address in ("Max@delta.example", "sara@delta.example")
    )

    assert "⟦max@delta.example⟧" in others
    assert "@" not in customers


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flood_is_told_with_who_writes_so_much(
    by_mail: MakeEvent, policy: Policy, templates: Templates, language: str
) -> None:
    flood = Reason(part="conversation", result="continued 482917", rule="flood", evidence="20 tickets within 0:10:00")
    event = by_mail("loop-suspected")
    event = replace(event, decision=replace(event.decision, because=(flood,)))
    lines = shown(alert(event, policy, templates, language).text).split("\n")

    assert "⟦sara@delta.example⟧" in lines[1]
    assert "⟦“20 tickets within 0:10:00”⟧" in lines[3]
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"proof": Proof.CLAIMED}, "The sender’s address is not verified."),
        ({"proof": Proof.FAILED}, "⚠️ The check of the sender’s address failed: it may be forged."),
        ({"unreadable": "1001 parts"}, "⚠️ This message could not be read: ⟦1001 parts⟧. The original is kept."),
        ({"automated": "list"}, "Written by a machine: ⟦list⟧"),
        ({"reply_path": None}, "This ticket has no reply address, so it cannot be answered from here."),
        ({"kind": "reopened"}, "This ticket is open again."),
    ],
)
def test_an_alert_says_what_is_unusual(
    by_mail: MakeEvent, policy: Policy, templates: Templates, changes: dict[str, object], line: str
) -> None:
    usual = shown(alert(by_mail(), policy, templates).text)
    unusual = shown(alert(by_mail(**{"kind": "opened", **changes}), policy, templates).text)

    assert line in unusual.split("\n")
    assert line not in usual


def test_a_doubtful_answer_is_not_called_a_failed_one(by_mail: MakeEvent, policy: Policy, templates: Templates) -> None:
    text = alert(by_mail("delivery-in-doubt", message=None, text="no answer"), policy, templates).text

    assert "may have reached the customer, or not" in text
    assert "did not reach" not in text


def test_a_priority_names_the_rules_that_made_it(by_mail: MakeEvent, policy: Policy, templates: Templates) -> None:
    because = (
        Reason(part="impact", result="low", rule="no rule matches"),
        Reason(part="urgency", result="high", rule="urgent", place="deskwire.yaml:114", evidence="cannot work"),
        Reason(part="priority", result="P2", rule="matrix", evidence="impact low, urgency high"),
    )
    event = by_mail()
    text = alert(replace(event, decision=replace(event.decision, because=because)), policy, templates).text

    told = "Priority: ⟦P2⟧ · ⟦matrix⟧, ⟦“impact low, urgency high”⟧; ⟦urgent⟧, ⟦deskwire.yaml:114⟧, ⟦“cannot work”⟧"
    assert told in shown(text)


def test_a_chat_s_only_line_is_not_said_twice(by_chat: MakeEvent, policy: Policy, templates: Templates) -> None:
    text = alert(by_chat(subject="It is broken", text="It is broken"), policy, templates).text

    assert text.count("It is broken") == 1


@pytest.mark.parametrize("filler", ["x", "😀", "<", "\n", "x\n", "\u202e", "ب"])
def test_an_alert_never_exceeds_what_chats_take(
    by_mail: MakeEvent, policy: Policy, templates: Templates, filler: str
) -> None:
    huge = filler * 100_000
    reason = Reason(part="team", result=huge, rule=huge, place=huge, evidence=huge)
    event = by_mail(
        subject=huge,
        text=huge,
        unreadable=huge,
        automated=huge,
        priority=huge,
        category=huge,
        team=huge,
        customer=Address(kind="mail", value=huge, name=huge),
        sender=Address(kind="mail", value=huge, name=huge),
    )
    event = replace(event, decision=replace(event.decision, because=(reason,)))

    outgoing = alert(event, policy, templates)

    assert len(outgoing.text.encode("utf-16-le")) // 2 <= 4096
    assert "\u202e" not in outgoing.text
    assert len(outgoing.subject) <= 250


@pytest.mark.parametrize(
    ("subject", "own"),
    [
        ("Re: Cannot log in", "Cannot log in"),
        ("RE: Odp: Отв: Cannot log in", "Cannot log in"),
        ("Re[2]: Cannot log in", "Cannot log in"),
        ("Re: Cannot log in [Nordwind Help Desk 482917]", "Cannot log in"),
        ("Report of Monday: all is well", "Report of Monday: all is well"),
        ("Bcc: x\r\nBcc: evil@example.org", "Bcc: x Bcc: evil@example.org"),
    ],
)
def test_a_subject_is_quoted_without_what_mail_programs_add(
    by_mail: MakeEvent, policy: Policy, templates: Templates, subject: str, own: str
) -> None:
    outgoing = first(by_mail(subject=subject), policy, templates)

    assert outgoing.subject == f"Re: {own} [Nordwind Help Desk 482917]"


def test_a_mail_without_a_subject_gets_one(by_mail: MakeEvent, policy: Policy, templates: Templates) -> None:
    outgoing = first(by_mail(subject=" "), policy, templates)

    assert outgoing.subject == "Your message arrived [Nordwind Help Desk 482917]"


def test_what_goes_to_the_customer_joins_their_conversation(
    by_mail: MakeEvent, policy: Policy, templates: Templates
) -> None:
    event = by_mail()
    courtesy, told = (render(one, templates) for one in plan(event, policy))

    assert (courtesy.references, courtesy.actor) == (("<first@delta.example>",), actor_of(event.ticket.customer))
    assert (told.references, told.actor) == ((), "")


def test_an_outgoing_message_carries_its_effect_and_the_event_s_time(
    by_mail: MakeEvent, policy: Policy, templates: Templates
) -> None:
    event = by_mail("answered", text="Done.")
    (planned,) = plan(event, policy)

    outgoing = render(planned, templates)

    assert outgoing.key == planned.effect
    assert outgoing.delivery == planned.delivery
    assert (outgoing.purpose, outgoing.address) == (Purpose.ANSWER, "sara@delta.example")
    assert (outgoing.ticket, outgoing.at) == (482917, event.at)
    assert render(planned, templates) == outgoing


def test_an_alert_says_what_the_customer_is_known_as(by_mail: MakeEvent, policy: Policy, templates: Templates) -> None:
    event = by_mail()
    known = Reason(part="customer", result="Acme", rule="known by deskwire.yaml", place="deskwire.yaml:51")
    decision = replace(event.decision, because=(*event.decision.because, known))

    believed = plan(replace(event, decision=decision), policy)[1]
    forged = plan(replace(by_mail(proof=Proof.FAILED), decision=decision), policy)[1]

    assert "Customer: \u2068Acme\u2069" in render(believed, templates).text
    assert "Acme" not in render(forged, templates).text
