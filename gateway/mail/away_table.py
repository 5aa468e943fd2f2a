"""How mail programs title and word an answer while somebody is away, in forty languages."""

import re

# Titles that only a mail program writes.
_SURE = (
    r"auto(?:matic|mated|mat)?[- ]?(?:reply|response|responder)\b", r"out[- ]of[- ](?:the[- ])?office",
    r"vacation (?:auto)?(?:-?reply|message|response|notice|responder)", r"away (?:from (?:the|my) office|message)",
    r"i am (?:currently )?out of",
    r"autom(?:atische|\.) (?:antwort|r[üu]ckmeldung|e-?mail)", r"nicht im (?:b[üu]ro|haus)\b",
    r"abwesenheits(?:notiz|nachricht|benachrichtigung|assistent|agent|meldung)", r"(?:ich )?bin im urlaub\b",
    r"r[ée]ponse automatique", r"absent(?:\(e\)|e)? du bureau", r"message d'absence", r"notification d'absence",
    r"(?:respuesta|mensaje|contestaci[óo]n) autom[áa]tic[oa]", r"fuera de (?:la )?oficina", r"respuesta de ausencia",
    r"(?:risposta|messaggio) automatic[oa]", r"fuori (?:sede|ufficio)", r"messaggio di assenza",
    r"assenza dall'ufficio",
    r"(?:resposta|mensagem) autom[áa]tica", r"fora do escrit[óo]rio", r"aus[êe]ncia tempor[áa]ria",
    r"ausente do escrit[óo]rio", r"resposta autom[àa]tica", r"fora de l'oficina",
    r"automatisch(?: antwoord|e reactie|e beantwoording|e antwoord)", r"afwezigheids(?:bericht|assistent|melding)",
    r"auto(?:matiskt?[ -])?svar\b", r"fr[åa]nvaromeddelande", r"(?:ej|inte) p[åa] kontoret",
    r"frav[æa]rs(?:besked|melding|assistent)", r"ikke p[åa] kontoret", r"ikke til stede",
    r"automaattinen vastaus", r"poissaolo(?:ilmoitus|viesti)", r"poissa toimistosta", r"sj[áa]lfvirkt svar",
    r"odpowied[źz] automatyczna", r"automatyczna odpowied[źz]", r"autoodpowied[źz]", r"poza biurem", r"autoresponder",
    r"automatick[áa] odpov[ěe][ďd]", r"mimo kancel[áa][řr]", r"automatick[áa] odpove[ďd]", r"mimo kancel[áa]rie",
    r"automatikus v[áa]lasz", r"(?:h[áa]zon|irod[áa]n) k[íi]v[üu]l", r"t[áa]voll[ée]t",
    r"r[ăa]spuns automat", r"absent de la birou", r"[îi]n afara biroului",
    r"автоматический ответ", r"автоответ", r"вне офиса", r"нет на (?:работе|рабочем месте)", r"меня нет (?:в|на)",
    r"автоматична відповідь", r"автовідповідь", r"поза офісом", r"автоматичен отговор", r"извън офиса",
    r"отсутств(?:ую|ует) (?:в|на)", r"отсутствие (?:в офисе|на работе)",
    r"automatski odgovor", r"samodejni odgovor", r"аутоматски одговор", r"автоматски одговор",
    r"automatinis atsakymas", r"autom[āa]tisk[āa] atbilde", r"automaatvastus",
    r"otomatik (?:yan[ıi]t|cevap)", r"ofis d[ıi][şs][ıi]nda", r"αυτόματη απάντηση", r"εκτός γραφείου",
    r"自動(?:応答|返信|回复|回復|回覆)", r"不在(?:通知|連絡|のお知らせ|办公室|辦公室)", r"自动(?:回复|答复)",
    r"부재 ?중", r"자동 ?(?:응답|회신|답장)",
    r"רד אוטומטי|מענה אוטומטי|תשובה אוטומטית|הודעת היעדרות|מחוץ למשרד", r"رد تلقائي|خارج المكتب",
    r"tr[ảa] l[ờo]i t[ựu] [đd][ộo]ng", r"balasan otomatis", r"(?:การ)?ตอบกลับอัตโนมัติ", r"स्वचालित उत्तर",
    r"پاسخ خودکار",
)  # fmt: skip
# States: people write them in titles too, so they count before a colon, before the old title, or alone.
_STATES = (
    r"OOO", r"on (?:leave|holidays?|vacation)", r"i'?(?:| a)m (?:away|on (?:\w+ )?(?:leave|holidays?|vacation))",
    r"abwesend", r"im urlaub", r"eingangsbest[äa]tigung", r"absente?", r"ausente", r"assente", r"afwezig",
    r"niet aanwezig", r"fr[åa]nvarande", r"frav[æa]rende", r"poissa", r"nep[řr][íi]tomn[ýá]", r"odsutan", r"odsoten",
    r"в отпуске", r"у відпустці", r"izindeyim", r"外出中", r"休假中", r"休暇中", r"出張中", r"不在", r"휴가 ?중",
    r"출장 ?중",
)  # fmt: skip
# Matters: a customer may have one of that name ("Absence: cannot be entered"); only a field makes it an answer.
_MATTERS = (
    r"away", r"auto", r"abwesenheit", r"urlaub", r"absence", r"ausencia", r"assenza", r"aus[êe]ncia", r"afwezigheid",
    r"fr[åa]nvaro", r"frav[æa]r", r"poissaolo", r"nieobecno[śs][ćc]", r"nep[řr][íi]tomnos[tť]", r"atostogos",
    r"отсутствие", r"відсутність", r"απουσία", r"外出", r"休假", r"休暇", r"休暇のお知らせ", r"휴가",
)  # fmt: skip
_BEFORE = r"^\W*(?:(?:re|aw|sv|antw)\s*:\s*)?"
_COLON = r"\s*(?:\([^()]{0,40}\)\s*)?(?:[:：\]】]|(?:re|aw|sv|fw|wg)\s*:)"
# "Automatic reply: Order", "Out of Office AutoReply", "Automatische Antwort von Ann", "Out of office until Monday".
_NEXT = r"(?:auto-?reply|from|until|till|von|bis|de|du|d'|da|di|van|tot|fr[åa]n|fra|от|до)\b"
_END = rf"(?:{_COLON}|\s*(?:[-–|]|$)|\s*{_NEXT})"
AWAY_TITLES = re.compile(
    rf"{_BEFORE}(?:(?:{'|'.join(_SURE)}){_END}|(?:{'|'.join(_STATES)})(?:{_COLON}|$)|"
    r"eingangsbest[äa]tigung (?:ihrer|f[üu]r|zu)\b)",
    re.IGNORECASE,
)
# Enough for no machine to answer, not enough to be silent.
AWAY_HINTS = re.compile(
    rf"{_BEFORE}(?:(?:{'|'.join(_SURE)})|(?:{'|'.join((*_STATES, *_MATTERS))}){_COLON})", re.IGNORECASE
)
# What such an answer says. A person may say it too ("I am out of the office"), so it never counts by itself.
AWAY_SAYINGS = re.compile(
    r"out of (?:the |my )?office|on (?:annual |parental |maternity |sick |my )?(?:leave|vacation|holidays?)\b|away "
    r"(?:from|until|on)|(?:limited|no) access to (?:my )?(?:e-?mail|phone)|will (?:be )?(?:back|return|respond|reply)|"
    r"automatically generated|this is an? auto(?:matic|mated)?[- ]?(?:reply|response)|"
    r"have received your (?:e-?mail|message|request)|do not reply|"
    r"nicht im (?:b[üu]ro|haus)|abwesend|au(?:ß|ss)er haus|im urlaub|erst (?:wieder )?ab|nicht weitergeleitet|"
    r"wieder (?:erreichbar|da|im b[üu]ro)|nicht erreichbar|automatisch (?:erstellt|generiert)|"
    r"absente?\b|en (?:cong[ée]s?|vacances|d[ée]placement)|de retour|"
    r"fuera de la oficina|de vacaciones|estar[ée] (?:de vuelta|ausente)|ausente|vuelvo (?:el|a)|regres(?:o|ar[ée])|"
    r"fuori (?:ufficio|sede)|in ferie|assente|rientr(?:o|er[òo])|"
    r"fora do escrit[óo]rio|de f[ée]rias|voltar(?:ei|emos)|regress(?:o|arei)|fora de l'oficina|"
    r"afwezig|met (?:vakantie|verlof)|niet (?:aanwezig|op kantoor)|weer (?:bereikbaar|aanwezig|op kantoor)|"
    r"semester|fr[åa]nvarande|(?:inte|ej) p[åa] kontoret|[åa]ter p[åa]|tillbaka|"
    r"ferie|frav[æa]rende|ikke p[åa] kontoret|tilba(?:ge|ke)|loma(?:lla|ni)|poissa|palaan|[íi] fr[íi]i|"
    r"urlop|nieobecn|poza biurem|wracam|wr[óo]c[ęe]|dovolen|nep[řr][íi]tom|mimo kancel|vr[áa]t[íi]m|"
    r"szabads[áa]g|(?:h[áa]zon|irod[áa]n) k[íi]v[üu]l|[ée]rkezem|vissza|concediu|absent|revin|plecat|"
    r"отпуск|отсутств|вне офиса|меня нет|вернусь|відпуст|відсутн|немає в офісі|отпуска|отсъств|"
    r"godi[šs]njem|nisam u uredu|na dopustu|одмору|atostog|atva[ļl]in[āa]jum|puhkus|"
    r"izinde|tatilde|ofis d[ıi][şs]|άδεια|εκτός γραφείου|"
    r"不在|休暇|休み|休业|休假|外出|出差|出張|受け付け|返信が遅れ|부재|휴가|출장|בחופש|אינני במשרד|إجازة|خارج المكتب|"
    r"ngh[ỉi] ph[ép]p|cuti\b|ลาพัก|ไม่อยู่|कार्यालय से बाहर|अवकाश|مرخصی",
    re.IGNORECASE,
)  # fmt: skip
# A text that calls itself automatic: a person may quote it, so it only keeps machines from answering.
DECLARED = re.compile(
    r"(?:this is|you have received) an? auto(?:matic|mated|-?generated|matically[ -]generated)?[- ]?(?:reply|"
    r"response|e-?mail|mail|message|notification|acknowledge?ment|answer)|"
    r"(?:this|the) (?:e-?mail|message|reply|response) (?:was|is|has been) (?:sent |generated |created )?"
    r"auto(?:matically|-)|do not (?:reply|respond) to this (?:e-?mail|mail|message)|"
    r"(?:request|ticket|case) (?:for support )?(?:\(?#?[\w-]{1,20}\)? )?(?:has been|was) (?:created|received|opened|"
    r"registered|logged)|type your reply above this line|"
    r"automatisch (?:erstellte|generierte|erzeugte|versandte|verschickte)|(?:ist|wurde|wird) automatisch (?:erstellt|"
    r"generiert|erzeugt|versandt|verschickt)|antworten sie (?:bitte )?nicht auf diese|"
    r"wurde unter der (?:ticket|vorgangs|fall)-?nummer|"
    r"(?:message|e-?mail|courriel) (?:est |a [ée]t[ée] )?(?:envoy[ée] |g[ée]n[ée]r[ée] )automatique|"
    r"ceci est une? (?:r[ée]ponse|message|courriel|e-?mail) automatique|merci de ne pas r[ée]pondre [àa] ce|"
    r"este es un (?:mensaje|correo|e-?mail) (?:generado )?autom[áa]tic[oa]|mensaje generado autom[áa]ticamente|"
    r"no respond[ae]r? a este (?:correo|mensaje)|"
    r"questo [èe] un (?:messaggio|e-?mail) (?:generato )?automatic[oa]|non rispondere a quest[oa]|"
    r"esta [ée] uma (?:resposta|mensagem) (?:gerada )?autom[áa]tica|n[ãa]o responda a est[ae]|"
    r"dit is een automatisch|automatisch gegenereerd|det (?:h[äa]r|her) [äae]r (?:et|ett) automatisk|"
    r"wygenerowan[aey] automatycznie|(?:toto je|tato zpr[áa]va je) automatick|ez egy automatikus|"
    r"автоматически (?:создан|сгенерирован|отправлен)|это автоматическ|автоматично (?:створен|надіслан)|"
    r"otomatik olarak (?:g[öo]nderil|olu[şs]turul)|αυτό είναι (?:ένα )?αυτόματ|"
    r"自動(?:的に|で)?(?:送信|返信|配信)(?:して|され|いた|メール)|(?:本|此)邮件(?:由|为)?(?:系统)?自动|自動(?:回覆|發送)的|"
    r"자동(?:으로)? ?(?:발송|생성)(?:된|되)",
    re.IGNORECASE,
)
