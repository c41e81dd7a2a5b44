"""The names that mail programs give to the lines of a header block above a mail that they quote."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

# ruff: noqa: RUF001 (These are words of many scripts, and some of their letters look like Latin ones.)


class Role(Enum):
    """What a line of a header block says."""

    FROM = "from"
    DATE = "date"
    TO = "to"
    CC = "cc"
    SUBJECT = "subject"
    OTHER = "other"


_FROM = (
    *("from", "von", "absender", "de", "de la", "expéditeur", "remitente", "remetente", "da", "mittente", "van"),
    *("afzender", "od", "nadawca", "odesílatel", "odosielateľ", "från", "avsändare", "fra", "afsender", "avsender"),
    *("lähettäjä", "feladó", "expeditor", "από", "от", "от кого", "отправитель", "від", "від кого", "відправник"),
    *("подател", "kimden", "gönderen", "từ", "dari", "saatja", "nuo", "no", "šalje", "pošiljatelj", "از", "فرستنده"),
    *("من", "המוצא", "מאת", "发件人", "寄件人", "寄件者", "差出人", "送信者", "보낸 사람", "보낸사람", "발신"),
)
_DATE = (
    *("sent", "date", "sent at", "date sent", "sent on", "gesendet", "gesendet am", "datum", "envoyé", "envoyé le"),
    *(
        "date d'envoi",
        "message du",
        "enviado",
        "enviado el",
        "enviado a",
        "fecha",
        "enviada em",
        "enviado em",
        "enviada",
        "data",
    ),
    *("inviato", "inviato il", "data invio", "verzonden", "verzonden op", "wysłano", "wysłane", "data wysłania"),
    *("skickat", "sendt", "sendt den", "dato", "lähetetty", "päiväys", "päivämäärä", "pvm", "odesláno", "odoslané"),
    *("dátum", "elküldve", "küldve", "trimis", "trimis la", "dată", "ημερομηνία", "εστάλη", "στάλθηκε", "poslano"),
    *("отправлено", "дата", "дата отправки", "надіслано", "дата надсилання", "изпратено", "tarih", "gönderildi"),
    *("gönderilme tarihi", "gönderim tarihi", "ngày", "đã gửi", "تاریخ", "تاریخ ارسال", "ارسال", "ارسال شده", "زمان"),
    *("ارسال در", "تم الإرسال", "أرسلت", "التاريخ", "תאריך", "נשלח", "发送时间", "发送日期", "日期", "时间", "時間"),
    *("寄件日期", "傳送日期", "送信日時", "日時", "日付", "보낸 날짜", "날짜", "발송일"),
)
_TO = (
    *(
        "to",
        "an",
        "empfänger",
        "adresat",
        "à",
        "a",
        "destinataire",
        "para",
        "destinatario",
        "destinatário",
        "per",
        "aan",
    ),
    *("do", "till", "til", "vastaanottaja", "komu", "címzett", "către", "la", "προς", "кому", "до", "получатель"),
    *("отримувач", "kime", "alıcı", "đến", "kepada", "prima", "za", "به", "گیرنده", "إلى", "אל", "收件人", "收件者"),
    *("宛先", "받는 사람", "받는사람", "수신"),
)
_CC = (
    *("cc", "bcc", "kopie", "kopie (cc)", "copie", "copie à", "cópia", "copia", "dw", "udw", "kopia", "kopi", "kopio"),
    *("másolatot kap", "másolat", "κοιν", "κοινοποίηση", "копия", "копія", "bilgi", "رونوشت", "کپی", "نسخة", "עותק"),
    *("抄送", "副本", "참조"),
)
_SUBJECT = (
    *("subject", "betreff", "objet", "sujet", "asunto", "assunto", "oggetto", "onderwerp", "temat", "ämne", "emne"),
    *("aihe", "předmět", "predmet", "tárgy", "subiect", "θέμα", "тема", "относно", "konu", "chủ đề", "subjek"),
    *("naslov", "teema", "tema", "موضوع", "الموضوع", "נושא", "主题", "主旨", "主題", "件名", "제목"),
)
_OTHER = (
    *("reply-to", "reply to", "antwort an", "antworten an", "répondre à", "responder a", "risposta", "rispondi a"),
    *("beantwoorden", "odpowiedz do", "odpowiedź do", "ответить на", "обратный адрес", "organization", "organisation"),
    *("importance", "priority", "wichtigkeit", "priorität", "attachments", "anlagen", "pièces jointes", "załączniki"),
    *("message-id", "mailing list", "newsgroups"),
)

LABELS: Mapping[str, Role] = MappingProxyType(
    {
        label: role
        # Of a label that two languages use, the earlier role counts.
        for role, labels in reversed(
            (
                (Role.FROM, _FROM),
                (Role.DATE, _DATE),
                (Role.TO, _TO),
                (Role.CC, _CC),
                (Role.SUBJECT, _SUBJECT),
                (Role.OTHER, _OTHER),
            )
        )
        for label in labels
    }
)

LONGEST_LABEL = max(map(len, LABELS))
