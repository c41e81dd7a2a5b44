"""How automatic replies are worded, in the languages that mail programs speak; parts of patterns, in lower case."""

# ruff: noqa: RUF001 (These are words of many scripts, and some of their letters look like Latin ones.)

# A subject that says of itself that no person wrote the mail.
AUTOMATIC_SUBJECTS = (
    *("automatic (?:reply|response|answer)", "auto[- ]?reply", "auto[- ]?response", "auto[- ]?responder"),
    "automated (?:reply|response)",
    "out of (?:the )?office (?:auto[- ]?reply|reply|notification|message|response)",
    *("vacation (?:reply|response|message|notice|auto[- ]?reply)", "automatische antwort", r"autom\. antwort"),
    *("abwesenheitsnotiz", "abwesenheitsnachricht", "abwesenheitsbenachrichtigung", "abwesenheitsassistent"),
    *("automatisch antwoord", "automatische beantwoording", "afwezigheidsbericht", "afwezigheidsassistent"),
    *("réponse automatique", "message d['’]absence", "avis d['’]absence", "respuesta automática"),
    *("contestación automática", "risposta automatica", "messaggio automatico di assenza", "resposta automática"),
    *("resposta automàtica", "autosvar", "automatiskt svar", "automatisk svar", "frånvaromeddelande"),
    *("fraværsmeddelelse", "fraværsassistent", "automaattinen vastaus", "poissaoloviesti", "automaatvastus"),
    *("automatinis atsakymas", "automātiskā atbilde", "odpowiedź automatyczna", "automatyczna odpowiedź"),
    *("autoodpowiedź", "automatická odpověď", "automatická odpoveď", "samodejni odgovor", "automatski odgovor"),
    *("automatikus válasz", "házon kívül üzenet", "răspuns automat", "αυτόματη απάντηση", "автоматический ответ"),
    *("автоответ", "автоответчик", "автоматична відповідь", "автовідповідь", "автоматичен отговор"),
    *("аутоматски одговор", "otomatik (?:yanıt|cevap)", "пасведамленне аб адсутнасці", "پاسخ (?:خودکار|اتوماتیک)"),
    *("رد تلقائي", "الرد التلقائي", "תשובה אוטומטית", "स्वचालित उत्तर", "ตอบกลับอัตโนมัติ", "trả lời tự động"),
    *("balasan otomatis", "自动(?:回复|答复)", "自動(?:回覆|答覆)", "自動(?:返信|応答|回答)", "자동 ?(?:회신|응답)"),
)

# A subject that says that somebody is away; a person may write it too, so that it needs another sign.
ABSENCE_SUBJECTS = (
    *("out of (?:the )?office", "ooo", "away from (?:the |my )?(?:office|desk|mail|e-?mail)"),
    *("on (?:vacation|holiday|leave)", "abwesenheit", "abwesend", "nicht im büro", "im urlaub", "außer haus"),
    *("absence(?: du bureau)?", "absent(?:e)? du bureau", "en congés?", "fuera de (?:la )?oficina", "ausente"),
    *("de vacaciones", "fuori (?:sede|ufficio)", "assenza", "in ferie", "fora do escritório", "ausência"),
    *("de férias", "afwezig(?:heid)?", "niet aanwezig", "op vakantie", "poza biurem", "nieobecność", "urlop"),
    *("mimo kancelář", "nepřítomnost", "mimo kancelárie", "på semester", "frånvaro", "ikke på kontoret", "på ferie"),
    *("fravær", "poissa", "lomalla", "házon kívül", "szabadságon", "în concediu", "εκτός γραφείου", "вне офиса"),
    *("в отпуске", "отсутствую", "поза офісом", "у відпустці", "извън офиса", "ofis dışında", "izindeyim"),
    *(
        "خارج از دفتر",
        "در مرخصی",
        "عدم حضور",
        "خارج المكتب",
        "在休假",
        "不在办公室",
        "外出",
        "休假",
        "不在(?:通知)?",
        "부재중",
    ),
)

