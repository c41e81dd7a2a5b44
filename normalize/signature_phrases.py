"""What phones and mail programs put below a text in place of a signature, in lower case."""

# fmt: off
# ruff: noqa: RUF001 (These are words of many scripts, and some of their letters look like Latin ones.)

# How such a line begins ...
SENT_FROM = (
    *("sent from", "sent via", "sent with", "sent using", "sent by", "sent on my", "get outlook for", "get bluemail"),
    *("download outlook", "typed on", "written on my", "envoyé de", "envoyé depuis", "envoyé avec", "envoyé à partir"),
    *("envoyé via", "télécharger outlook", "obtenir outlook", "obtenez outlook", "von meinem", "von unterwegs"),
    *("gesendet von", "gesendet mit", "gesendet aus", "gesendet über", "diese nachricht wurde von meine"),
    *("outlook für", "holen sie sich outlook", "laden sie outlook", "enviado desde", "enviado de", "enviado do"),
    *("enviado con", "enviado pelo", "enviado a partir", "enviada do", "obtener outlook", "obter o outlook"),
    *("descargar outlook", "enviat des", "inviato da", "inviato dal"),
    *("inviato con", "scarica outlook", "ottieni outlook"),
    *("verzonden vanaf", "verzonden met", "verzonden via", "verstuurd vanaf", "verstuurd met", "verstuurd via"),
    *("outlook voor", "download outlook", "skickat från", "skickat med", "skickades från", "hämta outlook"),
    *("sendt fra", "sendt via", "sendt med", "hent outlook"),
    *("få outlook", "skaff outlook", "lähetetty", "hanki outlook"),
    *("wysłano z", "wysłane z", "wysłano przy", "wysłane przy", "pobierz outlook", "uzyskaj outlook", "odesláno z"),
    *("odesláno pomocí", "získejte outlook", "stáhnout outlook", "odoslané z", "poslané z", "elküldve", "küldve"),
    *("az outlook letöltése", "trimis de pe", "trimis din", "trimis cu", "obțineți outlook", "poslano z", "poslano s"),
    *("poslano iz", "isporučeno s", "στάλθηκε από", "отправлено с", "отправлено из", "отправлено через"),
    *("отправлено от", "послано с", "скачать outlook", "надіслано з", "відправлено з", "надіслано через"),
    *("изпратено от", "изпратено с", "saadetud minu", "išsiųsta iš", "nosūtīts no", "được gửi từ", "đã gửi từ"),
    *("gửi từ", "dikirim dari", "نشرت من", "أرسل من", "أُرسلت من", "تم الإرسال من", "ارسال شده از", "ارسال شده با"),
    *("فرستاده شده از", "از طرف", "נשלח מ", "发自我的", "发自", "發自", "从我的", "來自", "傳送自", "從我的"),
    *("나의", "내"),
)

# ... or ends, in languages that put the verb last.
SENT_FROM_ENDS = (
    *("gesendet", "gesendet.", "geschickt", "gönderildi"),
    *("dan gönderildi", "から送信", "から送信されました", "より送信"),
    *("from mobile", "from my mobile", "에서 보냄", "에서 보낸 메일입니다", "傳送", "发送", "ارسال شد"),
)

# What such a line speaks of; without it, only a line that stands apart counts.
DEVICES = (
    *("iphon", "ipad", "ipod", "ios", "android", "samsung", "galaxy", "huawei", "xiaomi", "redmi", "nokia", "lumia"),
    *("blackberry", "htc", "xperia", "motorola", "oneplus", "pixel", "windows", "outlook", "yahoo", "gmail", "proton"),
    *("yandex", "яндекс", "mail.ru", "почт", "bluemail", "typeapp", "aquamail", "k-9", "airmail"),
    *("mailbox", "sparrow", "spark"),
    *("smartphone", "mobile", "mobil", "handy", "phone", "telefon", "tablet", "телефон", "смартфон", "móvil"),
    *("celular", "telemóvel", "cellulare", "mac", "web.de", "gmx", "t-online", "zoho", "thunderbird", "wp poczt"),
    *("گوشی", "موبایل", "آیفون", "手机", "手機", "qq邮箱", "网易", "スマートフォン", "휴대폰", "갤럭시"),
)

# What may follow in the same line.
EXCUSES = (
    *("typo", "excuse", "brevity", "sorry", "pardon", "apolog", "errors", "mistake", "spelling", "entschuldig"),
    *("tippfehler", "kürze", "désol", "fautes", "scus", "disculp", "desculp", "errori", "errores", "przepraszam"),
    *("literówki", "опечат", "извин"),
)

# What stands at the foot of a list's mail, within few lines below its rule.
LIST_FOOTERS = (
    *("mailing list", "mailing-list", "mailman/listinfo", "/listinfo/", "unsubscribe from this", "to unsubscribe"),
    *("you received this message because you are subscribed", "list archives", "reply to this email directly"),
    *("liste de diffusion", "mailingliste", "lista de correo", "список рассылки", "lista dyskusyjna"),
)
