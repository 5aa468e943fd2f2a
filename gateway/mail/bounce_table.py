"""How mail servers sign, title and word their bounces."""

import re

from gateway.mail.bounce_abroad import TEXTS, TITLES
from gateway.mail.bounce_abroad import WARNINGS as WARNINGS_ABROAD


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)


DAEMON_LOCALS = _any(
    r"mailer[-_. ]?daemon", r"mail[-_. ]?daemon", r"daemon", r"post(?:master|office)", r"post_master", r"mmdf",
    r"uucp",
    r"mail(?:er)?[-_.]?(?:delivery|system)\w*", r"mdaemon", r"smtpadmin", r"microsoftexchange[0-9a-f]+",
    r".*mailer-daemon.*", r".*(?:anti-?virus|(?:e-?mail|smtp)[-_.]?gateway).*", r"ndrs?", r"dsn", r"im(?:ss|sva)",
    r"listserv.*", r"noreply-?bounces?",
)  # fmt: skip
# Accounts and names that no person has.
SURE_LOCALS = _any(
    r".*mailer[-_. ]?daemon.*", r"mail[-_. ]?daemon", r"mail(?:er)?[-_.]?(?:delivery|system)\w*", r"mdaemon",
    r"microsoftexchange[0-9a-f]+", r"post_master",
)  # fmt: skip
SURE_NAMES = _any(
    r"mail(?:er)?[- ]?daemon", r"mail delivery (?:sub)?system", r"internet mail delivery", r"undelivered mail",
    r"^\W*(?:mail )?delivery (?:sub)?system\W*$",
)  # fmt: skip
# What only people write: a greeting, a farewell, a question.
LETTERS = _any(
    r"^[^\w\n]*(?:hi|hello|hey|dear|good (?:morning|afternoon|day)|hallo|guten (?:tag|morgen)|moin|liebe[rs]?|"
    r"sehr geehrte|bonjour|madame|monsieur|"
    r"hola|buen[oa]s|estimad[oa]s?|ciao|buongiorno|gentil[ei]|ol[áa]|bo[am] (?:dia|tarde)|"
    r"prezad[oa]s?|beste|geachte|hej|hei|dzie[ńn] dobry|dobr[ýy] de[ňn]|szia|[üu]dv|tisztelt|bun[ăa]|здравствуйте|"
    r"добрый|уважаем|привет|доброго|merhaba|say[ıi]n|γεια|αγαπητ|您好|你好|안녕)\b",
    r"\b(?:(?:kind|best|warm) regards|regards,|sincerely|cheers|thanks|thank you|please (?:help|advise)|"
    r"freundliche[nr]? gr[üu](?:ß|ss)e?|cordialement|bien [àa] vous|merci|saludos|gracias|"
    r"cordiali saluti|grazie|obrigad|cumprimentos|"
    r"groet|med v[äe]nlig|h[äa]lsning|mvh|pozdraw|pozdrav|üdvözlettel|уважением|спасибо|sayg[ıi]lar)",
    r"[?？](?:\s|$)",
)  # fmt: skip
# Accounts that send notices of many kinds: what they say must look like a bounce from end to end.
NOTIFIERS = _any(
    r"(?:no|do[-_.]?not)[-_.]?reply.*", r"administrator", r"root", r"system", r"mailer", r"smtp", r"deliver",
    r"delivery[-_.]?\w*", r"mail(?:er)?[-_.]?admin\w*", r"bounce[sd]?(?:[-_.+=].*)?",
    r"(?:.*[-_.])?(?:admin|owner|request|alerts?|notif\w*|filter|antispam|virus\w*|scan\w*)",
    r"(?:mail|smtp|inet|internet)?[-_.]?(?:gateway|gw)\d*", r"auto(?:mat\w*)?",
)  # fmt: skip
DAEMON_NAMES = _any(
    r"mail(?:er)?[- ]?daemon", r"mail delivery (?:sub)?system", r"mail delivery", r"mail(?:er)? (?:system|admin)",
    r"system administrator", r"post ?master", r"internet mail delivery", r"mail router", r"delivery (?:sub)?system",
    r"mail gateway", r"undelivered mail", r"mail service", r"^\W*(?:smtp|mmdf|mailer)\b", r"message delivery",
)  # fmt: skip
SUBJECTS = _any(
    r"undeliver(?:ed|able|y)", r"non[- ]?deliver", r"not (?:been )?deliver",
    r"returned (?:mail|e-?mail|message|to sender)",
    r"return(?:ed|ing)? (?:your )?(?:mail|message)", r"deliver\w* (?:status )?(?:notification|notice|failure|"
    r"failed|problem|error|report|delay|incomplete|impossible)",
    r"(?:mail|message|e-?mail)\b.{0,20} (?:delivery )?(?:fail|not deliv|could not|undeliver|bounced|returned|"
    r"delayed|rejected|error)", r"failure (?:notice|notification|delivery|to deliver)",
    r"fail(?:ed|ure)\b.{0,15}(?:deliver|mail|message)",
    r"mail (?:system )?(?:error|failure|problem|warning)", r"mail failed",
    r"could not (?:be )?(?:send|sent|deliver)", r"cannot (?:send|deliver)", r"unable to deliver", r"can't deliver",
    *TITLES, r"loop alert",
    r"bounce", r"user unknown", r"unknown (?:user|address|recipient)", r"invalid (?:address|recipient)",
    r"mailbox (?:full|unavailable)", r"quota", r"warning: (?:message|could not|mail|e-?mail)",
    r"delay(?:ed)?\b.{0,20}(?:mail|message|deliver)", r"message (?:status|rejected|delayed|blocked)", r"rejected",
    r"nondeliverable", r"delivery", r"permanent (?:fail|error)", r"address (?:change|unknown|error|problem)",
    r"problem (?:with|deliver)", r"dead letter", r"no such (?:user|address)", r"smtp (?:mail|error|failure)",
    r"mail status", r"error sending", r"\bDSN\b", r"error (?:in|with)? ?(?:your )?(?:mail|message)",
    r"message you sent", r"your (?:mail|message)",
)  # fmt: skip
SAYINGS = _any(
    r"(?:could|can|can ?not|was|were|has|have|is|are|be)\b[^.\n]{0,40}(?:not|n't|unable)\b[^.\n]{0,40}(?:deliver|"
    r"sent|send|relay|forward)", r"undeliver(?:ed|able|y)", r"unable to (?:deliver|send|relay|contact|complete)",
    r"fail(?:ed|ure)? (?:to|in) (?:deliver|sending|send|relay)",
    r"deliver\w*[^.\n]{0,60}(?:fail|error|problem|impossible|not possible|expired|aborted|delayed|suspended)",
    r"fail(?:ed|ure)\b[^.\n]{0,30}deliver",
    r"permanent (?:fatal |delivery )?(?:error|failure)", r"(?:addresses|recipients?)[^.\n]{0,40}(?:had|has|have|"
    r"with|following|failed|rejected|refused|problem|unknown|not)", r"transcript of session", r"qmail-send program",
    r"this is the (?:\S+ ){1,5}(?:program|mail (?:system|server|transport))",
    r"returned (?:to sender|mail|message|because|by|for|to you|below|unopened|unsent)",
    r"return(?:ed|ing) (?:your|the|this|it) ", r"did not reach",
    r"has not (?:been|reached)|have not (?:been|reached)", r"mail(?:er)? delivery (?:system|software|agent|sub)",
    r"mailbox (?:is )?(?:full|unavailable|not found|unknown)", r"(?:over|exceed\w*)[^.\n]{0,20}quota",
    r"user unknown", r"unknown (?:user|recipient|address|host|mailbox)",
    r"no such (?:user|address|recipient|mailbox|account)", r"(?:user|recipient|address|mailbox|"
    r"account)[^.\n]{0,50}(?:does ?n.t exist|does not exist|not found|unknown|disabled|suspended|inactive|not "
    r"exist|invalid|no longer)", r"^[^\w\n]*(?:smtp )?(?:error|reason|diagnostic)[ :]",
    r"(?:^|\s)(?:\d{3}[ -])?[45]\.\d\.\d{1,3}\b", r"^[^\w\n]*(?:\S+ ){0,8}[45][0-9]{2}[ -]\S", r"smtp error",
    r"remote (?:server|host|smtp|system)[^.\n]{0,30}(?:said|respon|repl|answer|return|reject|refus)",
    r"said: [45]\d\d", r"mail(?: server)? (?:was |has been )?rejected",
    r"(?:message|mail)[^.\n]{0,40}(?:rejected|refused|bounced|blocked|delayed|queued)",
    r"will (?:keep|continue) (?:trying|to try)",
    r"(?:recipient|addressee)s? (?:rejected|refused|unknown|failed|not)", r"problem deliver", r"relaying denied",
    r"mail loop", r"too many hops", r"duplicated message-id", r"not a valid user", r"did not (?:exactly )?match",
    *TEXTS,
    r"could not be found", r"wasn't (?:found|delivered)",
    r"couldn't be (?:delivered|found)",
)  # fmt: skip
DELAY_SAYINGS = _any(
    r"(?:message|mail|delivery)[^.\n]{0,40}(?:delayed|is still (?:queued|in the queue|undelivered))",
    r"will (?:keep|continue) (?:trying|to try|to be (?:re)?tri)", r"not yet been delivered",
    r"you do not need to resend", r"warning message only", r"this is (?:only )?a warning",
    r"delivery attempts will continue", r"still (?:be )?(?:trying|attempting)", r"will be retried", r"delayed mail",
    r"could not send message for (?:past )?\d+", r"still undelivered after", r"will try again",
)  # fmt: skip
# Words that only a warning has; the others stand in a last word too ("will be returned", "delivery failed").
WARNINGS = _any(
    r"not yet been delivered", r"you do not need to resend", r"warning message only", r"this is (?:only )?a warning",
    r"delivery attempts will continue", r"no action is required on your part", r"will be retried (?:until|for)",
    r"is still (?:queued|in the queue)", *WARNINGS_ABROAD,
)  # fmt: skip
COPY_MARKS = _any(
    r"^[ >]{0,20}-{2,80}[^\n]{0,40}(?:copy of (?:the|your) message|original message|returned message|message follows|"
    r"unsent message|below this line|this is a copy|undelivered message|message header|header of|message text|"
    r"enclosed|start of)[^\n]{0,60}", r"^(?:old|original) message:?\s*$", r"^[ >]*(?:the )?(?:original|returned|"
    r"your|unsent|undelivered) (?:message|mail|e-?mail|letter)(?: text| header| body)? (?:(?:as )?follows|is "
    r"(?:enclosed|attached|below|included)|headers?:?$|starts)[^\n]{0,60}",
    r"^[ >]*(?:this is )?a copy of (?:the|your) (?:original )?(?:message|mail)", r"^Received: ", r"^Return-Path: ",
    r"^Message-ID: ", r"^-{3,80} ?(?:message|original|returned|unsent|undelivered)",
    r"^The following (?:text|message|data) was",
)  # fmt: skip
ANNOUNCED = _any(
    r"(?:following|these|listed|below)\b[^\n:]{0,60}\b(?:recipient|address|user|mailbox|person|people|"
    r"destination)[^\n]{0,100}",
    r"did not reach[^\n]{0,60}", r"message was addressed[^\n]{0,10}", r"(?:fail(?:ed|ure)?|not (?:be )?deliver\w*|"
    r"undeliverable|unable to (?:deliver|send)|deliver|delivery)\b[^\n]{0,60}\b(?:to|for|for user|address)\b[: ]",
    r"(?:final|original|failed|intended)[- ]recipient", r"^[ \t]*(?:recipient|failed address|rcpt to)s?\b[^\n:]{0,20}:",
    r"sent mail to ", r"your (?:message|mail|e-?mail) to ",
)  # fmt: skip
ALONE = _any(r"^[^\w\n]*([^\s<>\"()]{1,64}@[^\s<>\"()]{1,200}?)[^\w\n]*$")
LEADING = _any(r"^[ \t]*[<\"']?[^\s<>\"']{1,64}@[^\s<>\"':]{1,200}[>\"']?\s*(?:[:(]|\.\.\.| - |$)")
