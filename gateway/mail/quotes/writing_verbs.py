"""How mail programs say "wrote" in the line above a quotation, one row a language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wrote:
    """One language's verbs, the words that such a line begins with, and others in it; parted by bars, lower case."""

    language: str
    verbs: str
    openers: str = ""
    fillers: str = ""


WROTE = (
    Wrote(
        "en",
        "wrote|writes|has written",
        "on|at|in a message dated|in article",
        "from|via|pm|am|gmt|of|the following",
    ),
    Wrote("de", "schrieb|geschrieben|schreibt|schrieben", "am|um|on", "hat|folgendes|uhr|von|folgende"),
    Wrote("fr", "écrit|ecrit|écrivait|a écrit", "le|à|en date", "a|via|ce"),
    Wrote("es", "escribió|escribio|escrito|escribía|escribe", "el|en|a las", "las|los|siguiente"),
    Wrote("it", "scritto|scrive|scriveva|scrisse", "il|in data|il giorno|alle|nel messaggio", "ore|ha|alle|seguente"),
    Wrote("pt", "escreveu|escreve|escreveram", "em|no dia|a", "às|à(s)|de|seguinte"),
    Wrote("nl", "schreef|geschreven|schrijft", "op|om", "heeft|het|volgende|uur|om"),
    Wrote("sv", "skrev|skriver", "den|på|kl", "följande|via"),
    Wrote("da", "skrev|skriver", "den|på|kl", "følgende|via"),
    Wrote("nb", "skrev|skrev følgende|skreiv", "den|på|kl", "følgende"),
    Wrote("fi", "kirjoitti|kirjoitettiin", "ma|ti|ke|to|pe|la|su", "kello|klo|seuraavasti"),
    Wrote("is", "skrifaði|skrifaðir|reit", "þann|á"),
    Wrote(
        "pl",
        "napisał|napisał(a)|napisała|pisze|napisali|napisał/a",
        "w dniu|dnia|w wiadomości",
        "dniu|godz|przez|napisana|następujące",
    ),
    Wrote("cs", "napsal|napsala|napsal(a)|napsáno|píše|napsal/a", "dne|v", "odesílatel|uživatel|hod"),
    Wrote("sk", "napísal|napísala|napísal(a)|píše|napísal/a", "dňa|v", "používateľ|odosielateľ"),
    Wrote("hu", "írta|ezt írta|írt|írja", "ekkor|időpont", "ezt|időpont|dátummal|időpontban|keltezéssel|következőt"),
    Wrote("ro", "a scris|scris|scrie", "pe|în|in data|la", "a|următoarele"),
    Wrote("bg", "написа|пише|написал|написала", "на|в", "потребителят"),
    Wrote("hr", "napisao|napisala|napisao/la|piše|napisao je|napisala je|napiše", "u|dana|dne", "korisnik|je"),
    Wrote("sl", "napisal|napisala|napisal(a)|napisal/-a|je oseba|piše", "dne|v", "je|oseba|ob"),
    Wrote("sr", "написао|написала|пише|је написао", "у|дана|на"),
    Wrote("mk", "напиша|пишува", "на"),
    Wrote("ru", "написал|написала|написал(а)|пишет|писал|писал(а)|писали|написали", "в", "от|г|письмо"),
    Wrote("uk", "написав|написала|написав(ла)|пише|пишет|писав|написав(-ла)", "у|в", "від|р"),
    Wrote("be", "напісаў|напісала|піша", "у"),
    Wrote(
        "tr",
        "yazdı|yazmış|tarihinde şunu yazdı|şunları yazdı|şöyle yazdı",
        "tarihinde",
        "şunu|şunları|şöyle|tarihinde|saat",
    ),
    Wrote("el", "έγραψε|έγραψαν|γράφει|εγραψε", "στις|την", "ο|η|χρήστης|ο/η|μ.μ|π.μ|στις"),
    Wrote("ar", "كتب|كتبت|كتبه|كتب/كتبت|كتب:", "في|بتاريخ|يوم"),
    Wrote("he", "כתב|כתבה|כתב/ה|כתבו|מאת", "בתאריך|ב"),
    Wrote("fa", "نوشت|نوشته|نوشته است", "در|در تاریخ"),
    Wrote("hi", "लिखा|ने लिखा", ""),
    Wrote("vi", "đã viết|viết", "vào|lúc", "lúc|vào|đã|thứ"),
    Wrote("id", "menulis|tulis|menuliskan", "pada|tanggal", "pukul|tanggal"),
    Wrote("ms", "menulis", "pada"),
    Wrote("ca", "escriure|escrit|escrigué|va escriure", "el|a|missatge de", "del|dia|les|ha"),
    Wrote("gl", "escribiu", "o|en"),
    Wrote("eu", "idatzi|idatzi du|idatzi zuen", ""),
    Wrote("et", "kirjutas|kirjutasid", "kuupäeval", "kell"),
    Wrote("lv", "rakstīja|raksta", "", "plkst"),
    Wrote("lt", "rašė|parašė", "", "val"),
    Wrote("af", "geskryf|het geskryf|skryf", "op"),
    Wrote("sw", "aliandika|ameandika|waliandika", "mnamo|tarehe", "saa"),
    Wrote("fil", "isinulat|sumulat", "noong"),
)

