"""What mail programs write of their own accord, in the languages that they speak; parts of patterns, in lower case."""

# ruff: noqa: RUF001 (These are words of many scripts, and some of their letters look like Latin ones.)

# "wrote", as it stands in "On ... wrote:".
WROTE = (
    *("wrote", "writes", "said", "schrieb", "schreef", "skrev", "skriver", "kirjoitti", "a écrit", "ha scritto"),
    *("scrive", "escribió", "escreveu", "va escriure", r"napisał(?:a|\(a\)|\(-a\)|/a)?", "pisze", "írta", "a scris"),
    *(r"napsal(?:a|\(a\))?", r"napísal(?:a|\(a\))?", r"написал(?:а|\(а\))?", r"писал(?:а|\(а\))?", "пишет"),
    *("написав", "написала", "пише", "написа", "yazdı", "نوشت", "نوشته است", "نوشته", "كتب", "viết"),
    *("写道", "寫道", "のメール", "님이 작성"),
)

# What stands between dashes above the message that is answered.
ORIGINAL_MESSAGE = (
    *("original message", "original appointment", "reply message", "ursprüngliche nachricht", "originalnachricht"),
    *("message d['’]origine", "message original", "mensaje original", "messaggio originale", "mensagem original"),
    *("oorspronkelijk bericht", "ursprungligt meddelande", "oprindelig meddelelse", "oprindelig besked"),
    *("original meddelelse", "opprinnelig melding", "alkuperäinen viesti", "wiadomość oryginalna"),
    *("oryginalna wiadomość", "treść oryginalnej wiadomości", "původní zpráva", "pôvodná správa", "eredeti üzenet"),
    *("mesaj original", "исходное сообщение", "оригинальное сообщение", "первоначальное сообщение"),
    *("оригінальне повідомлення", "оригинално съобщение", "orijinal ileti", "orijinal mesaj", "özgün ileti"),
    *("پیام اصلی", "الرسالة الأصلية", "原始邮件", "原始郵件", "元のメッセージ", "원본 메시지"),
)

# Labels of a header block: from whom, ...
FROM_LABELS = (
    *("from", "von", "de", "da", "van", "od", "från", "fra", "lähettäjä", "от", "от кого", "від", "kimden", "gönderen"),
    *("از", "فرستنده", "من", "feladó", "发件人", "寄件者", "差出人"),
)

# ... and when, to whom, about what.
OTHER_LABELS = (
    *("sent", "date", "to", "cc", "bcc", "subject", "reply-to"),
    *("gesendet", "datum", "an", "betreff", "kopie"),
    *("envoyé", "envoyé le", "à", "a", "objet", "sujet", "date d['’]envoi", "copie à"),
    *("enviado", "enviado el", "enviada em", "fecha", "para", "asunto", "assunto", "data", "inviato", "oggetto"),
    *("verzonden", "aan", "onderwerp", "temat", "wysłano", "wysłane", "do", "dw", "udw"),
    *("skickat", "till", "ämne", "sendt", "dato", "til", "emne", "lähetetty", "vastaanottaja", "aihe"),
    *("odesláno", "komu", "předmět", "odoslané", "predmet", "elküldve", "címzett", "tárgy"),
    *("отправлено", "дата", "кому", "копия", "тема", "надіслано", "копія", "изпратено", "до", "относно"),
    *("tarih", "kime", "konu", "gönderildi", "gönderilme tarihi"),
    *("تاریخ", "ارسال", "ارسال شده", "به", "موضوع", "رونوشت", "کپی", "تم الإرسال", "إلى", "الموضوع"),
    *("发送时间", "收件人", "主题", "抄送", "寄件日期", "收件者", "主旨", "送信日時", "宛先", "件名"),
)

# How the subject of a forwarded mail begins, ...
FORWARD_PREFIXES = (
    *("fwd?", "wg", "tr", "rv", "i", "enc", "pd", "vb", "vl", "doorst", "пересл", "переслано", "ilt"),
    *("هدایت", "ارسال مجدد", "转发", "轉寄"),
)

# ... and what stands between dashes above the forwarded message.
FORWARDED = (
    *("forward", "weitergeleitet", "transféré", "reenviad", "encaminhad", "inoltrat", "doorgestuurd"),
    *("vidarebefordra", "videresend", "przekazan", "přeposlan", "пересыл", "пересл", "перенаправл", "iletilen"),
    *("هدایت", "转发", "轉寄", "転送"),
)

# How the subject of an automatic reply begins, ...
AUTOMATIC_SUBJECTS = (
    *("automatic reply", "auto ?reply", "auto[- ]?response", "autoresponder"),
    "out of (?:the )?office(?: auto ?reply| reply)?",
    *("automatische antwort", "abwesenheitsnotiz", "abwesenheitsnachricht", "automatisch antwoord"),
    *("afwezigheidsbericht", "réponse automatique", "absence du bureau", "respuesta automática"),
    *("fuera de (?:la )?oficina", "risposta automatica", "fuori sede", "resposta automática", "autosvar"),
    *("automatiskt svar", "automatisk svar", "automaattinen vastaus", "odpowiedź automatyczna"),
    *("automatyczna odpowiedź", "autoodpowiedź", "poza biurem", "automatická odpověď", "automatikus válasz"),
    *("автоматический ответ", "автоответ", "автоответчик", "автоматична відповідь", "автовідповідь"),
    *("автоматичен отговор", "otomatik yanıt", "otomatik cevap", "پاسخ خودکار", "پاسخ اتوماتیک", "رد تلقائي"),
    *("自动回复", "自動回覆", "自動返信", "자동 회신"),
)

# ... and its text. Only sentences that speak of the message itself: "I am out of the office, and my laptop is broken"
# is a person's.
AUTOMATIC_OPENINGS = (
    "this is an? (?:automatic|automated|auto-generated|automatically generated) (?:reply|response|answer)",
    "dies ist eine (?:automatische|automatisch generierte|automatisch erzeugte) (?:antwort|nachricht)",
    *("ceci est une réponse automatique", "esta es una respuesta automática", "questa è una risposta automatica"),
    *("esta é uma resposta automática", "dit is een automatisch (?:antwoord|bericht)"),
    "to jest (?:automatyczna odpowiedź|odpowiedź automatyczna|wiadomość automatyczna)",
    "(?:to jest|ta) wiadomość (?:została )?wygenerowana automatycznie",
    "это (?:автоматический ответ|автоответ|автоматическое сообщение)",
    "это письмо (?:создано|сформировано|отправлено) автоматически",
    *("це автоматична відповідь", "bu otomatik bir (?:yanıt|cevap|mesaj)"),
    "این (?:یک )?(?:پاسخ|پیام|ایمیل) (?:خودکار|اتوماتیک) است",
)
