"""How customers ask for a person, in many languages: a wish now, not a tale of somebody they spoke to."""

import re

LOOKED_AT = 6_000

_EN_WHO = (
    r"(?:an? |the |some |your |any |one of your )?(?:(?:real|actual|live|human|proper|customer|support|service|"
    r"sales|technical|living|breathing|senior) ){0,3}"
    r"(?:human(?: being)?s?|persons?|people|someone|somebody|agents?|representatives?|reps?|advisors?|advisers?|"
    r"operators?|employees?|managers?|supervisors?|staff(?: member)?|colleagues?|team member|support team|"
    r"specialist|assistant manager)\b"
)
_EN_REAL = (
    r"(?:(?:real|actual|live|human|living) ){1,3}(?:human(?: being)?|person|people|someone|agent|representative|"
    r"rep|advisor|operator|employee|being|support)\b"
)
_EN_TALK = (
    r"(?:talk|speak|chat|be connected|be transferred|be put through|get (?:connected|transferred|through|put "
    r"through)|get in touch|discuss (?:this|it)|deal|communicate|correspond|connect(?= with)|have (?:a )?(?:call|"
    r"word|chat|conversation))"
)

# One row a language (or family); each is a whole wish. Gaps are bounded, so no text makes them slow.
_WISHES = (
    rf"\b(?:(?:can|could|may|might|shall) (?:i|we)|(?:i|we)(?:'d| would| do)?(?: really| just| rather| much)* "
    rf"(?:like|want|wish|need|prefer|demand|insist|ask|request|love)(?: (?:on|to|for))*|let (?:me|us)|how (?:can|"
    rf"do) (?:i|we)|(?:is|would) (?:it|there)(?: be)? possible to|is there (?:a|any) way (?:to|(?:i|we) can)|"
    rf"please let (?:me|us)|(?:i|we) (?:have|am|are)? ?(?:trying|asking|requesting) to|allow me to|possible to|"
    rf"want to|like to|need to|wish to)\b[^.?!\n]{{0,25}}?\b{_EN_TALK} (?:to|with) {_EN_WHO}",
    rf"\b(?:connect|transfer|put|pass|hand|forward|escalate|refer|switch|direct)\b (?:me|us|this|it|my \w+)(?: "
    rf"(?:over|on|through|along|directly|straight|back))* (?:to|with) {_EN_WHO}",
    rf"\b(?:i|we)(?:'d| would| do)?(?: really| just)* (?:want|need|like|prefer|demand|request)(?: to (?:have|get|"
    rf"see))? (?:an? |some )?{_EN_REAL}",
    rf"\b(?:give|get|send|assign|find) (?:me|us) (?:an? |some )?{_EN_REAL}",
    rf"\b(?:have|let|get|ask) (?:an? |some )?(?:{_EN_REAL}|someone|somebody|a person|a human|an agent|a "
    rf"representative|a manager|a colleague) (?:to )?(?:from your \w+ )?(?:please )?(?:call|contact|answer|reply|"
    rf"respond|look|ring|phone|take over|handle|help|get back|write|read|check)\b",
    rf"\b(?:can|could|would|will|may) (?:you )?(?:please )?(?:an? |some )?(?:{_EN_REAL}|a person|a human|an agent|"
    rf"a representative)(?: please)? (?:please )?(?:call|contact|answer|reply|respond|look|ring|phone|take over|"
    rf"handle|help|get back|write|read|check)\b",
    rf"\b(?:please )?escalate (?:this|my|the) (?:\w+ ){{0,3}}to (?:an? )?(?:{_EN_WHO})",
    rf"^[^\w\n]*(?:please )?(?:{_EN_TALK} (?:to|with) )?(?:an? )?(?:{_EN_REAL}|human|agent|representative|"
    rf"operator)(?:,? please)?\W*$|\b(?:an? )?(?:real|actual|live|human) (?:person|human|being|agent)(?: only)?,? "
    rf"please\b",
    rf"^[^\w\n]*(?:please,? )?(?:talk|speak|chat) (?:to|with) {_EN_WHO}",
    r"\b(?:no|not|stop|without|enough(?: of)?|sick of|tired of)(?: (?:a|any|more|this|the|your|these|sending me|"
    r"talking to|using))* (?:robots?|bots?|chat ?bots?|machines?|ai|automated (?:answers?|repl(?:y|ies)|"
    r"responses?))\b[^.?!\n]{0,40}\b(?:want|need|please|human|person|someone|real)",
    # German
    r"\b(?:m[öo]chte|moechte|will|w[üu]rde|wuerde|kann|k[öo]nnte|koennte|darf|muss|wollen|m[öo]chten|k[öo]nnen|"
    r"k[öo]nnten)\b[^.?!\n]{0,45}?\bmit (?:eine[mrn]|ihre[mrn]|jemande[mn]|jemand|de[mr]|irgend\w+|echten|"
    r"richtigen)\b[^.?!\n]{0,40}?\b(?:menschen?|person|mitarbeiter(?:in|s|n)?|berater(?:in)?|kolleg(?:en|in)|"
    r"sachbearbeiter(?:in)?|ansprechpartner(?:in)?|agenten?|vorgesetzten|support(?:mitarbeiter\w*)?|"
    r"kundenberater(?:in)?|kundendienst|jemand\w*|chef|leiter(?:in)?|"
    r"zust[äa]ndigen)?\b[^.?!\n]{0,25}?\b(?:sprechen|reden|telefonieren|verbunden|kommunizieren|schreiben|"
    r"unterhalten|kl[äa]ren|chatten)",
    r"\bk[öo]nn(?:en|ten) sie mich\b[^.?!\n]{0,30}?\bmit (?:eine[mnr]|ihre[mnr]|"
    r"jemand\w*)\b[^.?!\n]{0,40}?\bverbinden|\br[üu]ckruf\b[^.?!\n]{0,20}?\b(?:durch|von|eines?r?) (?:eine[mnrs]?|"
    r"ihre[mnrs]?)? ?(?:mitarbeiter\w*|kolleg\w*|berater\w*)",
    r"\b(?:verbinden|leiten) sie (?:mich|uns|das|dies\w*|meine?n? \w+)\b[^.?!\n]{0,30}?\b(?:mit|an) (?:eine[mnr]|"
    r"ihre[mnr]|jemand\w*)",
    r"\b(?:echten|richtigen|wirklichen|menschlichen) (?:menschen|mitarbeiter(?:in)?|ansprechpartner(?:in)?|person|"
    r"berater(?:in)?)\b[^.?!\n]{0,40}(?:sprechen|reden|\bbitte|haben|antwort|k[üu]mmer)",
    r"\b(?:kein\w*|nicht mit) (?:einer? |einem )?(?:robotern?|bots?|chatbots?|maschinen?|ki|"
    r"automat\w*)\b[^.?!\n]{0,60}\b(?:mensch|mitarbeiter|person|jemand)",
    r"\b(?:bitte|k[öo]nn(?:en|te)n?|soll|kann)\b[^.?!\n]{0,30}\b(?:ein (?:mensch|mitarbeiter|kollege|berater)|eine "
    r"(?:mitarbeiterin|kollegin|echte person)|jemand (?:pers[öo]nlich|aus ihrem|vom support|von "
    r"ihnen))\b[^.?!\n]{0,50}\b(?:anruf\w*|melde\w*|antworte\w*|k[üu]mmer\w*|ansehen|anschau\w*|zur[üu]ckruf\w*|"
    r"kontakt\w*|helfen|[üu]bernehm\w*)",
    # French
    r"\b(?:parler|discuter|[ée]changer|communiquer|dialoguer|m'entretenir|(?:[êe]tre )?mis(?:e)? en (?:relation|"
    r"contact|communication)|mettre en (?:relation|contact)|contacter|joindre)\b[^.?!\n]{0,20}?\b(?:avec|[àa]) "
    r"(?:une? |l'un de |quelqu'un|un\(e\) |des |votre |vos )?(?:vraie? |v[ée]ritable )?(?:personnes?(?: "
    r"(?:r[ée]elle|humaine|physique))?|humains?|[êe]tres? humains?|conseill(?:er|[èe]re)s?|agents?|"
    r"collaborat(?:eur|rice)s?|employ[ée]e?s?|responsables?|interlocuteurs?|op[ée]rat(?:eur|rice)s?|quelqu'un|"
    r"service client|techniciens?)\b|\b(?:voudrais|souhaite|veux|aimerais|peux|pourrais|puis)[- ]?(?:je "
    r")?[^.?!\n]{0,20}?parler [àa] quelqu'un",
    r"\b(?:transf[ée]re[zr]|passe[zr]|mette[zr]|redirige[zr])[- ](?:moi|nous)\b[^.?!\n]{0,30}\b(?:humain|conseill|"
    r"agent|personne|responsable|quelqu'un|service)",
    # Spanish
    r"\b(?:hablar|conversar|comunicarme|comunicarnos|contactar|chatear|tratar|ponerme en contacto|ser atendid[oa]|"
    r"p[áa]s[ea]me|con[ée]ct[ea]me|comun[íi]queme|transfi[ée]rame|derívame)\b[^.?!\n]{0,12}?\b(?:con|por) ?(?:una?|"
    r"alg[úu]n[oa]?|el|la|su|sus)? ?(?:persona(?: (?:real|de verdad|humana|f[íi]sica))?|humano|ser humano|agente|"
    r"asesora?|representante|operadora?|alguien|empleado|encargad[oa]|responsable|supervisora?|gerente|"
    r"ejecutiv[oa])\b",
    r"\bque (?:me|nos) (?:atienda|llame|contacte|conteste|responda) (?:una?|alg[úu]n[oa]?) (?:persona|humano|"
    r"agente|asesora?|operadora?|encargad[oa])\b|\bque (?:me|nos) (?:atienda|llame|contacte|responda) alguien\b",
    # Italian
    r"\b(?:parlare|parlar|comunicare|chattare|discutere|essere (?:contattat[oa]|richiamat[oa]|mess[oa] in "
    r"contatto)|mett(?:ermi|etemi|ermi in contatto|imi) in contatto|mi passi|passatemi)\b[^.?!\n]{0,12}?\b(?:con|"
    r"da|a) ?(?:una?|un'|qualche|il|la|un vostro|una vostra)? ?(?:persona(?: (?:reale|vera|umana|fisica))?|umano|"
    r"essere umano|operator[ei]|operatrice|addett[oa]|consulente|responsabile|qualcuno|impiegat[oa]|agente)\b",
    # Portuguese
    r"\b(?:falar|conversar|tratar|comunicar|ser atendid[oa]|(?:me )?(?:transfira|passe|encaminhe|"
    r"conecte)(?:-me)?)\b[^.?!\n]{0,12}?\b(?:com|por|para) ?(?:uma?|algum[a]?|o|a|um\(a\)|vosso)? ?(?:pessoa(?: "
    r"(?:real|de verdade|humana|f[íi]sica))?|humano|ser humano|atendente|agente|representante|operadora?|algu[ée]m|"
    r"funcion[áa]ri[oa]|respons[áa]vel|gerente|supervisora?|colaborador[a]?)\b",
    # Dutch
    r"\b(?:wil|zou|kan|mag|graag|wilt|kunt|willen)\b[^.?!\n]{0,40}?\bmet (?:een |iemand|uw |jullie )?(?:echte? |"
    r"levend\w* |menselijke )?(?:mens|persoon|medewerk(?:er|ster)|collega|iemand|adviseur|agent|manager|"
    r"leidinggevende|klantenservicemedewerker)?\b[^.?!\n]{0,25}?\b(?:spreken|praten|bellen|doorverbonden|verbonden|"
    r"chatten|overleggen|contact)|\bverbind (?:mij|me|ons) (?:door )?(?:met|naar)",
    # Swedish, Norwegian, Danish
    r"\b(?:vill|skulle|kan|f[åa]r|[öo]nskar|vil|[øo]nsker|gerne|g[äa]rna|gjerne|m[åa])\b[^.?!\n]{0,40}?\b(?:prata|"
    r"tala|snakke|tale|chatta|kopplas|kobles|viderestilles)\b[^.?!\n]{0,15}?\b(?:med|till|til)\b (?:en |et |ett |"
    r"n[åa]gon|noen|nogen)?[^.?!\n]{0,12}?(?:m[äa]nniska|person|handl[äa]ggare|medarbetare|r[åa]dgivare|menneske|"
    r"medarbeider|kundebehandler|r[åa]dgiver|medarbejder|n[åa]gon|noen|nogen|agent|chef|sjef|leder)",
    # Finnish
    r"\b(?:haluan|haluaisin|voinko|saanko|voisinko|pyyd[äa]n)\b[^.?!\n]{0,40}?\b(?:puhua|keskustella|asioida|"
    r"jutella)\b[^.?!\n]{0,25}?(?:ihmisen|henkil[öo]n|asiakaspalvelijan|ty[öo]ntekij[äa]n|edustajan|jonkun)|"
    r"\b(?:ihmisen|asiakaspalvelijan|henkil[öo]n) kanssa\b[^.?!\n]{0,20}(?:puhua|jutella|keskustella)",
    # Polish, Czech, Slovak
    r"\b(?:chc[ęe]|chcia[łl][ao]?(?:bym|by)|mog[ęe]|prosz[ęe]|czy mog\w*|"
    r"potrzebuj[ęe])\b[^.?!\n]{0,35}?\b(?:porozmawia[ćc]|rozmawia[ćc]|rozmow[ęey]|po[łl][ąa]cz(?:enie|y[ćc])|"
    r"kontakt\w*|skontaktowa[ćc]|pogada[ćc])\b[^.?!\n]{0,15}?\b(?:z|ze) [^.?!\n]{0,15}?(?:cz[łl]owiekiem|osob[ąa]|"
    r"konsultant\w*|pracownik\w*|kim[śs]|agentem|doradc[ąa]|przedstawiciel\w*|kierownik\w*)",
    r"\b(?:chci|cht[ěe]l[a]? bych|mohu|m[ůu][žz]u|pros[íi]m|r[áa]d[a]?|chcem|chcel[a]? by|"
    r"m[ôo][žz]em)\b[^.?!\n]{0,35}?\b(?:mluvit|hovo[řr]it|promluvit|spojit|hovori[ťt]|porozpr[áa]va[ťt]|"
    r"spoji[ťt])\b[^.?!\n]{0,15}?\b(?:s|se|so)\b [^.?!\n]{0,15}?(?:[čc]lov[ěe]kem|osobou|oper[áa]tor\w*|"
    r"pracovn[íi]k\w*|n[ěe]k[ýy]m|z[áa]stupcem|[čc]lovekom|niek[ýy]m)",
    # Hungarian, Romanian
    r"\b(?:szeretn[ée]k|besz[ée]lhetn[ée]k|besz[ée]lhetek|k[ée]rem|akarok)\b[^.?!\n]{0,40}?(?:emberrel|"
    r"szem[ée]llyel|[üu]gyint[ée]z[őo]vel|munkat[áa]rs\w*|valakivel|oper[áa]torral)",
    r"\b(?:vreau|a[șs] (?:vrea|dori)|doresc|pot|pute[țt]i)\b[^.?!\n]{0,30}?\b(?:vorbesc|vorbi|discut|discuta|"
    r"lega)\b[^.?!\n]{0,12}?\bcu (?:o |un |cineva)?[^.?!\n]{0,12}?(?:persoan[ăa]|om\b|operator|agent|cineva|"
    r"angajat|consultant|reprezentant)",
    # Russian, Ukrainian, Bulgarian
    r"(?:хочу|хотел[аи]?(?: бы)?|хотелось бы|можно|могу(?: ли)?|прошу|позвольте|нужно|мне надо|"
    r"дайте)[^.?!\n]{0,35}?(?:поговорить|говорить|пообщаться|общаться|связаться|соединит\w*|переключ\w*|"
    r"разговаривать)[^.?!\n]{0,15}?\bс[о]? [^.?!\n]{0,20}?(?:человеком|оператор\w*|сотрудник\w*|менеджер\w*|"
    r"специалист\w*|кем-нибудь|кем-то|представител\w*|консультант\w*|людьми|руководител\w*)|(?:соедините|"
    r"переключите|свяжите)(?: меня| нас)? с[о]? |позовите (?:человека|оператора|менеджера)",
    r"(?:хочу|хотіла?(?: б)?|хотів(?: би)?|можна|чи можу|прошу|потрібно)[^.?!\n]{0,35}?(?:поговорити|"
    r"поспілкуватися|спілкуватися|зв'язатися|з'єднати|розмовляти)[^.?!\n]{0,15}?\b(?:з|із|зі) "
    r"[^.?!\n]{0,20}?(?:людиною|оператор\w*|працівник\w*|співробітник\w*|менеджер\w*|кимось)",
    r"(?:искам|бих искал[а]?|може ли|мога ли)[^.?!\n]{0,30}?(?:говоря|разговарям|поговоря|"
    r"свърж\w*)[^.?!\n]{0,12}?\bс(?:ъс)? [^.?!\n]{0,15}?(?:човек|служител|оператор|някого|представител)",
    # Turkish, Greek
    r"(?:bir |ger[çc]ek )?(?:insan(?:la| ile)|temsilci(?:yle|si ile|niz(?:le| ile)| ile)|yetkili(?:yle| ile|nizle)|"
    r"ki[şs]iyle|m[üu][şs]teri temsilcisi\w*|biriyle|operat[öo]r(?:le| ile))[^.?!\n]{0,20}?(?:g[öo]r[üu][şs]\w*|"
    r"konu[şs]\w*|ba[ğg]la\w*)",
    r"(?:θέλω|θα ήθελα|μπορώ|μπορούσα|παρακαλώ)[^.?!\n]{0,30}?(?:μιλήσω|επικοινωνήσω|συνδεθώ|"
    r"συνδέστε)[^.?!\n]{0,15}?(?:με|σε) [^.?!\n]{0,20}?(?:άνθρωπο|κάποιον|εκπρόσωπο|υπάλληλο|υπεύθυνο|άτομο|"
    r"πράκτορα)",
    # Hebrew, Arabic, Persian
    r"(?:רוצה|אפשר|ניתן|מבקש(?:ת)?|אשמח|צריך|צריכה)[^.?!\n]{0,25}?(?:לדבר|לשוחח|לקבל)[^.?!\n]{0,12}?(?:עם )?(?:בן "
    r"אדם|בנאדם|נציג(?:ה)?|אדם|מישהו|מנהל(?:ת)?|אנושי)",
    r"(?:أريد|اريد|أود|هل يمكنني|ممكن|أرغب|ارغب|من فضلك)[^.؟!\n]{0,30}?(?:التحدث|الحديث|التكلم|أتحدث|اتحدث|التواصل|"
    r"أتكلم|تحويلي)[^.؟!\n]{0,12}?(?:مع|إلى|الى) [^.؟!\n]{0,15}?(?:شخص|إنسان|انسان|موظف|ممثل|أحد|احد|مسؤول|بشري)",
    r"(?:می‌?خواهم|میخوام|می‌?توانم|لطفا)[^.؟!\n]{0,30}?با [^.؟!\n]{0,20}?(?:انسان|شخص|اپراتور|کارشناس|پشتیبان|نفر|"
    r"کسی)[^.؟!\n]{0,20}?(?:صحبت|حرف)",
    # Chinese, Japanese, Korean
    r"(?:转|轉|找|要|联系|聯繫|接|换|換|需要)(?:接|到|个|個|一下|一个|一個)*(?:人工(?:客服|服务|服務|座席)?|真人(?:客服)?|客服人员|客服人員|客服专员|活人)|(?:和|跟|与|"
    r"與)[^。？！\n]{0,6}(?:真人|人工|客服|人员|人員|经理|經理)[^。？！\n]{0,6}(?:说话|說話|通话|通話|交谈|交談|沟通|溝通|聊|谈|談|对话|對話|联系|聯繫)",
    r"(?:人間|担当者?(?:の方)?|オペレーター|スタッフ(?:の方)?|係の(?:者|方)|責任者|人(?=と|に))[^。？！\n]{0,8}(?:と|に|へ)[^。？！\n]{0,8}(?:話し?(?:たい|を|"
    r"が|せ)|お話|つない|繋い|つなげ|対応して|代わって|替わって|連絡し?(?:たい|て)|直接)",
    r"(?:상담(?:원|사)|사람|직원|담당자|매니저|책임자)[^.?!\n]{0,6}(?:과|와|이랑|하고|랑|한테|에게|을|를)[^.?!\n]{0,10}(?:통화|대화|이야기|얘기|말하|상담|연결|"
    r"연락|바꿔)",
    # Vietnamese, Thai, Indonesian and Malay, Hindi
    r"(?:muốn|có thể|cho tôi|xin|cần)[^.?!\n]{0,25}?(?:nói chuyện|trao đổi|gặp|liên hệ|chat|kết "
    r"nối)[^.?!\n]{0,12}?(?:với )?[^.?!\n]{0,10}?(?:người thật|con người|nhân viên|tư vấn viên|ai đó|quản lý)",
    r"(?:ขอ|อยาก|ต้องการ|สามารถ)[^\n]{0,15}?(?:คุย|พูด|ติดต่อ|สนทนา)[^\n]{0,8}?(?:กับ)?[^\n]{0,6}?(?:เจ้าหน้าที่|"
    r"คน|พนักงาน|ผู้จัดการ|แอดมิน)",
    r"\b(?:ingin|mau|bisa(?:kah)?|boleh(?:kah)?|tolong|saya perlu|nak|hendak)\b[^.?!\n]{0,30}?\b(?:bicara|"
    r"berbicara|ngobrol|bercakap|disambungkan|dihubungkan|sambungkan|hubungkan|"
    r"terhubung)\b[^.?!\n]{0,15}?\b(?:dengan|ke|sama|kepada) [^.?!\n]{0,15}?(?:manusia|orang|agen|petugas|cs\b|"
    r"customer service|staf|pegawai|operator|perwakilan)",
    r"(?:किसी )?(?:इंसान|व्यक्ति|प्रतिनिधि|आदमी|एजेंट|अधिकारी|किसी) से (?:बात|संपर्क)",
)  # fmt: skip
WISH = re.compile("|".join(f"(?:{row})" for row in _WISHES), re.IGNORECASE | re.MULTILINE)


def wishes_for_person(text: str) -> bool:
    return WISH.search(text.replace("’", "'")[:LOOKED_AT]) is not None
