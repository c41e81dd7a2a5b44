"""How mail programs introduce what they quote, by program and language; the words are ours."""

import pytest

from normalize.quotes import split
from normalize.text import clean_text

REPLY = "It works again, thank you."

INTRODUCTIONS = {
    "Gmail, English": "On Mon, Mar 2, 2026 at 9:30 AM Help Desk <desk@example.org> wrote:\n\n> Please restart it.",
    "Gmail, English, wrapped": "On Mon, Mar 2, 2026 at 9:30 AM Nordwind Help Desk\n<desk@example.org> wrote:\n> Ok?",
    "Gmail, wrapped in the address": "Op ma 2 mrt 2026 09:30 schreef Help Desk <\ndesk@example.org>:\n\n> Herstart.",
    "Gmail, closed on the next line": "tir. 2. mar. 2026 kl. 09:30 skrev Desk <desk@example.org\n>:\n\n> Ok?",
    "Gmail, wrapped twice": "On Mon, Mar 2, 2026 at 9:30 AM\nNordwind Help Desk <desk@example.org>\nwrote:\n> Ok?",
    "Gmail, Dutch, verb in two lines": 'Op 2 mrt. 2026 09:30 schreef "Desk" <desk@example.org> het\nvolgende '
    "geschreven:\n\n> Herstart.",
    "Gmail, by zone": "2016-03-02 09:30 GMT+01:00 Help Desk <desk@example.org>:\n\n> Ok?",
    "Gmail, by zone, bare": "2016-03-02 09:30 GMT+01:00 Help Desk\n\nPlease restart it.",
    "Gmail, by day, bare, with bars": "2016/3/2 Help Desk <desk@example.org>\n\n| Please restart it.\n| Ola",
    "Gmail, Polish": "pon., 2 mar 2026 o 09:30 Help Desk <desk@example.org> napisał(a):\n\n> Proszę zrestartować.",
    "Gmail, Russian": "пн, 2 мар. 2026 г. в 09:30, Help Desk <desk@example.org>:\n\n> Перезапустите, пожалуйста.",
    "Gmail, Russian, by phone": "понедельник, 2 марта 2026 г. пользователь Ола написал:\n\n> Перезапустите.",
    "Gmail, Persian": "در تاریخ دوشنبه ۲ مارس ۲۰۲۶ ساعت ۹:۳۰ Help Desk <desk@example.org> نوشت:\n\n> دوباره روشن کنید.",
    "Gmail, Turkish": "Help Desk <desk@example.org>, 2 Mar 2026 Pzt, 09:30 tarihinde şunu yazdı:\n> Yeniden başlatın.",
    "Gmail, Hebrew": "\u200fבתאריך יום ב׳, 2 במרץ 2026 ב-9:30 מאת Help Desk <desk@example.org>:\u200f\n\n> שוב.",
    "Gmail, Arabic": "في الاثنين، 2 مارس 2026 في 9:30 كتب Help Desk <desk@example.org>:\n\n> أعد.",
    "Gmail, Korean": "2026년 3월 2일 (월) 오전 9:30, Help Desk <desk@example.org>님이 작성:\n\n> 다시 켜세요.",
    "Gmail, Japanese": "2026年3月2日(月) 9:30 Help Desk <desk@example.org>:\n\n> 再起動してください。",
    "Gmail, Hungarian": "Help Desk <desk@example.org> ezt írta (időpont: 2026. márc. 2., H, 9:30):\n\n> Indítsa újra.",
    "Gmail, Romanian": "În lun., 2 mar. 2026 la 09:30, Help Desk <desk@example.org> a scris:\n\n> Reporniți.",
    "Gmail, Czech": "po 2. 3. 2026 v 9:30 odesílatel Help Desk <desk@example.org> napsal:\n\n> Restartujte.",
    "Gmail, Finnish": "ma 2. maalisk. 2026 klo 9.30 Help Desk (desk@example.org) kirjoitti:\n\n> Käynnistä.",
    "Apple, English": "> On 2 Mar 2026, at 09:30, Ola <ola@example.org> wrote:\n>\n> Please restart it.",
    "Apple, Chinese": "> 在 2026年3月2日，上午9:30，Ola <ola@example.org> 写道：\n>\n> 请重启。",
    "Apple, Danish": "Den 2. mar. 2026 kl. 09.30 skrev Ola <ola@example.org>:\n\nGenstart den.",
    "Thunderbird, Polish": "W dniu 2.03.2026 o 09:30, Help Desk pisze:\n> Proszę uruchomić ponownie.",
    "Thunderbird, Russian": "02.03.2026 09:30, Help Desk пишет:\n> Перезапустите.",
    "Thunderbird, German": "Am 02.03.26 um 09:30 schrieb Help Desk:\n> Bitte neu starten.",
    "Thunderbird, a language not listed": "Ar 02/03/2026 09:30, sgrìobh Help Desk an seo:\n> Restart.",
    "Mail.ru": "Понедельник, 2 марта 2026, 9:30 +03:00 от Help Desk <desk@example.org>:\n \n> Перезапустите.",
    "Yandex": '02.03.2026, 09:30, "Help Desk" <desk@example.org>:\nПерезапустите.',
    "The Bat!": "Вы писали 2 марта 2026 г., 9:30:21:\n\n> Перезапустите.",
    "Yahoo": "--------------------------------------------\nOn Mon, 3/2/26, Desk <desk@example.org> wrote:\n\n Ok?",
    "Wirtualna Polska": "Dnia 2 marca 2026 09:30 Help Desk <desk@example.org> napisał(a):\n\nProszę.",
    "Lotus Notes": "Help Desk/Nordwind wrote on 03/02/2026 09:30:15 AM:\n\n> Please restart it.",
    "iCloud, Portuguese": "Em 2 de mar. de 2026, à(s) 09:30, Ola (\nola@example.org) escreveu:\n\nReinicie.",
    "Spanish": "El lunes, 2 de marzo de 2026, Ola escribió:\n\n> Reinicie.",
    "Italian": 'In data 2 marzo 2026 09:30:11 "Ola" <ola@example.org> ha scritto:\n\nRiavviare.',
    "French": "Le lun. 2 mars 2026 à 09:30, Help Desk <desk@example.org> a écrit :\n> Redémarrez.",
    "Ukrainian": "пн, 2 бер. 2026 р. о 09:30 Help Desk <desk@example.org> пише:\n> Перезапустіть.",
    "Chinese": "Help Desk <desk@example.org> 于2026年3月2日周一 09:30写道：\n> 请重启。",
    "Zoho": "---- On Mon, 02 Mar 2026 09:30:00 +0100 desk@example.org wrote ----\n\nPlease restart it.",
    "a name alone": "Ola Nowak wrote:\n> Please restart it.",
    "no date": "On Thursday you wrote to desk@example.org:\n> Please restart it.",
    "quote alone": "> Please restart it.\n>\n> Ola",
}

