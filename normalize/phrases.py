"""What mail programs write of their own accord, in the languages that they speak; parts of patterns, in lower case."""

# ruff: noqa: RUF001 (These are words of many scripts, and some of their letters look like Latin ones.)

# "wrote", as it stands in "On ... wrote:".
WROTE = (
    *("wrote", "writes", "said", "schrieb", "geschrieben", "schreibt", "schreef", "skrev", "skriver", "kirjoitti"),
    *("kirjoittaa", "a écrit", "écrit", "ha scritto", "scrive", "escribió", "escribe", "escreveu", "escreve"),
    *("va escriure", "ha escrit", r"napisał(?:a|\(a\)|\(-a\)|/a)?", "pisze", "írta", "a scris"),
    *(r"napsal(?:a|\(a\))?", r"napísal(?:a|\(a\))?", "je pisao", "je napisa[ol]", "kirjutas", "rašė", "rakstīja"),
    *("έγραψε", r"написал(?:а|\(а\))?", r"писал(?:а|и|\(а\))?", "пишет", "написав", "написала", "пише", "піша"),
    *("написа", "жазды", "yazdı", "yazmış", "نوشت", "نوشت(?:ه است|ه|ه‌است)", "كتب", "כתב", "viết", "menulis"),
    *("เขียนว่า", "ने लिखा", "写道", "寫道", "写到", "のメール", "書きました", "님이 작성", "작성"),
)

# What stands between dashes above the message that is answered.
ORIGINAL_MESSAGE = (
    *("original message", "original email", "original appointment", "original", "reply message", "replied message"),
    *("ursprüngliche nachricht", "ursprüngliche e-?mail", "original-?nachricht", "originalmeddelande"),
    *("message d['’]origine", "message original", "message initial", "mensaje original", "messaggio originale"),
    *("missatge original", "mensagem original", "oorspronkelijk bericht", "origineel bericht"),
    *("ursprungligt meddelande", "oprindelig meddelelse", "oprindelig besked", "oprindelig mail"),
    *("original meddelelse", "opprinnelig melding", "original melding", "alkuperäinen viesti"),
    *("wiadomość oryginalna", "oryginalna wiadomość", "treść oryginalnej wiadomości", "wiadomość pierwotna"),
    *("původní zpráva", "původní e-?mail", "pôvodná správa", "eredeti üzenet", "mesaj original", "mesajul original"),
    *("izvirno sporočilo", "izvorna poruka", "originalna poruka", "αρχικό μήνυμα", "исходное сообщение"),
    *("исходное письмо", "оригинальное сообщение", "первоначальное сообщение", "вихідне повідомлення"),
    *("оригінальне повідомлення", "початкове повідомлення", "оригинално съобщение", "orijinal ileti"),
    *("orijinal mesaj", "özgün ileti", "thư gốc", "tin nhắn gốc", "پیام اصلی", "الرسالة الأصلية"),
    *("הודעה מקורית", "ההודעה המקורית", "原始邮件", "原始郵件", "原始信件", "回复的原邮件", "原邮件", "元のメッセージ"),
    *("원본 메시지", "원본 메일", "original messages?"),
)

# The line that help desks write above their own mail.
REPLY_ABOVE = (
    *("reply above this line", "type your reply above", "write above this line", "reply above the line"),
    *("please reply above this", "antworten sie oberhalb dieser", "répondre au-dessus de cette ligne"),
    *("escriba su respuesta por encima de esta", "risposta sopra questa riga", "odpowiedz powyżej tej linii"),
    *("odpowiedz nad tą linią", "ответ выше этой", "ответьте выше этой"),
)

# How the subject of a forwarded mail begins, ...
FORWARD_PREFIXES = (
    *("fwd?", "wg", "tr", "rv", "i", "inoltra", "enc", "res?env", "reenv", "pd", "vb", "vl", "doorst", "továbbítás"),
    *("пересл", "пересыл", "переслано", "перенапр", "fw ilt", "ilt", "yön", "προωθ", "هدایت", "بازارسال", "ارسال مجدد"),
    *("إعادة توجيه", "הועבר", "转发", "轉寄", "転送", "전달"),
)

# ... and what stands between dashes, or in a line of its own with a colon, above the forwarded message.
FORWARDED = (
    *("forward", "weitergeleitet", "transféré", "réexpédié", "reenviad", "reenvío", "encaminhad", "reencaminhad"),
    *("inoltrat", "inoltro", "doorgestuurd", "vidarebefordra", "videresend", "videresendt", "välitet", "välitetty"),
    *("edelleenlähet", "lähetetty edelleen", "przekazan", "przekazywan", "přeposlan", "preposlan", "továbbított"),
    *("redirecționat", "înaintat", "redirectionat", "prosleđen", "proslijeđen", "posredovan", "προωθημέν"),
    *("пересыл", "пересл", "перенаправ", "переадрес", "переспрямован", "препратен", "iletil", "yönlendiril"),
    *("chuyển tiếp", "diteruskan", "هدایت", "بازارسال", "ارسال مجدد", "معاد توجيه", "تمت إعادة", "שהועבר", "מועבר"),
    *("转发", "轉寄", "転送", "전달"),
)
