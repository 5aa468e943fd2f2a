"""The names that mail programs give the header lines of a quoted mail, one row a language."""

from dataclasses import dataclass
from enum import Enum


class Label(Enum):
    """Which header line a label stands for. MORE lines belong to a header but do not make one."""

    SENDER = "from"
    SENT = "sent"
    TO = "to"
    COPY = "cc"
    SUBJECT = "subject"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class HeaderLabels:
    """One language's labels; several names for one line are parted by a bar."""

    language: str
    sender: str
    sent: str
    to: str
    copy: str
    subject: str
    more: str = ""


LABELS = (
    HeaderLabels(
        "en",
        "From|Sender",
        "Sent|Date|Sent on|Sent at|Received",
        "To|Recipient|Recipients",
        "Cc|Bcc",
        "Subject",
        "Reply-To|Attachments|Attachment|Importance|Organization|Sent by|Priority|Newsgroups|Envelope-to|Delivered-To"
        "|Message-ID|Requester|Organisation|X-Mailer|Resent-From|When|Where",
    ),
    HeaderLabels(
        "de",
        "Von|Absender",
        "Gesendet|Datum|Gesendet am|Versendet|Verschickt|Erstellt",
        "An|Empfänger",
        "Cc|Kopie|Kopie (CC)|Kopie an|Blindkopie",
        "Betreff|Betrifft",
        "Antwort an|Antworten an|Priorität|Wichtigkeit|Anlagen|Anhänge|Gesendet von",
    ),
    HeaderLabels(
        "fr",
        "De|Expéditeur|Émetteur|De la part de",
        "Envoyé|Date|Envoyé le|Date d'envoi|Message du|Envoyée",
        "À|A|Pour|Destinataire|Destinataires",
        "Cc|Copie|Copie à|Cci",
        "Objet|Sujet",
        "Répondre à|Pièces jointes|Importance",
    ),
    HeaderLabels(
        "es",
        "De|Remitente",
        "Enviado|Fecha|Enviado el|Enviado a las|Fecha de envío|Enviada",
        "Para|A|Destinatario",
        "CC|Copia|CCO",
        "Asunto|Tema",
        "Responder a|Datos adjuntos|Importancia",
    ),
    HeaderLabels(
        "it",
        "Da|Mittente",
        "Inviato|Data|Inviata|Data invio|Inviato il",
        "A|Destinatario|Per",
        "Cc|Copia|Copia a|Ccn",
        "Oggetto",
        "Rispondi a|Risposta|Allegati|Priorità",
    ),
    HeaderLabels(
        "pt",
        "De|Remetente",
        "Enviado|Data|Enviada em|Enviado em|Enviada|Data de envio",
        "Para|Destinatário",
        "Cc|Com cópia|Cco",
        "Assunto",
        "Responder a|Responder para|Anexos",
    ),
    HeaderLabels(
        "nl",
        "Van|Afzender",
        "Verzonden|Datum|Verstuurd|Verzonden op",
        "Aan|Ontvanger",
        "Cc|Kopie|Bcc",
        "Onderwerp|Betreft",
        "Antwoord aan|Beantwoorden|Bijlagen",
    ),
    HeaderLabels(
        "sv", "Från|Avsändare", "Skickat|Datum|Skickad", "Till|Mottagare", "Kopia|Cc|Kopia till", "Ämne", "Svara till"
    ),
    HeaderLabels("da", "Fra|Afsender", "Sendt|Dato", "Til|Modtager", "Cc|Kopi|Kopi til", "Emne", "Svar til|Besvar til"),
    HeaderLabels("nb", "Fra|Avsender", "Sendt|Dato", "Til|Mottaker|Mottakere", "Kopi|Kopi til|Cc", "Emne", "Svar til"),
    HeaderLabels(
        "fi",
        "Lähettäjä|Keneltä",
        "Lähetetty|Päivämäärä|Päiväys|Pvm|Lähetysaika",
        "Vastaanottaja|Kenelle|Vastaanottajat",
        "Kopio|Cc|Kopiot",
        "Aihe",
        "Vastausosoite",
    ),
    HeaderLabels(
        "pl",
        "Od|Nadawca",
        "Wysłano|Data|Wysłane|Data wysłania",
        "Do|Adresat|Odbiorca",
        "DW|Kopia|UDW|Cc",
        "Temat",
        "Odpowiedź do",
    ),
    HeaderLabels(
        "cs",
        "Od|Odesílatel",
        "Odesláno|Datum|Odesláno dne|Posláno",
        "Komu|Příjemce|Pro",
        "Kopie|Cc|Skrytá kopie",
        "Předmět|Věc",
        "Odpovědět komu",
    ),
    HeaderLabels(
        "sk", "Od|Odosielateľ", "Odoslané|Dátum|Poslané", "Komu|Pre|Príjemca", "Kópia|Kopia|Cc", "Predmet|Vec"
    ),
    HeaderLabels(
        "hu",
        "Feladó|Küldő",
        "Elküldve|Dátum|Küldve|Küldés ideje|Küldés dátuma",
        "Címzett|Címzettek",
        "Másolat|Másolatot kap",
        "Tárgy",
        "Válaszcím",
    ),
    HeaderLabels(
        "ro", "De la|De|Expeditor", "Trimis|Data|Dată|Trimis la", "Către|Catre|La|Destinatar", "Cc|Copie", "Subiect"
    ),
    HeaderLabels("bg", "От|Подател", "Изпратено|Дата|Изпратено на", "До|Получател", "Копие|Cc", "Относно|Тема"),
    HeaderLabels(
        "hr",
        "Od|Šalje|Pošiljatelj|Pošiljalac",
        "Poslano|Datum|Poslato",
        "Za|Prima|Primatelj|Kome|Do",
        "Kopija|Kopija za|Cc",
        "Predmet|Naslov|Tema",
    ),
    HeaderLabels("sl", "Od|Pošiljatelj", "Poslano|Datum", "Za|Prejemnik", "Kp|Kopija|Cc", "Zadeva"),
    HeaderLabels("sr", "Од|Шаље|Пошиљалац", "Послато|Датум", "За|Прима|Коме", "Копија|Cc", "Тема|Наслов|Предмет"),
    HeaderLabels("mk", "Од", "Испратено|Датум", "До|За", "Копија|Cc", "Тема|Наслов"),
    HeaderLabels(
        "ru",
        "От|От кого|Отправитель",
        "Отправлено|Дата|Дата отправки",
        "Кому|Получатель",
        "Копия|Cc|Скрытая копия",
        "Тема",
        "Ответить",
    ),
    HeaderLabels(
        "uk", "Від|Від кого|Відправник", "Надіслано|Дата|Відправлено", "Кому|Одержувач|Отримувач", "Копія|Cc", "Тема"
    ),
    HeaderLabels("be", "Ад|Ад каго", "Адпраўлена|Дата", "Каму", "Копія", "Тэма"),
    HeaderLabels(
        "tr",
        "Kimden|Gönderen",
        "Gönderildi|Tarih|Gönderme Tarihi|Gönderim Tarihi|Gönderilme zamanı|Gönderilen",
        "Kime|Alıcı",
        "Bilgi|Cc|Kopya",
        "Konu",
    ),
    HeaderLabels(
        "el",
        "Από|Αποστολέας",
        "Στάλθηκε|Ημερομηνία|Εστάλη|Απεσταλμένα",
        "Προς|Παραλήπτης",
        "Κοιν.|Κοινοποίηση|Κοιν",
        "Θέμα",
    ),
    HeaderLabels(
        "ar",
        "من|المرسل",
        "تاريخ الإرسال|التاريخ|أرسلت|تم الإرسال|تاريخ|مرسل|أُرسلت",
        "إلى|الى|المستلم",
        "نسخة|نسخة إلى|نسخه",
        "الموضوع|موضوع",
    ),
    HeaderLabels("he", "מאת|מ", "נשלח|תאריך|בתאריך", "אל|ל", "עותק|העתק", "נושא|הנדון"),
    HeaderLabels("fa", "از|فرستنده", "تاریخ|ارسال شده|ارسال", "به|گیرنده", "رونوشت", "موضوع"),
    HeaderLabels(
        "zh-CN",
        "发件人|寄件人|发信人",
        "发送时间|日期|时间|发送日期|发件时间|发送",
        "收件人|至|收信人",
        "抄送|抄送人",
        "主题|主旨",
    ),
    HeaderLabels(
        "zh-TW",
        "寄件者|寄件人|從|发件人",
        "寄件日期|日期|傳送時間|已傳送|傳送日期|寄件時間",
        "收件者|收件人|至",
        "副本|抄送",
        "主旨|主題",
    ),
    HeaderLabels(
        "ja",
        "差出人|送信者|送信元|発信者",
        "送信日時|日付|日時|送信日|送信|受信日時",
        "宛先|To",
        "写し|CC|Cc",
        "件名",
        "返信先",
    ),
    HeaderLabels(
        "ko",
        "보낸 사람|발신|보낸이|발신자",
        "보낸 날짜|날짜|전송 날짜|발송일|보낸 시간|일시",
        "받는 사람|수신|받는이|수신자",
        "참조",
        "제목",
    ),
    HeaderLabels(
        "vi",
        "Từ|Người gửi",
        "Đã gửi|Ngày|Gửi|Ngày gửi|Thời gian|Gửi lúc|Vào",
        "Đến|Tới|Người nhận",
        "Đồng gửi|Sao gửi|Cc",
        "Chủ đề|Tiêu đề",
    ),
    HeaderLabels("th", "จาก|ผู้ส่ง", "ส่ง|วันที่|ส่งเมื่อ|เวลาส่ง|ส่งแล้ว", "ถึง|ผู้รับ", "สำเนา|สำเนาถึง", "เรื่อง|หัวเรื่อง|หัวข้อ"),
    HeaderLabels(
        "id", "Dari|Pengirim", "Dikirim|Tanggal|Terkirim", "Kepada|Ke|Untuk", "Tembusan|Cc", "Subjek|Perihal|Hal"
    ),
    HeaderLabels("ms", "Daripada", "Dihantar|Tarikh", "Kepada", "Sk|Salinan", "Subjek|Perkara"),
    HeaderLabels("ca", "De|Remitent", "Enviat|Data|Enviat el", "Per a|A|Per", "A/c|Cc", "Assumpte|Tema"),
    HeaderLabels("eu", "Nork|Nondik|Bidaltzailea", "Bidaltze-data|Data|Bidalia", "Nori|Nora|Hartzailea", "Cc", "Gaia"),
    HeaderLabels("et", "Saatja|Kellelt", "Saadetud|Kuupäev", "Adressaat|Saaja|Kellele", "Koopia", "Teema"),
    HeaderLabels("lv", "No|Sūtītājs", "Nosūtīts|Datums", "Kam|Adresāts", "Kopija", "Tēma|Temats"),
    HeaderLabels("lt", "Nuo|Siuntėjas", "Išsiųsta|Data", "Kam|Gavėjas|Iki", "Kopija", "Tema"),
    HeaderLabels("is", "Frá|Sendandi", "Sent|Dagsetning|Dags", "Til|Viðtakandi", "Afrit", "Efni"),
    HeaderLabels("sw", "Kutoka|Mtumaji", "Imetumwa|Tarehe", "Kwa|Mpokeaji", "Nakala|Cc", "Mada|Kichwa"),
    HeaderLabels("hi", "प्रेषक|से", "भेजा गया|दिनांक", "प्रति|को", "प्रतिलिपि", "विषय"),
)


def fold_label(text: str) -> str:
    """A label as it is looked up: no bold or table marks, no spaces, one case. A dotted Turkish I loses its dot."""
    return "".join(text.casefold().split()).strip("*_|•·>\u0307").replace("i\u0307", "i")


def _table() -> dict[str, frozenset[Label]]:
    table: dict[str, set[Label]] = {}
    for row in LABELS:
        kinds = (
            (row.sender, Label.SENDER),
            (row.sent, Label.SENT),
            (row.to, Label.TO),
            (row.copy, Label.COPY),
            (row.subject, Label.SUBJECT),
            (row.more, Label.MORE),
        )
        for names, label in kinds:
            for name in filter(None, names.split("|")):
                for spelling in (name, _garbled(name)):
                    table.setdefault(fold_label(spelling), set()).add(label)
    return {name: frozenset(labels) for name, labels in table.items()}


def _garbled(name: str) -> str:
    """The label as archives and old gateways show it that take UTF-8 for Latin-1."""
    return name.encode().decode("latin-1")


LABEL_OF = _table()
"""Every label, folded, and what it may stand for: a Spanish "A" and a French one are both To."""

LONGEST_LABEL = max(map(len, LABEL_OF)) + 4