# Languages that put no space around the verb: looked for anywhere in the line.
WROTE_INSIDE = (
    Wrote("zh-CN", "写道|写到|写了|寫道|编写|撰写|来信", "在|于"),
    Wrote("zh-TW", "寫道|寫到|來信|寫了|撰寫", "於|在"),
    Wrote("ja", "のメール|さんは書きました|書きました|書き込みました|が書いた|のメッセージ|さんが書", ""),
    Wrote("ko", "작성|님이 쓴|쓴 글|썼습니다|님의 말|적었|쓰셨", ""),
    Wrote("th", "เขียนว่า|เขียน|ได้เขียน", "เมื่อ|ใน"),
)

# Who says "I" or "your" in such a line is telling something; no mail program does.
FIRST_PERSON = (
    ("en", "I We we my our me us your"),
    ("de", "ich Ich wir Wir mein meine unser unsere mir uns Ihr Ihre Ihrem Ihrer"),
    ("fr", "j'ai nous mon ma notre nos votre vos"),
    ("es", "yo nosotros mi nuestro nuestra su vuestro"),
    ("it", "io noi mio mia nostro vostro suo"),
    ("pt", "eu nós meu minha nosso seu"),
    ("nl", "ik wij mijn onze ons uw"),
    ("sv", "jag min mitt vår"),
    ("da nb", "jeg min mit vår vores"),
    ("fi", "minä minun"),
    ("pl", "ja mój moja nasz"),
    ("cs sk", "já můj naše jsem"),
    ("hu", "én enyém"),
    ("ro", "eu noi meu mea"),
    ("ru", "я мы мой моя наш мне"),
    ("uk", "я ми мій моя наш мені"),
    ("tr", "ben biz benim"),
    ("el", "εγώ εμείς μου μας"),
    ("ar", "أنا نحن"),
    ("he", "אני אנחנו"),
    ("vi", "tôi chúng"),
    ("id", "saya kami"),
)


def _split(rows: tuple[Wrote, ...]) -> list[str]:
    return [verb for row in rows for verb in row.verbs.split("|") if verb]


VERB_WORDS = frozenset(verb for verb in _split(WROTE) if " " not in verb)
VERB_PHRASES = tuple(verb for verb in _split(WROTE) if " " in verb)
VERBS_INSIDE = tuple(_split(WROTE_INSIDE))
OPENERS = tuple(sorted({f"{word} " for row in WROTE for word in row.openers.split("|") if word}))
OPENERS_INSIDE = tuple(word for row in WROTE_INSIDE for word in row.openers.split("|") if word)
FIRST_PERSON_WORDS = frozenset(word for _, words in FIRST_PERSON for word in words.split())
FILLER_WORDS = frozenset(
    word for row in WROTE for part in (row.openers, row.fillers) for word in part.replace(" ", "|").split("|") if word
)
