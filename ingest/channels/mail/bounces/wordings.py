"""How mail systems word their reports, in the languages that they speak; parts of patterns, in lower case."""

# ruff: noqa: RUF001 (These are words of many scripts, and some of their letters look like Latin ones.)

# How the subject of a report reads; it stands at the beginning, behind the name of a host or a list at most.
SUBJECTS = (
    *("undeliver(?:ed|able)", "undelivered mail returned to sender", "undeliverable (?:mail|message|e-?mail)"),
    *("returned (?:mail|e-?mail|message)", "mail returned", "failure notice", "failure delivery", "failed mail"),
    r"(?:e-?mail|mail|message) (?:delivery|deliver|could not be|was not|cannot be|can't be|not) \w+",
    "(?:mail )?deliver(?:y|ing) (?:has )?(?:fail|status|notification|report|problem|error|warning|delay)",
    *("nondeliver", "permanent delivery failure", "non[- ]?deliver(?:y|able)"),
    *("mail (?:failure|failed|failed, returning|error)", "mail system error", "delayed mail"),
    *("could not send (?:mail|message)", "e-?mail bounce", "bounce notification"),
    r"warning(?:: |--)(?:message|could not send|e-?mail|\S+@\S+)",
    "message (?:status|delayed|undeliverable|rejected|has been (?:delayed|rejected))",
    *("there was an error sending", "rejected (?:mail|message|posting)", r"you \S{1,100} are not (?:a )?member"),
    *("e-?mail (?:delivery|system|server) (?:error|notification)", "user unknown", "unzustellbar"),
    *("nicht zustellbar", "nicht zugestellt", "fehlgeschlagene zustellung", "zustellung fehlgeschlagen"),
    *("zustellungsbenachrichtigung", "übermittlungsfehler", "unzustellbare nachricht", "mail nicht zugestellt"),
    *("non remis", "échec de (?:la )?remise", "échec de (?:la )?livraison", "message non délivré", "non distribu"),
    *("courrier non remis", "notification d.état de remise", "retour de courrier", "rapport de non[- ]remise"),
    *("no se (?:puede|pudo|ha podido) entregar", "no entregado", "mensaje (?:devuelto|no entregado)"),
    *("correo (?:devuelto|no entregado)", "error (?:en la|de) entrega", "notificación de (?:estado de )?entrega"),
    *("(?:mancata|impossibile la) consegna", "mancato recapito", "non recapitabile"),
    *("messaggio non (?:consegnato|recap)", "não (?:entregue|foi entregue)", "mensagem (?:devolvida|não entregue)"),
    *("falha na entrega", "não é possível entregar", "onbestelbaar", "niet bezorgd", "niet afgeleverd"),
    *("kan niet worden bezorgd", "bezorging mislukt", "niedostarczon", "nie(?:można| udało się) dostarczyć"),
    *("niedoręczon", "zwrot (?:wiadomości|poczty)", "ваше сообщение не доставлено", "не доставлено", "недоставлен"),
    *("не удалось доставить", "невозможно доставить", "ошибка доставки", "повідомлення не доставлено"),
    *("не доставлене", "недоставлене", "помилка доставки", "nedoručiteln", "nedoručen", "zpráva nebyla doručena"),
    *("kan inte levereras", "olevererbar", "gick inte att leverera", "kunne ikke leveres", "kan ikke leveres"),
    *("ikke leveret", "uleverbar", "ei voitu toimittaa", "toimitus epäonnistui", "kézbesíthetetlen"),
    *("nem kézbesíthető", "teslim edilemedi", "iletilemedi", "ulaştırılamadı", "تحویل نشد", "تحویل داده نشد"),
    *(
        "غير قابل للتسليم",
        "تعذر التسليم",
        "لم يتم تسليم",
        "未送達",
        "配信不能",
        "配信できません",
        "送信できません",
        "メール配信エラー",
        "退信",
    ),
    *("退件", "系统退信", "无法投递", "無法傳遞", "전송 실패", "반송", "배달할 수 없음", "postmaster notify"),
)

# How the subject of a mail begins that answers another or passes it on.
PASSED_ON = (
    *("re", "fwd?", "aw", "wg", "sv", "vs", "odp", "pd", "tr", "rv", "enc", "i", "antw", "doorst", "vb", "ynt"),
    *("ilt", "отв", "пересл", "ха", "回复", "转发", "返信", "転送", "پاسخ", "هدایت"),
)

