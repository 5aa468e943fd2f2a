"""How mail programs mark a quotation in HTML: one row a mark."""

from dataclasses import dataclass
from enum import Enum


class Part(Enum):
    """What an element holds."""

    QUOTE = "quote"  # its content is quoted
    WRAPPER = "wrapper"  # quoted unless a blockquote inside says what is; answers may stand in between
    INTRO = "intro"  # the line above a quotation
    AFTER = "after"  # all that follows it is older
    FORWARD = "forward"  # its content is a forwarded mail
    SIGNATURE = "signature"
    RULE = "rule"  # a line drawn across the page stands above


@dataclass(frozen=True, slots=True)
class Container:
    """`name` is the whole value of the attribute, or one of its words (class); it may carry a prefix such as x_."""

    client: str
    attribute: str
    name: str
    part: Part


CONTAINERS = (
    Container("Gmail", "class", "gmail_quote", Part.WRAPPER),
    Container("Gmail", "class", "gmail_quote_container", Part.WRAPPER),
    Container("Gmail", "class", "gmail_attr", Part.INTRO),
    Container("Gmail", "class", "gmail_signature", Part.SIGNATURE),
    Container("Gmail", "class", "gmail_signature_prefix", Part.SIGNATURE),
    Container("Apple Mail", "class", "AppleOriginalContents", Part.WRAPPER),
    Container("Outlook", "id", "divRplyFwdMsg", Part.AFTER),
    Container("Outlook mobile", "id", "divRplyFwdMsg", Part.AFTER),
    Container("Outlook", "id", "mail-editor-reference-message-container", Part.QUOTE),
    Container("Outlook mobile", "class", "ms-outlook-mobile-reference-message", Part.AFTER),
    Container("Outlook mobile", "id", "ms-outlook-mobile-signature", Part.SIGNATURE),
    Container("Outlook mobile", "class", "ms-outlook-mobile-signature", Part.SIGNATURE),
    Container("Outlook", "id", "OLK_SRC_BODY_SECTION", Part.QUOTE),
    Container("Outlook", "class", "OutlookMessageHeader", Part.AFTER),
    Container("Outlook", "id", "MAC_OUTLOOK_ATTRIBUTION_BLOCKQUOTE", Part.QUOTE),
    Container("Hotmail", "id", "stopSpelling", Part.AFTER),
    Container("Hotmail", "class", "ecxgmail_quote", Part.WRAPPER),
    Container("Thunderbird", "class", "moz-cite-prefix", Part.INTRO),
    Container("Thunderbird", "class", "moz-email-headers-table", Part.INTRO),
    Container("Thunderbird", "class", "moz-forward-container", Part.FORWARD),
    Container("Thunderbird", "class", "moz-signature", Part.SIGNATURE),
    Container("Yahoo", "class", "yahoo_quoted", Part.WRAPPER),
    Container("Yahoo", "id", "yahoo_quoted", Part.WRAPPER),
    Container("Yahoo", "class", "yahoo-quoted-begin", Part.AFTER),
    Container("Yahoo", "class", "yahoo-signature", Part.SIGNATURE),
    Container("Proton", "class", "protonmail_quote", Part.WRAPPER),
    Container("Proton", "class", "protonmail_signature_block", Part.SIGNATURE),
    Container("Zoho", "class", "zmail_extra", Part.WRAPPER),
    Container("Zoho", "class", "x_zmail_extra", Part.WRAPPER),
    Container("Zoho", "id", "Zm-_Id_-Sgn", Part.SIGNATURE),
    Container("Zimbra", "id", "zwchr", Part.AFTER),
    Container("Samsung", "id", "composer_signature", Part.SIGNATURE),
    Container("Spark", "name", "messageReplySection", Part.WRAPPER),
    Container("Spark", "name", "messageSignatureSection", Part.SIGNATURE),
    Container("Superhuman", "class", "gmail_quote_superhuman", Part.WRAPPER),
    Container("Superhuman", "class", "sh-signature", Part.SIGNATURE),
    Container("HEY", "class", "hey-quote", Part.QUOTE),
    Container("HEY", "class", "trix-content--quoted", Part.QUOTE),
    Container("Fastmail", "id", "qt", Part.QUOTE),
    Container("Fastmail", "class", "qt", Part.QUOTE),
    Container("Fastmail", "id", "sig", Part.SIGNATURE),
    Container("GMX, web.de", "name", "quote", Part.WRAPPER),
    Container("GMX, web.de", "name", "quoted-content", Part.QUOTE),
    Container("mail.ru", "class", "js-helper", Part.WRAPPER),
    Container("mail.ru", "class", "mail-quote-collapse", Part.WRAPPER),
    Container("mail.ru", "data-signature-widget", "container", Part.SIGNATURE),
    Container("Yandex", "class", "yandex_quote", Part.QUOTE),
    Container("QQ", "class", "foxmail_quote", Part.QUOTE),
    Container("Foxmail", "class", "FoxDiv", Part.WRAPPER),
    Container("NetEase 163", "id", "isReplyContent", Part.QUOTE),
    Container("NetEase 163", "id", "reply-mail-content", Part.QUOTE),
    Container("Tutanota", "class", "tutanota_quote", Part.QUOTE),
    Container("Front", "class", "front-blockquote", Part.QUOTE),
    Container("Front", "class", "front-signature", Part.SIGNATURE),
    Container("eM Client", "class", "emclientquote", Part.QUOTE),
    Container("K-9", "class", "k9mail_quote", Part.QUOTE),
    Container("K-9", "class", "k9mail-signature", Part.SIGNATURE),
    Container("Help Scout", "class", "hs-quote", Part.QUOTE),
    Container("HubSpot", "class", "hs_reply", Part.QUOTE),
    Container("Freshdesk", "class", "freshdesk_quote", Part.QUOTE),
    Container("FreeScout", "class", "fsReplyAbove", Part.QUOTE),
    Container("NetEase Mail Master", "id", "ntes-pcmail-quote", Part.QUOTE),
    Container("NetEase Mail Master", "id", "ntes-pcmac-signature", Part.SIGNATURE),
    Container("NetEase 163", "id", "isForwardContent", Part.FORWARD),
    Container("China Mobile 139", "id", "reply139content", Part.QUOTE),
    Container("Sina", "id", "origbody", Part.QUOTE),
    Container("Yahoo iOS", "class", "iosymail", Part.QUOTE),
    Container("Skiff", "class", "skiff_quote", Part.QUOTE),
    Container("Spark", "class", "spark_quote", Part.QUOTE),
    Container("Windows Mail", "id", "replySplit", Part.AFTER),
    Container("Odoo", "class", "odoo_signature_wrapper", Part.SIGNATURE),
    Container("Outlook", "id", "Signature", Part.SIGNATURE),
    Container("Zendesk", "class", "zd-comment-quote", Part.QUOTE),
    Container("Missive", "class", "missive_quote", Part.QUOTE),
    Container("Nylas", "class", "nylas-quote", Part.WRAPPER),
    Container("Mailspring", "class", "gmail_quote_attribution", Part.INTRO),
    Container("Roundcube", "id", "replybody", Part.QUOTE),
    Container("Roundcube", "id", "reply-intro", Part.INTRO),
    Container("Roundcube", "id", "_rc_sig", Part.SIGNATURE),
    Container("Airmail", "class", "airmail_on", Part.INTRO),
    Container("Airmail", "class", "bloop_sign", Part.SIGNATURE),
    Container("Mailbird", "class", "mb_quote", Part.QUOTE),
    Container("WordPerfect, GroupWise", "class", "GroupWiseQuote", Part.QUOTE),
)

# Not a quotation: the indent button of Gmail, and mail that merely uses the element for its looks.
INDENTS = ("margin:0 0 0 40px", "margin: 0 0 0 40px", "margin:0px 0px 0px 40px", "margin: 0px 0px 0px 40px")
