"""One short automatic word to a customer whose matter goes to people: that it has come, and that a person answers."""

from datetime import datetime, timedelta

from gateway.config.settings import Mailbox
from gateway.conversations.conversation import Author, Conversation
from gateway.desk.addressing import replied_to, unconfirmed
from gateway.mail.trust import Trust

_ENGLISH = "Thank you for your message. It has reached us, and one of our team will answer you in this conversation."
_SENTENCES = {
    "de": "Vielen Dank für Ihre Nachricht. Sie ist angekommen, und jemand aus unserem Team antwortet Ihnen hier.",
    "es": "Gracias por su mensaje. Lo hemos recibido y una persona de nuestro equipo le responderá por este medio.",
    "fr": "Merci pour votre message. Nous l'avons bien reçu, et une personne de notre équipe vous répondra ici.",
    "it": "Grazie per il suo messaggio. Lo abbiamo ricevuto e una persona del nostro team le risponderà qui.",
    "nl": "Bedankt voor uw bericht. Het is bij ons aangekomen, en iemand van ons team antwoordt u in dit gesprek.",
    "pl": "Dziękujemy za wiadomość. Dotarła do nas, a ktoś z naszego zespołu odpowie na nią w tej korespondencji.",
    "pt": "Obrigado pela sua mensagem. Já a recebemos, e uma pessoa da nossa equipa vai responder-lhe por aqui.",
}


def sentence(language: str) -> str:
    """In the customer's language where we have it ("de", "de-AT"), else in English."""
    return _SENTENCES.get(language.strip().casefold()[:2], _ENGLISH)


def may_acknowledge(
    conversation: Conversation, mailbox: Mailbox, *, now: datetime, longest: timedelta, unsaid: frozenset[int]
) -> bool:
    """Where the mailbox says so, for a person's mail that nobody has answered.

    `mode = "people"`: yes, there it is all that a customer hears before a person has time. `mode = "draft"`: never,
    nothing leaves there that nobody has approved. `unsaid` are entries that the customer has not got.
    """
    if not mailbox.reply.acknowledge or mailbox.mode == "draft" or mailbox.state != "active":
        return False
    newest = replied_to(conversation)
    if newest is None or newest.automatic or newest.trust is Trust.FAILED or unconfirmed(conversation) is not None:
        return False
    said = (one for one in conversation.entries if one.author is not Author.CUSTOMER and one.id not in unsaid)
    return now - newest.arrived <= longest and not any(one.id > newest.id for one in said)
