"""Words that say nothing by themselves, in a dozen languages; written as people write them, accents or not."""

SMALL = {
    "en": """
a about above after again all also am an and any are as at be because been before being but by can cannot cant could
day dear did do does doing dont for from get give go good got had has have having he hello help her here hey hi him his
how i id if ill im in into is isnt it its ive just kind kindly know last let like looking made make many may me more
most much must my need needs new no not now of off on once one only or other our out over please possible possibly
question quick regarding really same say see she should since so some something still such take tell than thank thanks
that the their them then there these they thing things think this those through time to today too under up us very want
was way we well were what when where whether which while who whom whose why will with without wondering would yes yet
you your yours sincerely regards best cheers advance hope
""",
    "de": """
ab aber alle allem allen alles als also am an andere auch auf aus bei beim bin bis bitte da danke dann das dass dein
dem den denn der des die dies diese diesem diesen dieser dieses dir doch du durch ein eine einem einen einer eines er
es etwas euch euer eure für ganz gar geben gern gerne gibt guten hab habe haben hallo hat hätte hier hilfe ich ihm ihn
ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jetzt kann kannst können könnte könnten kein keine liebe lieber liebes
man mein meine meinem meinen meiner mich mir mit möchte moin muss müssen nach nicht noch nun nur ob oder ohne schon sehr
sein seine sich sie sind so soll sollte sondern tag über um und uns unser unsere vielen vom von vor war waren was weil
welche welchem welchen welcher welches wenn wer werden wie wieder wir wird wo wollen würde zu zum zur frage grüße gruß
freundlichen herzliche herzlichen viele dank geehrte geehrter damen herren dafür wissen
""",
    "fr": """
ai alors apres au aucun aussi autre aux avec avez avoir avons bien bonjour bonsoir ça car ce cela ces cet cette ceux
chez comme comment cordialement dans de des depuis donc du elle elles en encore est et été être eu faire fait faut il
ils j je l la là le les leur leurs lui m ma mais me merci mes moi mon monsieur madame n ne nos notre nous on ou où par
pas peu peut peux plaît plus pour pourquoi pourriez pouvez puis puisje qu quand que quel quelle quelles quels qui quoi
s sa sans se ses si sont sur t ta te tes toi ton tous tout très tu un une vos votre voudrais vous y d c est aide savoir
salutations avance question est-ce
""",
    "es": """
a al algo algún alguna ante aquí así aún ayuda buenas buenos cómo como con cuál cuáles cuando cuándo de del desde día
días donde dónde el él ella ellos en era es esa ese eso esta está están este esto estoy favor fue gracias ha hace hacer
hasta hay he hola la las le les lo los más me mi mis mucho muy nada ni no nos nosotros o para pero podría puede puedo
por porque pregunta pues que qué quien quién quiero quisiera saber se ser si sí sin sobre son soy su sus también tan
tardes te tengo tiene todo tu un una uno unos usted ustedes y ya yo saludos cordiales estimados estimado
""",
    "it": """
a ad ai al alla alle anche avere buongiorno buonasera che chi ci ciao come con cosa cui da dal dalla degli dei del della
delle di dove e è ed era essere grazie ha ho i il in io la le lei li lo loro ma mi mia mie miei mio molto ne nei nel
nella noi non nostro o per perché più poi posso potete potrei può qual quale quali quando quanto questa queste questi
questo qui salve sapere se sei si sia sono sta su sua sue sui sul sulla suo tra tu un una uno vi voi vorrei vostra
vostro aiuto domanda saluti cordiali distinti gentile
""",
    "nl": """
aan al alle als ben bij dan dank dat de deze die dit doen door een en er goed goedemiddag goedemorgen graag had hallo
heb hebben heeft het hier hoe hoi hun ik in is ja je jij jullie kan kunnen kunt maar me mee met mij mijn moet na naar
niet nog nu of om onder ons onze ook op over te tot u uit uw van vanaf veel voor vraag waar waarom wanneer was wat we
weten wel welk welke werd wie wij wil zal ze zij zijn zo zou alvast bedankt groet groeten vriendelijke beste geachte
""",
    "pt": """
a ajuda ao aos as até bom boa com como da das de dela dele depois dia do dos e é ela ele em entre era essa esse esta
está este eu foi há isso isto já lhe mais mas me meu meus minha minhas muito na nas não nem no nos nós nossa nosso num
numa o obrigado obrigada olá onde os ou para pela pelo pergunta podem poderia posso pode por porque qual quais quando
que quem quero queria saber se sem ser seu seus só sua suas também te tem tenho ter um uma você vocês atenciosamente
cumprimentos tarde
""",
    "pl": """
a ale bardzo bez być chcę chciałbym chciałabym co czy czego dla dlaczego do dobry dzień dziękuję dzięki gdzie i ich ile
ja jak jaka jaki jakie jako je jego jej jest jestem już kiedy kto która które który mam mi mnie moge mogę moja moje mój
może możecie można na nad nie nim o od oraz po pod pomoc pozdrawiam proszę przed przez przy pytanie są się tak także tam
ten to tu ty tylko w we witam wasz wasze wiedzieć z za ze że żeby
""",
    "sv": """
alla att av bara blir de dem den det detta din du där eller en er ett finns för från fråga få får ha har hej hjälp hur
här i in inte ja jag kan kanske med mig min mina mitt mycket mvh må måste ni nu när och om på sig sin ska skulle som så
tack till undrar upp ut vad var varför vart veta vem vi vid vilka vilken vilket vill är även över hälsningar vänliga
""",
    "ru": """
а без более бы был была были было в вам вас ваш ваша ваше ваши вы где да для до добрый день его ее если есть еще же за
здравствуйте и из или им их к как какая какие какой какую когда который кто ли мне могу можно мой мои моя мы на нам нас
наш не нет но ну о об он она они от очень по подскажите пожалуйста помогите почему при привет про с со спасибо так также
там то тоже только ты у уже хочу хотел хотела что чтобы это этот эта эти я сколько вопрос уважением
""",
    "cs": """
a aby ale ani asi bez bude by být co či dobrý den děkuji děkuju do dotaz i ja já jak jaká jaké jaký je jeho její jen
jsem jsme jsou již k kam kde kdo kdy která které který mám mi mě mohu můj můžete na nebo není o od po pod pokud pomoc
potřebuji pro proč prosím při s se si tak také ten to tu u v vám vás váš vaše ve z za ze že zdravím pozdravem
""",
    "tr": """
acaba ama bana ben benim bir biz bu bunu da daha de diye en gibi hangi için ile iyi kadar ki kim lütfen merhaba mi mı mu
mü ne neden nasıl nerede o olarak olan sayın selam siz size sizin şu teşekkürler teşekkür ederim var ve veya ya yok
saygılarımla soru yardım
""",
}

# The first words of a question that has no question mark.
ASKING = """
what which who whom whose when where why how can could may do does did is are will would should
was welche welcher welches welchen wer wem wen wann wo wohin woher warum wieso wie kann können könnte könnten gibt darf
quel quelle quels quelles qui quand où pourquoi comment combien est-ce puis-je pouvez peut-on
qué cuál cuáles quién cuándo dónde cómo puedo puede pueden hay
che cosa quale quali chi quando dove perché come quanto posso potete
welke wie wanneer waar waarom hoe kan kunnen mag
qual quais quem onde como quanto posso podem
co czy gdzie jak jaka jaki jakie kiedy kto dlaczego ile
vad vilken vilket vilka vem när var varför hur kan
что какой какая какие кто когда где почему как сколько можно можно ли
co jak jaká jaké jaký kde kdo kdy proč mohu
nasıl ne neden nerede hangi kim
"""
