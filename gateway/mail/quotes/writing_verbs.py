"""How mail programs say "wrote" in the line above a quotation, one row a language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wrote:
    """One language's verbs and the words that such a line begins with, parted by bars; lower case."""

    language: str
    verbs: str
    openers: str = ""


WROTE = (
    Wrote("en", "wrote|writes|has written|sent|said", "on|at|in a message dated|in article"),
    Wrote("de", "schrieb|geschrieben|schreibt|schrieben", "am|um|on"),
    Wrote("fr", "écrit|ecrit|écrivait|a écrit", "le|à|en date"),
    Wrote("es", "escribió|escribio|escrito|escribía|escribe", "el|en|a las"),
    Wrote("it", "scritto|scrive|scriveva|scrisse", "il|in data|il giorno|alle|nel messaggio"),
    Wrote("pt", "escreveu|escreve|escreveram", "em|no dia|a"),
    Wrote("nl", "schreef|geschreven|schrijft", "op|om"),
    Wrote("sv", "skrev|skriver", "den|på|kl"),
    Wrote("da", "skrev|skriver", "den|på|kl"),
    Wrote("nb", "skrev|skrev følgende|skreiv", "den|på|kl"),
    Wrote("fi", "kirjoitti|kirjoitettiin", "ma|ti|ke|to|pe|la|su"),
    Wrote("is", "skrifaði|skrifaðir|reit", "þann|á"),
    Wrote("pl", "napisał|napisał(a)|napisała|pisze|napisali|napisał/a", "w dniu|dnia|w wiadomości"),
    Wrote("cs", "napsal|napsala|napsal(a)|napsáno|píše|napsal/a", "dne|v"),
    Wrote("sk", "napísal|napísala|napísal(a)|píše|napísal/a", "dňa|v"),
    Wrote("hu", "írta|ezt írta|írt|írja", "ekkor|időpont"),
    Wrote("ro", "a scris|scris|scrie", "pe|în|in data|la"),
    Wrote("bg", "написа|пише|написал|написала", "на|в"),
    Wrote("hr", "napisao|napisala|napisao/la|piše|napisao je|napisala je|napiše", "u|dana|dne"),
    Wrote("sl", "napisal|napisala|napisal/-a|je oseba|piše", "dne|v"),
    Wrote("sr", "написао|написала|пише|је написао", "у|дана|на"),
    Wrote("mk", "напиша|пишува", "на"),
    Wrote("ru", "написал|написала|написал(а)|пишет|писал|писал(а)|писали|написали", "в"),
    Wrote("uk", "написав|написала|написав(ла)|пише|пишет|писав|написав(-ла)", "у|в"),
    Wrote("be", "напісаў|напісала|піша", "у"),
    Wrote("tr", "yazdı|yazmış|tarihinde şunu yazdı|şunları yazdı|şöyle yazdı", "tarihinde"),
    Wrote("el", "έγραψε|έγραψαν|γράφει|εγραψε", "στις|την"),
    Wrote("ar", "كتب|كتبت|كتبه|كتب/كتبت|كتب:", "في|بتاريخ|يوم"),
    Wrote("he", "כתב|כתבה|כתב/ה|כתבו|מאת", "בתאריך|ב"),
    Wrote("fa", "نوشت|نوشته|نوشته است", "در|در تاریخ"),
    Wrote("hi", "लिखा|ने लिखा", ""),
    Wrote("vi", "đã viết|viết", "vào|lúc"),
    Wrote("id", "menulis|tulis|menuliskan", "pada|tanggal"),
    Wrote("ms", "menulis", "pada"),
    Wrote("ca", "escriure|escrit|escrigué|va escriure", "el|a"),
    Wrote("gl", "escribiu", "o|en"),
    Wrote("eu", "idatzi|idatzi du|idatzi zuen", ""),
    Wrote("et", "kirjutas|kirjutasid", "kuupäeval"),
    Wrote("lv", "rakstīja|raksta", ""),
    Wrote("lt", "rašė|parašė", ""),
    Wrote("af", "geskryf|het geskryf|skryf", "op"),
    Wrote("fil", "isinulat|sumulat", "noong"),
)

# Languages that put no space around the verb: looked for anywhere in the line.
WROTE_INSIDE = (
    Wrote("zh-CN", "写道|写到|写了|寫道|编写|撰写|来信", "在|于"),
    Wrote("zh-TW", "寫道|寫到|來信|寫了|撰寫", "於|在"),
    Wrote("ja", "のメール|さんは書きました|書きました|書き込みました|が書いた|のメッセージ|さんが書", ""),
    Wrote("ko", "작성|님이 쓴|썼습니다|님의 말|적었|쓰셨", ""),
    Wrote("th", "เขียนว่า|เขียน|ได้เขียน", "เมื่อ|ใน"),
)

# Who says "I" in such a line is telling something; no mail program does. Told apart by case in English only.
FIRST_PERSON = (
    ("en", "I we my our me us"),
    ("de", "ich wir mein meine unser unsere mir uns"),
    ("fr", "je j'ai nous mon ma notre nos"),
    ("es", "yo nosotros mi nuestro nuestra"),
    ("it", "io noi mio mia nostro"),
    ("pt", "eu nós meu minha nosso"),
    ("nl", "ik wij mijn onze ons"),
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
