"""What a mail sounds like: words of trouble, of anger and of joy, in the languages that we know some of."""

from gateway.assistant.words import stems, telling

# Something went wrong, or a person must do something: an article does not help there unless it speaks of it.
_TROUBLE = """
broken break broke cracked damaged damage defect defective faulty splinters shattered missing wrong complaint complain
cancel cancellation refund reimburse reimbursement money lawyer legal court police fraud stolen scam burn burned burnt
fire smoke injured dangerous unauthorized unsubscribe disappointed unacceptable human manager
kaputt defekt beschädigt zerbrochen gebrochen splitter fehlt fehlen falsch falsche beschwerde beschweren stornieren
storno kündigen kündigung erstattung rückerstattung geld anwalt rechtsanwalt gericht polizei betrug gestohlen verbrannt
feuer rauch verletzt gefährlich enttäuscht inakzeptabel mitarbeiter
cassé cassée abîmé endommagé endommagée défectueux défectueuse manquant manque erreur réclamation annuler annulation
remboursement rembourser argent avocat tribunal police fraude volé brûlé feu fumée blessé dangereux déçu inacceptable
roto rota dañado dañada defectuoso defectuosa falta equivocado queja reclamación cancelar reembolso dinero abogado
tribunal policía fraude robado quemado fuego humo herido peligroso decepcionado inaceptable
rotto rotta danneggiato danneggiata difettoso difettosa manca sbagliato reclamo annullare rimborso soldi avvocato
tribunale polizia frode rubato bruciato fuoco fumo ferito pericoloso deluso inaccettabile
kapot beschadigd defect ontbreekt verkeerd klacht annuleren terugbetaling geld advocaat rechtbank politie fraude
gestolen verbrand rook gewond gevaarlijk teleurgesteld onacceptabel
quebrado quebrada partido danificado danificada defeituoso errado reclamação reembolso dinheiro advogado fraude roubado
queimado fogo fumaça ferido perigoso desapontado inaceitável
zepsuty zepsuta uszkodzony uszkodzona brakuje reklamacja anulować zwrot pieniędzy pieniądze prawnik oszustwo spalony
pożar dym niebezpieczny rozczarowany
trasig skadad saknas fel klagomål avbeställa återbetalning pengar advokat polis bedrägeri stulen bränd eld rök farlig
besviken
сломан сломана сломалась сломался разбит разбита повреждён повреждена брак не хватает жалоба отменить возврат деньги
юрист суд полиция мошенничество украли сгорел пожар дым опасно разочарован
"""
_ANGRY = """
angry furious outrageous ridiculous unacceptable terrible horrible awful worst disgusting disappointed scam
wütend sauer unverschämt unverschämtheit frechheit inakzeptabel schrecklich furchtbar enttäuscht empört katastrophe
furieux furieuse scandaleux inacceptable horrible honteux déçu déçue
furioso furiosa indignado inaceptable terrible pésimo vergüenza decepcionado decepcionada
arrabbiato arrabbiata inaccettabile vergognoso pessimo deluso delusa
boos woedend onacceptabel belachelijk verschrikkelijk teleurgesteld
furioso inaceitável péssimo vergonha desapontado
wściekły skandal okropne rozczarowany rozczarowana
arg rasande oacceptabelt fruktansvärt besviken
возмущён возмутительно ужасно безобразие разочарован разочарована
"""
_HAPPY = """
great wonderful love lovely excellent fantastic happy delighted awesome perfect
toll wunderbar großartig super begeistert zufrieden perfekt
super génial parfait ravi ravie
genial excelente perfecto encantado encantada
fantastico perfetto ottimo contento contenta
geweldig prachtig perfect blij
ótimo excelente perfeito
świetnie wspaniale
underbar fantastisk
отлично прекрасно замечательно
"""
_TROUBLE_STEMS, _ANGRY_STEMS, _HAPPY_STEMS = (frozenset(telling(words)) for words in (_TROUBLE, _ANGRY, _HAPPY))


def troubles(text: str) -> frozenset[str]:
    """The stems of trouble in it."""
    return _TROUBLE_STEMS.intersection(stems(text))


def sentiment_of(text: str) -> str:
    said = frozenset(stems(text))
    if said & _ANGRY_STEMS or "!!" in text:
        return "angry"
    return "happy" if said & _HAPPY_STEMS and not said & _TROUBLE_STEMS else "neutral"
