"""Names of months, one row a language: enough of each name to know it by, without accents lost."""

MONTHS = (
    ("en", "jan feb mar apr may jun jul aug sep sept oct nov dec"),
    ("de", "jan jän feb mär mrz maerz apr mai jun jul aug sep sept okt nov dez"),
    ("fr", "janv févr fev fév mars avr mai juin juil août aout sept oct nov déc"),
    ("es", "ene feb mar abr may jun jul ago sep sept oct nov dic"),
    ("it", "gen feb mar apr mag giu lug ago set sett ott nov dic"),
    ("pt", "jan fev mar abr mai jun jul ago set out nov dez"),
    ("nl", "jan feb mrt maa apr mei jun jul aug sep okt nov dec"),
    ("sv", "jan feb mars apr maj juni juli aug sep sept okt nov dec"),
    ("da", "jan feb mar apr maj jun jul aug sep okt nov dec"),
    ("nb", "jan feb mar apr mai jun jul aug sep okt nov des"),
    ("fi", "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu"),
    ("is", "jan feb mar apr maí jún júl ágú sep okt nóv des"),
    ("pl", "sty lut mar kwi maj maja cze lip sie wrz paź lis gru"),
    ("cs", "led úno bře dub kvě čvn čvc červ srp zář říj lis pro"),
    ("sk", "jan feb mar apr máj jún júl aug sep okt nov dec"),
    ("hu", "jan febr márc ápr máj jún júl aug szept okt nov dec"),
    ("ro", "ian feb mar apr mai iun iul aug sept oct noi nov dec"),
    ("hr", "sij velj ožu tra svi lip srp kol ruj lis stu pro"),
    ("sl", "jan feb mar apr maj jun jul avg sep okt nov dec"),
    ("bg", "яну фев мар апр май юни юли авг сеп окт ное дек"),
    ("sr", "јан феб мар апр мај јун јул авг сеп окт нов дец"),
    ("ru", "янв фев мар апр мая май июн июл авг сен окт ноя дек"),
    ("uk", "січ лют бер квіт кві трав чер лип сер вер жов лис гру"),
    ("be", "сту лют сак крас тра чэр ліп жні вер кас ліс сне"),
    ("tr", "oca şub mar nis may haz tem ağu eyl eki kas ara"),
    ("el", "ιαν φεβ μαρ μάρ απρ μαΐ μαϊ μάι ιουν ιούν ιουλ ιούλ αυγ αύγ σεπ οκτ νοε δεκ"),
    (
        "ar",
        "يناي فبرا مارس أبري ابري إبري مايو يوني يولي أغسط اغسط سبتم أكتو اكتو نوفم ديسم كانو شباط آذار "
        "نيسا أيار حزير تموز آب أيلو تشري",
    ),
    (
        "he",
        "ינו פבר מרץ מרס אפר מאי יונ יול אוג ספט אוק נוב דצמ בינו בפבר במרץ באפר במאי ביונ ביול באוג בספט "
        "באוק בנוב בדצמ",
    ),
    ("fa", "ژانو فوری مارس آوری ژوئن ژوئی اوت سپتا اکتب نوام دسام"),
    ("vi", "thg tháng"),
    ("id", "jan feb mar apr mei jun jul agu agt sep okt nov des"),
    ("ca", "gen febr març abr maig juny jul ag set oct nov des"),
    ("et", "jaan veebr märts apr mai juuni juuli aug sept okt nov dets"),
    ("lv", "janv febr marts apr maij jūn jūl aug sept okt nov dec"),
    ("lt", "saus vas kov bal geg bir lie rugp rugs spal lapkr gruod"),
    ("eu", "urt ots mar api mai eka uzt abu ira urr aza abe"),
    ("sw", "jan feb mac apr mei jun jul ago sep okt nov des"),
    ("hi", "जनव फ़रव मार् अप्र मई जून जुला अगस् सित अक् नव दिस"),
)

MONTH_STARTS = frozenset(stem for _, names in MONTHS for stem in names.split())
"""A word is a month's name when its first two to five letters are one of these and a number stands beside it."""

# Thai writes months without a space around them.
MONTHS_INSIDE = (
    *["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."],
    *["มกรา", "กุมภา", "มีนา", "เมษา", "พฤษภา", "มิถุนา", "กรกฎา", "สิงหา", "กันยา", "ตุลา", "พฤศจิกา", "ธันวา"],
)
