"""How mail servers say elsewhere that a mail did not arrive: titles, texts and warnings, one row a language."""

# Titles: Exchange, Outlook.com, Gmail and the large providers of each country.
TITLES = (
    r"unzustellbar", r"zustell(?:ung|bericht|fehl)", r"nicht zustellbar",
    r"rapport de non", r"non remis", r"[ée]chec de (?:la )?(?:remise|distribution)", r"non distribuable",
    r"mancata consegna", r"non recapit", r"recapito non riuscito",
    r"no se (?:pudo|ha podido|puede) (?:entregar|enviar)", r"no entregado", r"no se puede entregar", r"devuelto",
    r"onbestelbaar", r"niet (?:af)?geleverd", r"kan niet worden bezorgd",
    r"olevererbar", r"kunde inte levereras?", r"g[åa]r inte att leverera", r"kan ?(?:ikke|inte) leveres",
    r"kunne ikke leveres", r"leveringsfeil", r"toimittaminen ep[äa]onnistui", r"toimitus ep[äa]onnistui",
    r"niedostarcz", r"nie można dostarczyć", r"zwrot (?:wiadomo[śs]ci|poczty)",
    r"n[ãa]o (?:foi )?(?:entreg|poss[ií]vel)", r"falha na entrega",
    r"недостав", r"не (?:может быть )?доставлен", r"не удалось доставить", r"не вдалося доставити", r"не доставлено",
    r"nedoru[čc]iteln", r"doru[čc]en[ií] se nezda[řr]ilo", r"nedorucite[ľl]n",
    r"k[ée]zbes[íi]t(?:etlen|hetetlen)", r"imposibil de livrat", r"nelivrat", r"недоставим",
    r"iletilemedi", r"teslim edilemedi", r"g[öo]nderilemedi", r"μη παραδοτέο", r"αδυναμία παράδοσης",
    r"לא ניתן למסירה", r"يتعذر التسليم", r"تعذر التسليم", r"kh[ôo]ng th[ểe] (?:chuy[ểe]n|g[ửu]i)", r"tidak terkirim",
    r"配信不能", r"配信できませ", r"送信できませ", r"エラーメール", r"エラー通知",
    r"退信", r"无法投递", r"无法送达", r"投递失败", r"系统退信", r"無法傳遞", r"無法投遞",
    r"반송", r"배달되지 않음", r"배달 실패", r"발송 실패", r"전송(?:되지| 실패)",
)  # fmt: skip
TEXTS = (
    r"nicht (?:zugestellt|ausgeliefert|erreich)", r"konnte[n]? nicht", r"zustellung (?:\S+ ){0,6}fehlgeschlagen",
    r"n'a pas pu", r"n'ont pas pu", r"pas pu [êe]tre", r"impossible de (?:remettre|livrer|distribuer)",
    r"n'est pas parvenu", r"[ée]chec de la remise", r"adresse (?:est )?introuvable",
    r"no (?:se )?(?:pudo|ha podido|pudieron) (?:ser )?entreg", r"no se ha entregado", r"error al entregar",
    r"no se ha encontrado la direcci[óo]n",
    r"non [èe] stato possibile", r"recapito non riuscito", r"non [èe] stat[oa] (?:consegnat|recapitat)",
    r"n[ãa]o (?:foi|p[ôo]de)", r"falha na entrega", r"bezorging is mislukt", r"kon niet worden (?:bezorgd|afgeleverd)",
    r"gick inte att leverera", r"kunde inte levereras", r"levering(?:en)? mislykkedes", r"kunne ikke leveres",
    r"leveringen .{0,40}mislyktes", r"toimitus ep[äa]onnistui", r"ei voitu toimittaa",
    r"dostarcz\w+ .{0,60}nie powiod[łl]o", r"nie (?:zosta[łl]a|mog[łl]a zosta[ćc]) (?:dostarczon|dor[ęe]czon)",
    r"doru[čc]en[ií] .{0,60}nezda[řr]ilo", r"nebylo mo[žz]n[ée] doru[čc]it", r"doru[čc]enie .{0,60}zlyhalo",
    r"k[ée]zbes[íi]t[ée]s .{0,20}nem siker[üu]lt", r"livrarea .{0,60}e[șs]uat", r"nu a putut fi livrat",
    r"не (?:может быть|было|удалось|доставлен)", r"не вдалося доставити", r"не може да бъде доставен",
    r"(?:teslim|iletil)\w* ?(?:edil)?emedi", r"παράδοση απέτυχε", r"δεν ήταν δυνατή η παράδοση",
    r"המסירה נכשלה", r"לא נמסרה", r"فشل التسليم", r"تعذر تسليم", r"kh[ôo]ng th[ểe] (?:g[ửu]i|chuy[ểe]n)",
    r"配信", r"送信でき", r"お届け", r"存在しません", r"メールアドレス", r"ユーザ", r"受信者",
    r"投递", r"退回", r"无法", r"無法",
    r"전송되지 못", r"배달하지 못", r"전달하지 못", r"반송(?:되었|된)",
)  # fmt: skip
WARNINGS = (
    r"(?:wird|werden) (?:es )?weiter(?:hin)? versuch", r"noch nicht zugestellt",
    r"(?:pas|point) encore (?:\S+ ){0,2}(?:remis|livr|distribu)", r"todav[íi]a no se ha (?:entregado|podido)",
    r"non [èe] (?:\S+ )?ancora stat[oa] (?:consegnat|recapitat)", r"ainda n[ãa]o foi (?:entregue|poss[íi]vel)",
    r"nog niet (?:\S+ )?(?:bezorgd|afgeleverd)", r"jeszcze nie zosta[łl]", r"пока не (?:удалось|доставлен)",
    r"まだ配信", r"尚未送达", r"尚未投递", r"仍在(?:尝试|嘗試)",
)  # fmt: skip
