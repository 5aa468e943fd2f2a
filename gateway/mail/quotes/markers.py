"""Lines that say "what follows is an older mail" or "a forwarded mail", one row a language."""

REPLY_ABOVE = "## Please write your reply above this line ##"
"""The line that our own mails may begin with; where it stands, in any depth, everything below it is ours."""

ORIGINAL = (
    (
        "en",
        "original message|original appointment|original email|original mail|reply message|replied message"
        "|previous message",
    ),
    (
        "de",
        "ursprüngliche nachricht|originalnachricht|original-nachricht|original nachricht|antwort nachricht"
        "|ursprungsnachricht"
        "|urspr. nachricht|ursprüngliche e-mail|original-mail",
    ),
    (
        "fr",
        "message d'origine|message d’origine|message original|message initial|mail original"
        "|e-mail d'origine|courriel original",
    ),
    ("es", "mensaje original|mensaje de origen|correo original"),
    ("it", "messaggio originale|messaggio originario|messaggio di origine"),
    ("pt", "mensagem original|e-mail original"),
    ("nl", "oorspronkelijk bericht|oorspronkelijke bericht|origineel bericht|oorspronkelijke e-mail"),
    ("sv", "originalmeddelande|ursprungligt meddelande|ursprungligt brev|original meddelande"),
    ("da", "oprindelig meddelelse|oprindelig besked|den oprindelige meddelelse|original meddelelse|oprindelig mail"),
    ("nb", "opprinnelig melding|opprinnelig e-post|original melding|opprinnelig beskjed"),
    ("fi", "alkuperäinen viesti|alkuperäinen sähköposti"),
    ("is", "upprunaleg skilaboð|upphafleg skilaboð"),
    (
        "pl",
        "oryginalna wiadomość|wiadomość oryginalna|treść oryginalnej wiadomości|wiadomość pierwotna|oryginalny e-mail",
    ),
    ("cs", "původní zpráva|původní e-mail|puvodni zprava|původní email"),
    ("sk", "pôvodná správa|pôvodný e-mail"),
    ("hu", "eredeti üzenet|eredeti levél"),
    ("ro", "mesaj original|mesajul original|mesaj iniţial|mesaj inițial"),
    ("bg", "оригинално съобщение|първоначално съобщение|оригинално писмо"),
    ("hr", "izvorna poruka|originalna poruka"),
    ("sl", "izvirno sporočilo|originalno sporočilo"),
    ("sr", "изворна порука|оригинална порука|originalna poruka"),
    ("ru", "исходное сообщение|оригинальное сообщение|исходное письмо|первоначальное сообщение|изначальное сообщение"),
    (
        "uk",
        "вихідне повідомлення|оригінальне повідомлення|початкове повідомлення|первинне повідомлення|оригінальний лист",
    ),
    ("be", "зыходнае паведамленне|арыгінальнае паведамленне"),
    ("tr", "orijinal ileti|özgün ileti|orijinal mesaj|orjinal mesaj|özgün mesaj|orijinal e-posta|asıl ileti"),
    ("el", "αρχικό μήνυμα|πρωτότυπο μήνυμα"),
    ("ar", "الرسالة الأصلية|رسالة أصلية|الرسالة الاصلية"),
    ("he", "הודעה מקורית|ההודעה המקורית"),
    ("fa", "پیام اصلی"),
    ("zh-CN", "原始邮件|邮件原件|原邮件|回复的原邮件|原始消息|原始信息|回复邮件"),
    ("zh-TW", "原始郵件|郵件原件|原始信件|原始訊息|原郵件"),
    ("ja", "元のメッセージ|元のメール|オリジナルメッセージ|元のメッセージここから"),
    ("ko", "원본 메시지|원본메시지|원본 메일|원본메일|원래 메시지|원래메시지"),
    ("vi", "thư gốc|tin nhắn gốc|thông điệp gốc|tin gốc|email gốc"),
    ("th", "ข้อความต้นฉบับ|ข้อความเดิม|อีเมลต้นฉบับ"),
    ("id", "pesan asli|pesan awal|email asli"),
    ("ms", "mesej asal"),
    ("ca", "missatge original"),
    ("et", "algne kiri|originaalkiri|algne sõnum"),
    ("lv", "sākotnējais ziņojums|oriģinālais ziņojums"),
    ("lt", "pradinis laiškas|originalus laiškas"),
    ("sw", "ujumbe wa asili|ujumbe halisi"),
    ("hi", "मूल संदेश"),
)

