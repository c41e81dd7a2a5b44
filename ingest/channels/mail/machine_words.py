"""How machines word the subjects by which they are told where their headers are silent; parts of patterns."""

# A filter that asks the sender to prove that he is a person before it delivers his mail.
CHALLENGES = (
    r"please (?:confirm|verify|authenticate) (?:your (?:message|mail|e-?mail to|identity)|that you|\(conf#|delivery)",
    r"(?:confirm|verify)\w{0,5} (?:your )?(?:message|e-?mail|mail) (?:to|for) \S{1,100}@",
    "(?:sender|message|mail|e-?mail) (?:verification|confirmation|authorization) (?:required|request|needed)",
    r"your (?:message|e-?mail|mail) (?:to \S{1,100} )?(?:requires|needs|awaits) (?:your )?(?:verif|confirm)",
    "action required to deliver your (?:message|mail|e-?mail)",
    r"\[?spamarrest\b|antispam uol\b|\[tmda\]|boxbe waiting list",
    "(?:bitte )?bestätigen sie (?:bitte )?(?:ihre nachricht|den versand|die zustellung)",
    "confirmez (?:votre message|l.envoi de votre)|veuillez (?:vous )?authentifier",
    "(?:por favor,? )?(?:confirme|autentique) su (?:mensaje|correo)",
    "(?:подтвердите|підтвердіть) (?:отправку|відправку|ваше письмо|ваш лист)",
)

# A service that asks whoever reads the mailbox to confirm that it is his. Somebody who could read the answer would be
# a member of it in our name ("Ticket Trick", 2017), so that such a mail belongs to nobody's ticket.
VERIFICATIONS = (
    "(?:please )?(?:verify|confirm|activate|validate) (?:your|the) (?:new )?(?:e-?mail|account|address|registration)",
    "(?:please )?(?:verify|confirm|activate|validate) (?:your|the) (?:subscription|sign-?up|identity|login)",
    r"(?:your )?(?:\S{1,40} ){,3}(?:verification|confirmation|security|activation) (?:code|link)(?:(?: is|:).{0,40})?$",
    r"(?:your )?(?:\S{1,40} ){0,3}(?:log-?in|sign-?in|one-time) (?:code|pin|pass(?:word|code))(?:(?: is|:).{0,40}|)$",
    r"\d{4,8} is your .{0,60}\bcode\b",
    "(?:e-?mail|account|address) (?:verification|confirmation|activation)(?: required| needed| link|)$",
    "(?:complete|finish) your (?:registration|sign-?up)|welcome to .{1,60}[,!:;.] ?(?:please )?(?:confirm|verify)",
    "(?:bitte )?(?:bestätigen|verifizieren|aktivieren) sie (?:bitte )?(?:ihre?n? )?(?:e-?mail|konto|registr|anmeld)",
    r"(?:ihr |dein )?(?:\S{1,40} ){0,2}(?:bestätigungs|verifizierungs|sicherheits)(?:code|link)(?:[: ].{0,40}|)$",
    "(?:confirmez|vérifiez|activez) votre (?:adresse|compte|e-?mail|inscription)",
    "(?:votre )?code de (?:vérification|confirmation|sécurité)(?:[: ].{0,40}|)$",
    "(?:confirma|verifica|activa|confirme|verifique|active) (?:tu|su|seu|sua) (?:correo|cuenta|direcci|e-?mail|conta)",
    r"(?:tu |su |seu )?código de (?:verifica|confirma|seguri|seguran)\w{2,5}(?:[: ].{0,40}|)$",
    "(?:conferma|verifica|attiva) (?:il tuo|la tua) (?:indirizzo|account|e-?mail|registrazione)",
    "(?:potwierdź|zweryfikuj|aktywuj) (?:swój |swoje |swoją |twój )?(?:adres|konto|e-?mail|rejestrację)",
    "(?:twój )?kod (?:weryfikacyjny|potwierdzający|bezpieczeństwa)(?:[: ].{0,40}|)$",
    "(?:bevestig|verifieer|activeer) (?:je|uw) (?:e-?mail|account|adres|registratie)",
    "(?:подтвердите|подтверждение|активируйте) (?:ваш |свой |вашу )?(?:адрес|e-?mail|почт|аккаунт|регистр|электрон)",
    "(?:ваш )?код (?:подтверждения|проверки|безопасности)(?:[: ].{0,40}|)$",
    r"(?:e-?posta|hesab)\S{0,20}(?: \S{1,20})? (?:doğrula|onayla)|doğrulama kodu(?:nuz)?(?:[: ].{0,40}|)$",
    "(?:تأیید|تایید) (?:ایمیل|حساب|آدرس)|کد (?:تأیید|تایید|فعال‌?سازی)|رمز (?:التحقق|التأكيد)|تأكيد (?:بريدك|حسابك)",
    *(
        ".{0,40}(?:验证码|驗證碼|確認コード|認証コード|인증 ?(?:코드|번호))",
        "(?:请|請)?(?:验证|驗證)(?:您的|你的)?(?:邮箱|電子郵件)",
    ),
)
