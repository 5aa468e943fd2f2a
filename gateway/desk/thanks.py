"""A bare "thank you": it is added, and nothing is opened again for it."""

import re

# One row for each language; words that may stand in a mail which says nothing but thanks.
_WORDS = """
thank thanks thx ty you u so very much a lot lots many again for your the help support quick fast reply answer
great perfect awesome cool ok okay super fine all good works now it that is was and resolved solved cheers best regards
danke dank vielen herzlichen schön schoen sehr ihre ihnen die hilfe antwort prima alles klar gut für fürs jetzt geht es
merci beaucoup bien pour votre aide réponse parfait
gracias muchas muchísimas por la su ayuda respuesta perfecto vale
grazie mille molte per il aiuto risposta perfetto
obrigado obrigada muito pela sua ajuda resposta
bedankt dankjewel dankuwel hartelijk voor uw hulp
tack så mycket tak mange takk hjälpen hjelpen hjælpen kiitos paljon
dziękuję dziękuje dzięki bardzo za pomoc děkuji děkuju moc köszönöm szépen mulțumesc mult
спасибо большое благодарю вас за помощь дякую teşekkürler teşekkür ederim ευχαριστώ πολύ
شكرا جزيلا תודה רבה 谢谢 謝謝 感谢 ありがとう ございます ございました 감사합니다 cảm ơn ขอบคุณ terima kasih
"""
_KNOWN = frozenset(_WORDS.split())
_THANKS = re.compile(
    r"thank|thx|dank|merci|gracias|grazie|obrigad|tack|tak\b|takk|kiitos|dzięk|děkuj|köszön|mulțum|спасиб|благодар|"
    r"дяку|teşekk|ευχαρ|شكر|תודה|谢谢|謝謝|感谢|ありがと|감사|cảm ơn|ขอบคุณ|terima kasih",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
LONGEST = 160


def is_bare_thanks(text: str, *, files: bool = False) -> bool:
    """True when the text says thanks and nothing else that a person would have to read; nor `files` to look at."""
    said = text.strip()
    if files or not said or len(said) > LONGEST or "?" in said or not _THANKS.search(said):
        return False
    head, *rest = said.splitlines()
    words = [word.casefold() for word in _WORD.findall(head)]
    unknown = [word for word in words if word not in _KNOWN and not _THANKS.match(word)]
    # What follows the first line is at most a name below a greeting.
    tail = [word for line in rest for word in _WORD.findall(line)]
    return len(unknown) <= 1 and sum(word.casefold() not in _KNOWN for word in tail) <= 3