FORWARDED = (
    (
        "en",
        "forwarded message|begin forwarded message|forwarded by|forwarded mail|forwarded email"
        "|inline attachment follows"
        "|start of forwarded message|start forwarded message|forwarded from",
    ),
    (
        "de",
        "weitergeleitete nachricht|anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail"
        "|weitergeleitet von"
        "|weitergeleitete e-mail|weitergeleitete mail|beginn der weitergeleiteten nachricht",
    ),
    (
        "fr",
        "message transféré|début du message transféré|début du message réexpédié|message réexpédié"
        "|transféré par|message transmis"
        "|courriel transféré|e-mail transféré|réexpédié par|message envoyé par",
    ),
    (
        "es",
        "mensaje reenviado|inicio del mensaje reenviado|comienzo del mensaje reenviado|reenviado por"
        "|empieza el mensaje reenviado",
    ),
    ("it", "messaggio inoltrato|inizio messaggio inoltrato|inizio del messaggio inoltrato|inoltrato da"),
    (
        "pt",
        "mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|início da mensagem reencaminhada"
        "|encaminhado por|mensagem reenviada|reencaminhado por|início da mensagem reenviada",
    ),
    (
        "nl",
        "doorgestuurd bericht|begin doorgestuurd bericht|doorgezonden bericht|doorgestuurde bericht"
        "|doorgestuurde e-mail",
    ),
    (
        "sv",
        "vidarebefordrat meddelande|vidarebefordrat brev|vidarebefordrat mail|vidarebefordrat mejl"
        "|vidarebefordrat e-post"
        "|påbörjar vidarebefordrat|början på vidarebefordrat|vidarebefordrat e-postmeddelande",
    ),
    (
        "da",
        "videresendt besked|videresendt meddelelse|start på videresendt besked|videresendt mail|videresendt e-mail"
        "|begyndelse på videresendt",
    ),
    (
        "nb",
        "videresendt melding|begynnelse på videresendt melding|videresendt e-post|videresendt epost"
        "|start på videresendt melding"
        "|begynn videresendt melding",
    ),
    (
        "fi",
        "välitetty viesti|edelleenlähetetty viesti|välitetty sähköposti|välitetty viesti alkaa"
        "|edelleen lähetetty viesti"
        "|lähetetty edelleen",
    ),
    ("is", "áframsend skilaboð|framsend skilaboð"),
    (
        "pl",
        "przekazana wiadomość|wiadomość przekazana|treść przekazanej wiadomości|początek przekazywanej wiadomości"
        "|początek przekazanej wiadomości|przesłana wiadomość|przesłana dalej wiadomość|podana dalej wiadomość"
        "|wiadomość przesłana dalej",
    ),
    ("cs", "přeposlaná zpráva|předaná zpráva|začátek přeposílané zprávy|přeposlaný e-mail|začátek přeposlané zprávy"),
    (
        "sk",
        "preposlaná správa|začiatok preposlanej správy|odovzdaná správa|presmerovaná správa"
        "|začiatok preposielanej správy",
    ),
    ("hu", "továbbított üzenet|továbbított levél|továbbított levél kezdete|továbbküldött üzenet|továbbított e-mail"),
    (
        "ro",
        "mesaj redirecționat|mesaj redirecţionat|mesaj redirectionat|mesajul redirecționat"
        "|început mesaj redirecționat"
        "|începutul mesajului redirecționat|mesaj transmis|mesaj înaintat|început mesaj transmis|mesaj retrimis",
    ),
    ("bg", "препратено съобщение|препратено писмо|начало на препратеното съобщение|пренасочено съобщение"),
    (
        "hr",
        "proslijeđena poruka|početak proslijeđene poruke|započni proslijeđenu poruku|proslijeđeni mail"
        "|prosljeđena poruka",
    ),
    ("sl", "posredovano sporočilo|začetek posredovanega sporočila"),
    ("sr", "прослеђена порука|prosleđena poruka"),
    (
        "ru",
        "пересылаемое сообщение|переадресованное сообщение|пересланное сообщение|начало переадресованного сообщения"
        "|начало пересылаемого сообщения|пересылаемое письмо|пересланное письмо|перенаправленное сообщение",
    ),
    (
        "uk",
        "переслане повідомлення|пересланий лист|переадресоване повідомлення|початок листа, що пересилається"
        "|початок переадресованого повідомлення|перенаправлене повідомлення|переслане повідомлення"
        "|пересилання повідомлення",
    ),
    ("be", "перасланае паведамленне|перанакіраванае паведамленне"),
    (
        "tr",
        "iletilen ileti|yönlendirilen ileti|iletilmiş mesaj|iletilen mesaj|iletilen e-posta|yönlendirilmiş mesaj"
        "|yönlendirilen mesaj|iletilmiş ileti|iletilmiş ileti başlangıcı|i̇letilmiş ileti başlangıcı|i̇letilen ileti"
        "|i̇letilmiş mesaj|yönlendirilmiş ileti|başlangıcı iletilen ileti|i̇leti başlangıcı|i̇letilmiş ileti",
    ),
    ("el", "προωθημένο μήνυμα|έναρξη προωθημένου μηνύματος|αρχή προωθημένου μηνύματος|προωθούμενο μήνυμα"),
    (
        "ar",
        "رسالة معاد توجيهها|رسالة محولة|الرسالة المعاد توجيهها|رسالة مُعاد توجيهها|الرسالة المحولة"
        "|بداية الرسالة المعاد توجيهها",
    ),
    ("he", "הודעה מועברת|הודעה שהועברה|התחל הודעה שהועברה|תחילת ההודעה שהועברה"),
    ("fa", "پیام هدایت شده|پیام فوروارد شده|پیام ارسال شده"),
    (
        "zh-CN",
        "转发邮件|转发的邮件|已转发邮件|被转发的信息|被转发邮件|转发邮件信息|开始转发邮件|下面是被转发的邮件|已转发的信息"
        "|转发的消息|转发消息|已转发的邮件|被转发的邮件",
    ),
    (
        "zh-TW",
        "轉寄郵件|轉寄的郵件|轉寄訊息|轉寄的訊息|以下為轉寄的郵件|開始轉寄郵件|以下是轉寄的郵件|轉寄信件|轉寄的信件",
    ),
    (
        "ja",
        "転送メッセージ|転送されたメッセージ|転送されたメール|転送メール|開始転送メッセージ|以下転送メール|転送されたメッセージを開始",
    ),
    (
        "ko",
        "전달된 메시지|전달된 메일|전달된메시지|전달한 메시지|전달 메시지|전달 메일|전달된 이메일|전달된 메시지 시작",
    ),
    (
        "vi",
        "thư đã chuyển tiếp|thư được chuyển tiếp|tin nhắn được chuyển tiếp|bắt đầu thư được chuyển tiếp"
        "|tin nhắn đã chuyển tiếp"
        "|bắt đầu tin nhắn được chuyển tiếp",
    ),
    ("th", "ข้อความที่ส่งต่อ|ข้อความที่ถูกส่งต่อ|เริ่มข้อความที่ส่งต่อ|ข้อความส่งต่อ|อีเมลที่ส่งต่อ"),
    (
        "id",
        "pesan terusan|pesan yang diteruskan|pesan diteruskan|mulai pesan yang diteruskan"
        "|awal pesan terusan|pesan penerusan",
    ),
    ("ms", "mesej dimajukan|mesej yang dimajukan"),
    ("ca", "missatge reenviat|inici del missatge reenviat"),
    ("eu", "birbidalitako mezua"),
    ("et", "edastatud kiri|edastatud sõnum|edastatud meil"),
    ("lv", "pārsūtīts ziņojums|pārsūtītā ziņa|pārsūtītais ziņojums"),
    ("lt", "persiųstas laiškas|persiunčiamas laiškas|persiųsta žinutė"),
    ("sw", "ujumbe uliosambazwa|ujumbe uliotumwa mbele"),
    ("hi", "अग्रेषित संदेश"),
)

