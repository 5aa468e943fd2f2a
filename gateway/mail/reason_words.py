"""What servers say when they refuse a mail, in many languages, most telling first."""

import re

from gateway.mail.reason_abroad import FULL_ABROAD, UNKNOWN_ABROAD
from gateway.mail.reason_table import (
    BLOCKED,
    BROKEN,
    BUSY,
    DISABLED,
    EXPIRED,
    FILTERED,
    FORM,
    FULL,
    GONE,
    GROUP,
    LARGE,
    MOVED,
    NETWORK,
    NO_MAIL,
    POLICY,
    RELAY,
    SENDER,
    SPAM,
    UNKNOWN_HOST,
    UNKNOWN_USER,
    UNPROVEN,
    VIRUS,
    Reason,
)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# Words that leave no doubt.
TELLING: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (UNPROVEN, _any(r"\b5\.7\.(?:26|29|509|515)\b", r"does(?: not|n't) pass DMARC", r"DMARC (?:policy|check|sender)",
    r"required authentication level", r"DKIM signature is not valid")),
    (BLOCKED, _any(r"banned sending ip", r"\b5\.7\.60\d\b", r"\b5\.7\.708\b",
        r"(?:is |are )?(?:listed|found) (?:on|at|in) "
    r"(?:one or more )?(?:\S+ )?(?:https?://|[\w-]+\.[\w.-]+|dnsbl|rbl)",
    r"client (?:host )?\S+ (?:is )?blocked (?:using|by)",
    r"ip (?:frequency|is (?:hangup|rejected))", r"poor reputation", r"ip is in \S+ list", r"\(BL\)$",
    r"blocked - see ", r"not allowed to connect", r"access to submit messages to this")),
    (SENDER, _any(r"banned sender", r"bad outbound sender", r"sender verify failed", r"anti-?spoof", r"fake sender")),
    (VIRUS, _any(r"potential(?:ly)? (?:a )?security issue")),
    (GROUP, _any(r"SenderNotAuthenticatedFor(?:Group|Mailbox)", r"\b5\.7\.13[3-6]\b", r"\b5\.7\.193\b")),
    (LARGE, _any(r"message size limits?\b", r"message size \d+ exceeds", r"RecipSizeLimit", r"SendSizeLimit")),
    (BUSY, _any(r"relay limit exceeded", r"ReceivingRate", r"RecipThrottled", r"(?:user|daily|hourly) (?:\S+ ){0,2}"
    r"(?:sending )?(?:limit|quota) (?:exceeded|reached)", r"thread limit exceeded")),
    (FORM, _any(r"(?:missing|without|no) (?:a )?(?:valid )?(?:message-?id|address in from|from|"
        r"date)\b[^.]{0,20}header",
    r"smtputf8 is required", r"body type not supported", r"not RFC 5322", r"must be RFC")),
    (NO_MAIL, _any(r"indicated no smtp service", r"null ?mx", r"does not accept (?:e-?)?mail \(")),
    (RELAY, _any(r"relay access denied", r"allowed rcpthosts", r"relay(?:ing)? (?:is )?(?:not permitted|denied)")),
    (POLICY, _any(r"reject due to policy", r"RESOLVER\.RST\.(?:NotAuthorized|AuthRequired)",
    r"TRANSPORT\.RULES\.RejectMessage", r"5\.7\.\d+[^.]{0,120}access denied", r"smtp authentication",
    r"tls is required", r"certificate not (?:verified|trusted)", r"bounced by administrator")),
    (UNKNOWN_HOST, _any(r"account or domain may not exist")),
    (NETWORK, _any(r"best-preference mx")),
    (SPAM, _any(r"mail content denied")),
    (GONE, _any(r"discontinued", r"(?:account|mailbox) (?:has been |is |was )?(?:closed|terminated|deleted|removed)")),
    (DISABLED, _any(r"disabled recipient",
    r"(?:mailbox|account|user|address) (?:has been |is |was )?(?:disabled|suspended|deactivated)",
    r"(?:inactive|suspended|disabled) (?:mbox|mailbox|user|account)", r"expired account", r"locked or suspended",
    r"user not activated")),
    (GROUP, _any(r"groups\.google\.com/support", r"may not have permission to post", r"restricted to members",
    r"not allowed to post")),
    (NETWORK, _any(r"did not accept our requests to connect", r"host not found, try again", r"socket error",
    r"host name lookup failure")),
    (SENDER, _any(r"domain of sender", r"sender address", r"unroutable sender", r"address is not verified",
    r"my name was rejected")),
    (UNKNOWN_USER, _any(
        r"user unknown", r"unknown user",
        r"no such (?:user|recipient|address|mailbox|account|person|local|customer)", r"user not found",
        r"recipient not found",
        r"RecipientNotFound", r"recipient address rejected\.?$", r"unknown (?:recipient|address|local)",
        r"recipient address rejected: (?:access denied|undeliverable|unknown|bad destination|\S+ unknown)",
        r"\b5\.1\.10\b", r"invalid (?:recipient|user|mailbox)", r"unavailable mail user", r"5\.1\.0 address rejected",
        r"local user \S{1,200} not found", r"not a member of domain",
        r"recipient (?:is )?(?:unrecogni[sz]ed|not exist)",
        r"rcpt user \S{1,200} not ok", r"i cannot deliver mail for", r"no such id\b",
        r"isn't in my list of allowed users",
    )),
    (FULL, _any(
        r"(?:mail)?(?:box|folder|drop) (?:is |has )?(?:full|exceeded|over|size limit)", r"over ?quota",
        r"quota (?:is )?(?:exceeded|reached|full)",
        r"exceed\w* (?:\S+ ){0,6}quota", r"quota (?:\S+ ){0,4}(?:exceed|violat)", r"(?:in|out of) (?:disk )?quota",
        r"mailbox (?:\S+ ){0,3}full", r"insufficient (?:disk |system )?storage",
        r"not enough (?:disk |storage )?space",
        r"account is full", r"full mailbox", r"out of storage", r"storage (?:\S+ ){0,3}(?:exceed|full)",
        r"maildir over",
        r"inbox (?:is )?full", r"no space left", r"disk full", r"user has too many messages",
        r"exceeded (?:his|her|the|its|their|it's)? ?(?:mailbox|storage)",
        r"size limit (?:exceeded )?(?:for|of) (?:this|the) mailbox", r"mailbox size",
        r"reached (?:\S+ )?(?:disk )?quota",
        r"exceeded allocated", r"too many messages (?:on|in) this mailbox", r"mail box (?:is )?full", r"quota\.",
        FULL_ABROAD,
    )),
    (EXPIRED, _any(
        r"(?:delivery|message|retry) time ?(?:out )?(?:\S+ )?(?:expired|exceeded|timeout)", r"expired",
        r"retry timeout exceeded", r"delivery (?:attempts? )?timed out",
        r"unable to deliver (?:this )?message (?:after|for) (?:multiple|\d+)", r"too long in (?:the )?queue",
        r"queue too long",
        r"gave up", r"failed \d+ attempts", r"not (?:been )?(?:yet )?delivered (?:after|for|within)",
        r"maximum (?:retr|number of retr)", r"could not be delivered for (?:more than )?\d+",
        r"message (?:has been|was) (?:undeliverable|in the queue) for", r"delayed", r"been delayed",
        r"not yet been delivered", r"will (?:keep|continue) (?:trying|to try)",
    )),
    (UNPROVEN, _any(
        r"\bSPF\b", r"\bDKIM\b", r"\bDMARC\b", r"unauthenticated (?:e-?mail|sender)", r"sender policy framework",
        r"does(?: not|n't) (?:pass|meet) (?:\S+ ){0,3}authentication",
        r"authentication (?:checks?|requirements?)", r"sender authentication", r"openspf",
    )),
    (SPAM, _any(
        r"\bspam(?!haus|cop|rl\b)", r"\bUCE\b", r"unsolicited", r"junk", r"bulk mail", r"spamassassin",
        r"blacklisted url",
        r"content (?:was )?(?:rejected|filter)", r"message looks like",
        r"similar to (?:previously )?", r"\bURIBL\b", r"likely unsolicited", r"high(?:ly)? (?:spam )?score",
    )),
    (VIRUS, _any(r"virus", r"malware", r"infected", r"dangerous (?:attachment|content)", r"phish",
        r"attachment type")),
    (BLOCKED, _any(
        r"block ?list", r"black ?list", r"\bRBL\b", r"\bDNSBL\b", r"spamhaus", r"spamcop", r"\bsorbs\b",
        r"barracuda", r"reputation", r"reverse (?:dns|lookup|map)", r"\bPTR\b",
        r"\brDNS\b", r"dynamic (?:ip|address)", r"client host (?:rejected|.{0,60}blocked)",
        r"(?:ip|host) (?:\S+ ){0,5}(?:is |has been |was )?(?:blocked|banned|rejected|denied)",
        r"blocked (?:by|using|because|for|due)", r"your (?:host|ip|server|network)",
        r"connection refused by (?:policy|acl)", r"cannot find your (?:hostname|reverse)", r"gr[ae]y-?list",
        r"no reverse", r"invalid ip", r"sending (?:ip|host)", r"\bHELO\b", r"\bEHLO\b",
        r"connections? (?:not accepted|refused) from", r"refused connection", r"not authorized to connect",
        r"banned",
    )),
    (BUSY, _any(
        r"too many (?:connections|recipients|messages|errors|hops? per|sessions|concurrent|emails)", r"rate ?limit",
        r"throttl", r"(?:sending|message) (?:rate|limit)", r"exceed\w* (?:\S+ ){0,4}(?:rate|limit)",
        r"try again later", r"temporar(?:y|ily) (?:deferred|rejected)", r"resources temporarily", r"too busy",
        r"unusual rate", r"too fast", r"frequency limited",
        r"receiving (?:mail|e-?mail|messages) (?:at a rate|too quickly)",
    )),
    (LARGE, _any(
        r"(?:message|mail|size|file|content|attachment)s? (?:\S+ ){0,6}(?:too (?:large|big)|exceed\w*)",
        r"too (?:large|big|long)", r"exceed\w* (?:\S+ ){0,5}(?:size|maximum)", r"maximum (?:message |mail )?size",
        r"size limit",
    )),
    (MOVED, _any(r"has moved", r"moved to",
    r"(?:no longer (?:works|with|employed|at)|left the (?:company|organi[sz]ation))",
    r"address (?:\S+ ){0,2}changed", r"please (?:try|use) (?:the )?(?:new|following) address", r"new address is")),
    (NO_MAIL, _any(r"null mx", r"indicated no smtp service", r"(?<![\d.])521 5\.3\.2", r"no mx found",
    r"does not accept (?:e-?)?mail", r"no mx",
    r"domain (?:\S+ ){0,3}(?:not accept|no mail)", r"mail server (?:\S+ ){0,3}not accept",
    r"smtp protocol returned a permanent error 521")),
)  # fmt: skip
# Words that may mean more than one thing: a status that is about the address goes before them.
HINTING: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (UNKNOWN_HOST, _any(
        r"(?:host|domain|system|machine|server)(?: name)?s? (?:\S+ ){0,4}(?:unknown|not found|does(?: not|n't) "
        r"exist|lookup fail|not known|invalid|not exist)", r"unknown (?:mail )?(?:host|domain|system|server)",
        r"no such (?:host|domain|system)", r"\d{3} [\w-]+(?:\.[\w-]+)+ does not exist",
        r"bad (?:host|domain)", r"name (?:service error|server.*not found)",
        r"unrouteable (?:mail )?domain", r"unresolvable", r"could ?n.t find any host", r"NXDomain",
        r"bad destination host",
        r"all relevant mx records point to non-existent",
        r"domain (?:\S+ ){0,2}(?:name )?(?:has )?no (?:valid )?(?:mx|a record)", r"illegal host",
        r"domain is not reachable", r"dns (?:\S+ ){0,4}(?:non-?existent|no such)", r"non-?existent (?:host|domain)",
        r"host or domain name not found", r"could not be resolved", r"unable to (?:look|resolve)",
        r"malformed or unexpected name server reply",
        r"name or service not known",
        r"destination (?:domain|server|host) (?:\S+ ){0,5}(?:does not exist|not found|invalid|unknown)",
    )),
    (UNKNOWN_USER, _any(
        r"(?:user|recipient|address|mailbox|account|customer|member|addressee|id|name|utente|destinataire|"
        r"empf[aä]nger|usuario)s?\b[^.;:]{0,60}(?:unknown|not (?:be )?found|does(?: not|n't|not) exist|do not "
        r"exist|not exist|no longer (?:exist|available|valid|active|in use)|not known|invalid|not (?:a )?(?:valid|"
        r"listed|local|registered|recogni[sz]ed)|non-?existent|inconnu|unbekannt|sconosciuto|desconocid|isn't "
        r"(?:valid|here))",
        r"(?:unknown|invalid|no such|bad|illegal|incorrect|non-?existent|nonexistent|unrouteable|unroutable|"
        r"undeliverable|unrecogni[sz]ed|not a valid|no valid) (?:\S+ ){0,3}(?:user|recipient|address|mailbox|"
        r"account|local part|name|e-?mail|alias|destination|customer|login|addressee|person|to address)",
        r"user(?:name)? (?:is )?unknown", r"recipnotfound",
        r"recipient ?(?:address )?rejected: (?:user|undeliverable|unknown|no such)",
        r"no mailbox (?:here|found|by)", r"not (?:a )?(?:our|known|local) (?:user|customer|member)",
        r"does not have (?:an?|any) (?:\S+ ){0,3}(?:account|mailbox)",
        r"doesn't have (?:an?|any) (?:\S+ ){0,3}(?:account|mailbox)", r"\bno such\b", r"no account",
        r"not our customer", r"no one (?:here )?(?:by|with)", r"nobody (?:here )?(?:by|with)",
        r"mailbox (?:currently )?(?:unavailable|not available|not found|disabled for)", r"not listed in",
        r"isn't in my", r"user doesn", r"address error", r"couldn't be found", r"cannot be found", r"wasn't found",
        r"was not found", r"doesn't exist", r"not in (?:the )?(?:directory|server|our)", r"sorry, no", r"badrcptto",
        r"unknown or illegal alias", r"this address no longer", r"no longer (?:on|accept)",
        r"is not (?:a )?(?:valid|active)", r"who are you looking for", r"delivery to (?:this|the) user is not",
        r"dest(?:ination)? address", r"email (?:name|address) is not (?:valid|known|found|reg)",
        r"recipient (?:is )?(?:not|unknown)", r"nobody here", r"is unknown", r"undeliverable address",
        r"not known here", r"UnknownUser", r"No matches to",
        UNKNOWN_ABROAD,
    )),
    (DISABLED, _any(
        r"disabled recipient", r"(?:account|mailbox|user|recipient|address|domain)[^.;]{0,40}(?:disabled|suspended|"
        r"inactive|deactivated|locked|expired|closed|not active|frozen|discontinued|terminated|on hold)",
        r"suspended", r"inactive (?:user|account|mailbox)", r"disabled", r"deactivated",
        r"mail(?:box)? (?:is )?locked",
    )),
    (SENDER, _any(
        r"sender (?:address |domain )?(?:\S+ ){0,3}(?:rejected|refused|denied|invalid|blocked|not allowed|does not "
        r"exist|unknown|verify)", r"sender verif", r"mail from (?:\S+ ){0,4}(?:rejected|refused|denied|not)",
        r"domain of sender", r"sender's", r"invalid (?:sender|return path)", r"from address", r"bogus",
        r"return address", r"rejected: sender", r"could not verify sender", r"not accepting mail from",
    )),
    (RELAY, _any(r"relay", r"not (?:a )?(?:gateway|permitted to route)", r"rcpthosts",
        r"not allowed (?:to send )?to")),
    (POLICY, _any(r"polic(?:y|ies)", r"administrative(?:ly)? (?:prohibit|denied|reject|block)", r"prohibited",
    r"restricted", r"not (?:permitted|allowed|authori[sz]ed)", r"security", r"restrict", r"encrypt", r"TLS",
    r"permission", r"refused", r"rejected", r"denied")),
    (NETWORK, _any(
        r"connect(?:ion)? (?:\S+ ){0,5}(?:timed out|refused|reset|lost|failed|dropped|closed)", r"timed? ?out",
        r"no route to host", r"network (?:is )?(?:unreachable|error)", r"unable to (?:connect|reach)",
        r"could not connect", r"couldn't connect", r"cannot connect", r"too many hops", r"(?:mail|routing) loop",
        r"loop(?:s|ing)? (?:back|detected)", r"hop count", r"lost connection", r"mx (?:\S+ ){0,6}(?:points|loops)",
        r"unreachable", r"not respond", r"retry time not reached",
    )),
    (FORM, _any(r"syntax", r"duplicated message-id", r"no resent-from field", r"command (?:not|unrecogni[sz]ed)",
    r"malformed", r"not (?:rfc|compliant)", r"8-?bit",
    r"invalid (?:header|content|message)", r"bare (?:cr|lf|newline)", r"protocol violation",
    r"header (?:field )?error")),
    (BROKEN, _any(
        r"(?:internal|local|system|server|configuration|software|i/o|input/output) (?:\S+ )?(?:error|problem|"
        r"failure)", r"(?:service|server) (?:\S+ )?(?:unavailable|not available|down|error)",
        r"mailer (?:error|failure)", r"can't (?:create|open|write)", r"cannot (?:create|open|append|write)",
        r"command (?:died|failed)", r"\bpipe\b", r"procmail", r"out of memory", r"program failure",
        r"unable to (?:open|deliver to mailbox)", r"local configuration",
    )),
    (FILTERED, _any(r"filter")),
)  # fmt: skip