# What stands at the beginning of the text and speaks of the message itself.
AUTOMATIC_OPENINGS = (
    "this is an? (?:automatic|automated|auto-generated|automatically generated|auto) (?:reply|response|answer)",
    r"this (?:message|e-?mail|mail|reply|response) (?:is|was|has been) (?:an )?auto\w{0,9}[ -](?:generated|sent)",
    "dies(?:es)? ist eine (?:automatische|automatisch generierte|automatisch erzeugte) (?:antwort|nachricht|e-?mail)",
    "diese (?:nachricht|e-?mail|antwort) wurde automatisch (?:generiert|erstellt|erzeugt|versendet|verschickt)",
    "ceci est une? (?:réponse|message) (?:automatique|généré automatiquement)",
    "ce(?:t e-?mail| message| courriel) (?:est|a été) (?:généré|envoyé) automatiquement",
    "est[ae] es una? (?:respuesta automática|mensaje automático|correo automático)",
    "quest[ao] è un[a]? (?:risposta automatica|messaggio automatico)",
    *("esta é uma (?:resposta|mensagem) automática", "dit is een automatisch (?:antwoord|bericht|gegenereerd)"),
    "deze e-?mail is automatisch (?:verzonden|gegenereerd)",
    "to jest (?:automatyczna odpowiedź|odpowiedź automatyczna|wiadomość automatyczna|automatyczna wiadomość)",
    "(?:to jest|ta|niniejsza) wiadomość (?:została )?wygenerowana automatycznie",
    *("toto je automatická (?:odpověď|odpoveď|zpráva|správa)", "tato zpráva byla vygenerována automaticky"),
    *("detta är ett (?:automatiskt svar|autosvar)", "dette er (?:et|en) automatisk (?:svar|besked|melding)"),
    *("tämä on automaattinen (?:vastaus|viesti)", "ez egy automatikus (?:válasz|üzenet)"),
    *("acesta este un răspuns automat", "это (?:автоматический ответ|автоответ|автоматическое сообщение)"),
    *("это (?:письмо|сообщение) (?:создано|сформировано|отправлено) автоматически", "це автоматична відповідь"),
    *("цей лист (?:створено|надіслано) автоматично", "това е автоматичен отговор"),
    *("bu otomatik bir (?:yanıt|cevap|mesaj)", "bu (?:ileti|e-?posta) otomatik olarak (?:gönderil|oluşturul)"),
    *("این (?:یک )?(?:پاسخ|پیام|ایمیل) (?:خودکار|اتوماتیک) است", "هذا رد تلقائي", "هذه رسالة تلقائية"),
    *(
        "זוהי תשובה אוטומטית",
        "这是(?:一封)?自动(?:回复|答复)",
        "這是(?:一封)?自動(?:回覆|答覆)",
        "(?:この|これは).{0,12}自動(?:返信|送信|応答)",
    ),
    "이 (?:메일|메시지)은 자동",
)

# Sentences of somebody who is away. A customer writes them too, and then asks something: they count only beside a
# subject that says so.
AWAY = (
    "(?:i am|i'm|i’m|we are|i will be) (?:currently |now |presently )?(?:out of|away|on (?:leave|vacation|holiday))",
    "on (?:annual|sick|parental|maternity) leave",
    *("(?:limited|no|intermittent) access to (?:my )?(?:e-?mail|mail)", "will (?:return|be back|reply|respond)"),
    *("back in the office", "ich bin (?:derzeit |zurzeit |momentan |zur zeit )?(?:nicht|im urlaub|abwesend|außer)"),
    *("nicht im (?:büro|haus)", "wieder erreichbar", "je suis (?:actuellement )?(?:absent|en congé|en vacances)"),
    *("de retour le", "estoy (?:de vacaciones|fuera|ausente)", "estaré (?:de vacaciones|fuera|ausente)"),
    *("sono (?:assente|fuori|in ferie)", "sarò (?:assente|fuori|di nuovo)", "estou (?:de férias|ausente|fora)"),
    *("estarei (?:de férias|ausente|fora)", "ik ben (?:momenteel )?(?:afwezig|niet|op vakantie)"),
    *("jestem (?:obecnie )?(?:na urlopie|nieobecn|poza)", "przebywam", "wracam", "jsem (?:mimo|na dovolené)"),
    *("nejsem v kanceláři", "som mimo", "jag är (?:på semester|borta|inte)", "tillbaka den"),
    *("jeg er (?:på ferie|ikke|ude|bortreist)", "olen (?:lomalla|poissa)", "szabadságon", "házon kívül"),
    *("sunt în concediu", "я (?:сейчас )?(?:в отпуске|отсутствую|не на)", "нахожусь в отпуске"),
    *("я (?:зараз )?(?:у відпустці|відсутн)", "в отпуск съм", "(?:yıllık )?izindeyim", "ofis dışındayım", "مرخصی"),
    *("در دفتر نیستم", "خارج المكتب", "في إجازة", "休假", "不在办公室", "不在辦公室", "休暇", "不在に", "부재", "휴가"),
)