# A line that asks for the answer above it. Help desks write it; who answers keeps it in the quotation.
ABOVE = (
    (
        "en",
        "reply above this line|above this line to|write your reply above|type your reply above"
        "|reply between the lines"
        "|write above this line|respond above this line|reply above the line|reply to this email above",
    ),
    ("de", "oberhalb dieser linie|über dieser zeile|oberhalb dieser zeile|über dieser linie"),
    ("fr", "au-dessus de cette ligne|au dessus de cette ligne"),
    ("es", "encima de esta línea|por encima de esta linea|arriba de esta línea"),
    ("it", "sopra questa riga|sopra questa linea|sopra a questa riga"),
    ("pt", "acima desta linha|acima dessa linha"),
    ("nl", "boven deze lijn|boven deze regel"),
    ("sv", "ovanför denna rad|ovanför den här raden|ovanför denna linje"),
    ("da", "over denne linje|oven over denne linje"),
    ("nb", "over denne linjen|ovenfor denne linjen"),
    ("fi", "tämän rivin yläpuolelle|tämän viivan yläpuolelle"),
    ("pl", "nad tą linią|powyżej tej linii|powyżej tego wiersza"),
    ("cs", "nad tento řádek|nad tuto čáru|nad tuto linku"),
    ("sk", "nad tento riadok|nad túto čiaru"),
    ("hu", "e sor fölé|ezen sor fölé|a vonal fölé"),
    ("ro", "deasupra acestei linii|deasupra acestui rând"),
    ("ru", "выше этой строки|выше этой линии|над этой строкой"),
    ("uk", "вище цього рядка|над цим рядком|вище цієї лінії"),
    ("tr", "bu satırın üstüne|bu satırın üzerine|bu çizginin üzerine"),
    ("el", "πάνω από αυτή τη γραμμή|πάνω από αυτήν τη γραμμή"),
    ("ar", "فوق هذا السطر|أعلى هذا السطر"),
    ("he", "מעל שורה זו|מעל לשורה זו"),
    ("zh-CN", "在此行上方回复|请在此行上方|在这行以上回复|在此线以上"),
    ("zh-TW", "在此行上方回覆|請在此行上方|在此線以上"),
    ("ja", "この行より上に|この線より上に|この行の上に"),
    ("ko", "이 줄 위에|이 선 위에"),
    ("vi", "phía trên dòng này|trên dòng này"),
    ("th", "เหนือบรรทัดนี้"),
    ("id", "di atas baris ini|di atas garis ini"),
)


def fold(text: str) -> str:
    """One case for all, a dotted Turkish capital I included."""
    return text.casefold().replace("\u0307", "")


def phrases(rows: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """All phrases of a table, folded, the longest first."""
    found = {fold(phrase) for _, names in rows for phrase in names.split("|")}
    return tuple(sorted(found, key=lambda name: (-len(name), name)))