BLOCKS = {
    "Outlook, English": "________________________________\nFrom: Help Desk <desk@example.org>\nSent: Monday 09:30\n"
    "To: Jan\nSubject: RE: Printer\n\nPlease restart it.",
    "Outlook, bold": "*From:* Help Desk [mailto:desk@example.org]\n*Sent:* Monday\n*To:* Jan\n*Subject:* Hi\n\nOk?",
    "Outlook, a list of recipients": "From: Help Desk <desk@example.org>\nSent: Monday\nTo: Jan <jan@example.org>;\n"
    "Ola <ola@example.org>;\nEwa <ewa@example.org>\nSubject: Hi\n\nOk?",
    "Outlook, as paragraphs": "From: Help Desk <desk@example.org>\n\nSent: Monday\n\nTo: Jan\n\nSubject: Hi\n\nOk?",
    "Outlook, the sender below": "From:\nHelp Desk <desk@example.org>\nSent: Monday\nTo: Jan\nSubject: Hi\n\nOk?",
    "Outlook, Polish": "Od: Help Desk <desk@example.org>\nWysłano: poniedziałek, 2 marca 2026 09:30\nDo: Jan\n"
    "Temat: Drukarka\n\nProszę uruchomić ponownie.",
    "Outlook, Russian": "От: Help Desk <desk@example.org>\nОтправлено: 2 марта 2026\nКому: Ян\nТема: Принтер\n\n"
    "Перезапустите.",
    "Outlook, Persian": "از: Help Desk <desk@example.org>\nتاریخ: ۲ مارس ۲۰۲۶\nبه: رضا\nموضوع: چاپگر\n\nبله.",
    "Outlook, Hebrew": "מאת: Help Desk\nנשלח: 2 במרץ 2026\nאל: יאן\nנושא: מדפסת\n\nכן.",
    "Outlook, Japanese": "差出人: Help Desk\n送信日時: 2026年3月2日\n宛先: Jan\n件名: プリンター\n\nはい。",
    "Outlook, Korean": "보낸 사람: Help Desk\n보낸 날짜: 2026년 3월 2일\n받는 사람: Jan\n제목: 프린터\n\n네.",
    "Outlook, French, indented": "   De : Help Desk<mailto:desk@example.org>\n   Envoyé le :lundi 2 mars 2026 09:30\n"
    "   À : jan@example.org\n   Objet :Imprimante\n\nOui.",
    "German, with a bar": "| Von: Help Desk <desk@example.org>\n| Gesendet: Montag\n| An: Jan\n| Betreff: Hi\n\nJa.",
    "Italian, with an answer address": "Da: Help Desk\nRisposta: Desk\nData: lunedì 2 marzo 2026\nA: Jan\n"
    "Oggetto: Stampante\n\nSì.",
    "La Poste": "====\n\nMessage du : 02/03/2026 09:30\nDe : Desk <desk@example.org>\nA : jan@example.org\nCopie à :\n"
    "Sujet : Imprimante\n\nOui.",
    "Windows Mail, no subject": "От: Ола\nОтправлено: понедельник, 2 марта 2026 г. 9:30\nКому: Ян\n\nДа.",
    "Hotmail, the date first": "Date: Mon, 2 Mar 2026 09:30:45 +0100\nSubject: Hi\nFrom: desk@example.org\n"
    "To: jan@example.org\n\nPlease restart it.",
    "Lotus, the recipient first": "To: jan@example.org\nFrom: desk@example.org\nDate: 02.03.2026\nSubject: Hi\n\nOk?",
    "Outlook, a language not listed": "________________________________\nBho: Desk <desk@example.org>\nCuireadh: 2\n"
    "Gu: Jan\nCuspair: Hi\n\nThoir ath-thòiseachadh.",
    "Outlook, below underscores, only names": "________________________________\nFrom: Help Desk\n\nPlease restart it.",
}