# What the text of a report says, anywhere in its own words.
SENTENCES = (
    *("could ?n[o']t (?:be )?deliver", "error delivering", "(?:message|mail) is delayed"),
    *("(?:can|could) ?not (?:be )?deliver", "was(?:n't| not) (?:able to be )?deliver", "unable to deliver"),
    *("not able to deliver", "undeliverable", "undelivered", "non-delivery", "not deliverable"),
    *("delivery (?:to|of|has|attempt|failed|failure|status|error|was|is)", "has not (?:yet )?been delivered"),
    *("deliever", "following (?:address(?:es)?|recipients?|users?|destination)", "permanent (?:fatal )?errors?"),
    *("permanent failure", "transcript of (?:the )?session", "failed recipients?", "did(?: not|n't) reach"),
    *("not reach the following", "user unknown", "unknown user", "no such (?:user|recipient|address|mailbox)"),
    *("mailbox (?:is )?full", "over quota", "mailbox unavailable"),
    *("invalid (?:user|recipient|address|final delivery)", "returned to (?:the )?sender"),
    "message (?:was|has been|is being) (?:rejected|returned|delayed|refused|discarded)",
    *("returning (?:it|your|message)", "could not send", "error (?:while )?sending", "trouble delivering"),
    *("delivery problems?", "has been postponed", "rejected by", "was rejected", "failure reasons?", "not accepted"),
    *("quota exceeded", "returned mail", "not a member", "not member", r"not (?:\w+ )?match an"),
    *("error was detected while processing", "error message below"),
    *("reason for (?:the )?(?:failure|return|non-delivery)", r"\b5\d\d[ -]5\.\d\.\d", r"said: ?[45]\d\d"),
    *("nicht (?:zugestellt|zustellbar|ausgeliefert)", "unzustellbar", "konnte nicht", "n.a pas (?:pu )?(?:être|été)"),
    *("n'a pu être", "impossible de remettre", "no (?:se )?(?:ha |pudo |puede )?(?:podido )?(?:ser )?entreg"),
    *("impossibile (?:recapitare|consegnare)", "non (?:è stato|può essere) (?:recapit|consegn)"),
    *("não (?:foi|pôde|pode)", "niet (?:worden )?(?:bezorg|aflever)", "nie (?:można|mogła|została|udało)"),
    *("не (?:может быть|было|удалось|доставлен)", "невозможно доставить", "не вдалося", "nelze doručit"),
    *("nebyla doručena", "kunde inte", "kunne ikke", "ei voitu", "teslim edilem", "iletilem", "تحویل", "تسليم", "配信"),
    *("送達", "送信でき", "届け", "無法", "无法", "退回", "전송", "action: ?(?:failed|delayed)", "reporting-mta:"),
    "final-recipient:",
)

# A delay: the mail is still on its way ...
WAITING = (
    *("this is a warning only", "is just a warning", "you do not need to (?:resend|take any action)"),
    *("still being retried", "no action is required", "will be retried"),
    *("will (?:continue to try|keep trying|retry)", "has been delayed", "has not yet been delivered"),
    *("not yet been delivered", "delivery attempts will continue", "has been postponed", "is delayed", "was delayed"),
    *("delivery delayed", "will continue to be made", "temporarily (?:delayed|deferred)", "zustellung verzögert"),
    *("verzögert", "wird weiter versucht", "retardé", "retrasado", "in ritardo", "задерж", "opóźnion"),
    *("still trying", "could not send (?:mail|message) for past"),
)

# ... unless it also says that it is over.
OVER = (
    *("permanent", "giving up", "given up", "gave up", "returned to (?:the )?sender", "will not be retried", "final"),
    *("could not be delivered to one or more", "delivery failed", "has failed", "failed permanently"),
    "timed out after",
)

# The sentence behind or below which a report names whom it did not reach, as a pattern with the address behind it.
LABELS = (
    *("rcpt to", "failed recipient", "intended recipient", "recipient(?: address)?", "undeliverable address"),
    *("original address", "delivered to", "deliver(?:ed)? (?:your |the |this )?(?:message|mail|e-?mail)? ?to"),
    *(r"delivery (?:of \w+ )?to", "addressed to", "address", "addressee", "the user", "user", "mailbox", "account"),
    *("target mail address", "error-for", "invalid final delivery userid", "not reach(?:ed)?", "your message to"),
    *("message to", "mail to", "sent to", "send to", "empfänger", "an", "destinataire", "destinatario", "odbiorca"),
    *("получател[ьюя]м?", "адресат", "宛先", "收件人", "受信者", "to"),
)