SEPARATORS = {
    "Outlook 2003": "-----Original Message-----\nFrom: Help Desk\nPlease restart it.",
    "Polish": "-----Wiadomość oryginalna-----\nProszę uruchomić ponownie.",
    "Russian": "-------- Исходное сообщение --------\nПерезапустите.",
    "Persian": "----- پیام اصلی -----\nدوباره روشن کنید.",
    "German, Samsung": "-------- Ursprüngliche Nachricht --------\nVon: Help Desk\nJa.",
    "Chinese, QQ": "------------------ 原始邮件 ------------------\n发件人: Help Desk\n\n好。",
    "QQ, English": "------------------ Original ------------------\nFrom: Help Desk\n\nOk?",
    "Proton": "------- Original Message -------\nOn Monday, March 2nd, 2026, Ola <ola@example.org> wrote:\n\n> Ok?",
    "help desks": "##- Please type your reply above this line -##\nYour request was received.",
}

HISTORIES = {**INTRODUCTIONS, **BLOCKS, **SEPARATORS}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES.keys())
def test_history_is_cut_off(history: str) -> None:
    parts = split(clean_text(f"{REPLY}\n\n{history}\n"))

    assert parts.visible == REPLY
    assert " ".join(parts.quoted.split()) == " ".join(clean_text(history).split())
