"""What ends (or heads) a mail without being said: device lines, disclaimers, banners; one row a language."""

SENT_FROM = (
    (
        "en",
        "sent from my|sent from mail for|sent via|sent with|get outlook for|sent from yahoo"
        "|sent from outlook|sent by outlook"
        "|sent using|sent from proton|sent from samsung|sent on the go|sent from a mobile",
    ),
    (
        "de",
        "von meinem iphone gesendet|von meinem ipad gesendet|gesendet mit|gesendet von|von meinem"
        "|diese nachricht wurde von meinem"
        "|holen sie sich outlook|outlook für",
    ),
    ("fr", "envoyé de mon|envoyé depuis|envoyé à partir de|télécharger outlook|obtenir outlook|envoyé avec"),
    ("es", "enviado desde|enviado de|obtener outlook|descargar outlook|enviado con"),
    ("it", "inviato da|inviato dal|scarica outlook|ottieni outlook|inviato con"),
    ("pt", "enviado do|enviado de|enviada do|obter o outlook|obtenha o outlook|enviado via|enviado pelo"),
    ("nl", "verstuurd vanaf|verzonden vanaf|verzonden met|outlook voor|verstuurd met|download outlook"),
    ("sv", "skickat från min|skickat från|hämta outlook|skaffa outlook"),
    ("da", "sendt fra min|sendt fra|hent outlook|få outlook"),
    ("nb", "sendt fra min|sendt fra|skaff deg outlook|få outlook"),
    ("fi", "lähetetty iphonesta|lähetetty|hanki outlook"),
    ("pl", "wysłane z|wysłano z|pobierz outlook|wysłane za pomocą"),
    ("cs", "odesláno z|odesláno pomocí|získat outlook|posláno z"),
    ("sk", "odoslané z|získať outlook"),
    ("hu", "az iphone-omról küldve|iphone-ról küldve|küldve|a következőből küldve"),
    ("ro", "trimis de pe|trimis din|obțineți outlook|trimis cu"),
    ("hr", "poslano s|poslano sa"),
    ("bg", "изпратено от"),
    ("ru", "отправлено с|отправлено из|скачать outlook"),
    ("uk", "надіслано з|відправлено з|надіслано з мого"),
    ("tr", "iphone'umdan gönderildi|telefonumdan gönderildi|gönderildi|outlook'u edinin"),
    ("el", "στάλθηκε από|αποστολή από"),
    ("ar", "أرسلت من|تم الإرسال من|مرسل من|أُرسلت من"),
    ("he", "נשלח מה|נשלח מ"),
    ("zh-CN", "发自我的|从我的|发自|获取 outlook"),
    ("zh-TW", "從我的|寄自我的|傳送自|取得 outlook"),
    ("ja", "iphoneから送信|ipadから送信|私の|から送信|outlook を入手"),
    ("ko", "내 iphone에서|나의 iphone에서|에서 보냄"),
    ("vi", "đã gửi từ|được gửi từ|gửi từ"),
    ("th", "ส่งจาก|ส่งจาก iphone ของฉัน"),
    ("id", "dikirim dari|dikirim dengan"),
    ("sw", "imetumwa kutoka"),
)

DISCLAIMERS = (
    (
        "en",
        "this email and any|this e-mail and any|this message and any|this communication"
        "|the information contained in this"
        "|this message is intended|this email is intended|this e-mail is intended|confidentiality notice"
        "|confidential:"
        "|disclaimer|if you are not the intended recipient|please consider the environment"
        "|privileged and confidential"
        "|the contents of this|this message contains|this e-mail contains|this email contains|this transmission"
        "|think before you print|virus-free|scanned by|this email has been scanned|this email was sent by"
        "|important notice:",
    ),
    (
        "de",
        "diese e-mail enthält|diese e-mail kann|diese nachricht ist|diese nachricht enthält"
        "|der inhalt dieser|vertraulichkeitshinweis"
        "|die information in dieser|wenn sie nicht der|bitte denken sie an die umwelt|bitte prüfen sie, ob|virenfrei",
    ),
    (
        "fr",
        "ce message et|ce courriel et|ce courriel|ce message est|les informations contenues"
        "|avis de confidentialité|cet e-mail"
        "|pensez à l'environnement|avant d'imprimer|si vous n'êtes pas le destinataire",
    ),
    (
        "es",
        "este mensaje|este correo|la información contenida|aviso legal|aviso de confidencialidad"
        "|antes de imprimir|este e-mail",
    ),
    (
        "it",
        "questo messaggio|questa e-mail|le informazioni contenute|avviso di riservatezza|prima di stampare"
        "|il presente messaggio",
    ),
    ("pt", "esta mensagem|este e-mail|este email|as informações contidas|aviso de confidencialidade|antes de imprimir"),
    ("nl", "dit bericht|deze e-mail|de informatie in dit|denk aan het milieu|deze mail is"),
    ("sv", "detta meddelande|detta e-post|detta mail|informationen i detta"),
    ("da", "denne e-mail|denne mail|denne meddelelse"),
    ("nb", "denne e-posten|denne meldingen|denne e-post"),
    ("fi", "tämä viesti|tämä sähköposti"),
    ("pl", "niniejsza wiadomość|ta wiadomość|treść tej wiadomości|informacje zawarte"),
    ("cs", "tato zpráva|tento e-mail|informace obsažené|obsah této"),
    ("sk", "táto správa|tento e-mail"),
    ("hu", "ez az üzenet|ez az e-mail|jelen üzenet|a jelen e-mail"),
    ("ro", "acest mesaj|acest e-mail|informațiile conținute"),
    ("ru", "это сообщение|данное сообщение|настоящее сообщение|данное электронное|информация, содержащаяся"),
    ("uk", "це повідомлення|цей лист|дане повідомлення"),
    ("tr", "bu e-posta|bu mesaj|bu ileti|işbu e-posta"),
    ("el", "αυτό το μήνυμα|το παρόν μήνυμα|το παρόν ηλεκτρονικό"),
    ("zh-CN", "本邮件|此邮件|本电子邮件"),
    ("zh-TW", "本郵件|此郵件|本電子郵件|本信件"),
    ("ja", "このメール|本メール|この電子メール"),
    ("ko", "이 메일은|본 메일은|이 이메일|본 이메일"),
    ("vi", "email này|thư này"),
    ("th", "อีเมลนี้|ข้อความนี้"),
    ("id", "email ini|pesan ini|e-mail ini"),
)

# Put above a mail by the receiving company's gateway; told by a frame or a known beginning.
BANNERS = (
    (
        "en",
        "external email|external sender|[external]|caution: this email originated|caution: external"
        "|this email originated from outside"
        "|this message originated from outside|you don't often get email from"
        "|some people who received this message don't often get"
        "|warning: external|notice: this message is from an external|exercise caution"
        "|do not click links or open attachments"
        "|sent by an external sender|think before you click",
    ),
    (
        "de",
        "externe e-mail|[extern]|achtung: externe|diese e-mail stammt von außerhalb"
        "|sie erhalten nicht oft e-mails von"
        "|einige personen, die diese nachricht erhalten haben|achtung: diese e-mail|vorsicht: externe",
    ),
    (
        "fr",
        "courriel externe|[externe]|attention : ce|expéditeur externe|vous ne recevez pas souvent"
        "|message externe|[ext]",
    ),
    ("es", "correo externo|[externo]|no suele recibir correo|precaución: este correo|remitente externo"),
    ("it", "[esterno]|mittente esterno|attenzione: questa e-mail|non si ricevono spesso messaggi"),
    ("pt", "[externo]|e-mail externo|remetente externo|cuidado: este email|não costuma receber"),
    ("nl", "externe e-mail|[extern]|let op: deze e-mail|u ontvangt niet vaak e-mail|pas op: deze"),
    ("sv", "externt mejl|externt e-post|[extern]|du får inte ofta e-post"),
    ("da", "ekstern e-mail|[ekstern]|du får ikke ofte mails"),
    ("nb", "ekstern e-post|[ekstern]|du får ikke ofte e-post"),
    ("pl", "wiadomość zewnętrzna|[zewnętrzny]|nie otrzymujesz często wiadomości|uwaga: wiadomość spoza"),
    ("ru", "внешнее письмо|внешний отправитель|[внешнее]|вы не часто получаете"),
    ("ja", "外部メール|[外部]|このメールは組織外"),
    ("zh-CN", "外部邮件|[外部]|此邮件来自外部"),
)

# Put below a mail by a free provider, a virus scanner or a mailing list.
FOOTERS = (
    (
        "en",
        "join the world's largest|get more from the web|get your free|do you yahoo|get yourself a free|virus-free. www"
        "|you received this message because you are subscribed|to unsubscribe from this group|unsubscribe:"
        "|to unsubscribe, e-mail|to unsubscribe, send|for additional commands|this message has been scanned"
        "|find the best|this sf.net email|never miss a"
        "|get paid to|send instant messages|free pop3|yahoo! mail|get free email",
    ),
    (
        "de",
        "virenfrei. www|sie haben diese nachricht erhalten, weil sie|diese e-mail wurde von avast|um sich von dieser",
    ),
    ("fr", "garanti sans virus|vous recevez ce message, car|sans virus. www|l'absence de virus dans ce"),
    ("es", "libre de virus. www|has recibido este mensaje porque|el software de antivirus avast"),
    ("it", "privo di virus|hai ricevuto questo messaggio perché"),
    ("pt", "livre de vírus. www|você recebeu essa mensagem porque|recebeu esta mensagem porque"),
    ("nl", "virusvrij. www|je hebt dit bericht ontvangen omdat"),
    ("pl", "wolny od wirusów. www|otrzymujesz tę wiadomość, ponieważ"),
    ("cs", "bez virů. www"),
    ("ru", "без вирусов. www|вы получили это сообщение, поскольку"),
)

SIGN_OFFS = (
    (
        "en",
        "best regards|kind regards|regards|best wishes|warm regards|sincerely|yours sincerely"
        "|yours faithfully|cheers|best"
        "|thanks|thank you|many thanks|with kind regards|yours truly|all the best|thanks and regards"
        "|thanks & regards",
    ),
    (
        "de",
        "mit freundlichen grüßen|mit freundlichem gruß|freundliche grüße|viele grüße|beste grüße"
        "|liebe grüße|mfg|lg|vg|gruß"
        "|mit besten grüßen|herzliche grüße|schöne grüße",
    ),
    (
        "fr",
        "cordialement|bien cordialement|bien à vous|salutations|sincères salutations|merci d'avance|respectueusement",
    ),
    ("es", "saludos|un saludo|saludos cordiales|atentamente|un cordial saludo|cordialmente|gracias"),
    ("it", "cordiali saluti|distinti saluti|saluti|un saluto|grazie"),
    ("pt", "atenciosamente|cumprimentos|melhores cumprimentos|abraço|abraços|obrigado|obrigada|att"),
    ("nl", "met vriendelijke groet|met vriendelijke groeten|groet|groeten|mvg|hartelijke groet"),
    ("sv", "med vänliga hälsningar|vänliga hälsningar|hälsningar|mvh|vänligen"),
    ("da", "med venlig hilsen|venlig hilsen|mvh|hilsen|de bedste hilsner"),
    ("nb", "med vennlig hilsen|vennlig hilsen|mvh|hilsen"),
    ("fi", "ystävällisin terveisin|terveisin|yt|parhain terveisin"),
    ("pl", "pozdrawiam|z poważaniem|z wyrazami szacunku|pozdrowienia"),
    ("cs", "s pozdravem|děkuji|hezký den|s přátelským pozdravem"),
    ("sk", "s pozdravom|ďakujem"),
    ("hu", "üdvözlettel|tisztelettel|üdv|köszönettel"),
    ("ro", "cu stimă|cu respect|mulțumesc|toate cele bune"),
    ("hr", "srdačan pozdrav|lijep pozdrav|s poštovanjem|pozdrav"),
    ("bg", "с уважение|поздрави"),
    ("ru", "с уважением|с наилучшими пожеланиями|спасибо|всего доброго"),
    ("uk", "з повагою|з найкращими побажаннями|дякую"),
    ("tr", "saygılarımla|iyi çalışmalar|teşekkürler|saygılar"),
    ("el", "με εκτίμηση|φιλικά|ευχαριστώ"),
    ("ar", "مع أطيب التحيات|مع التحية|شكرا|تحياتي"),
    ("he", "בברכה|תודה|בכבוד רב"),
    ("zh-CN", "此致|祝好|谢谢|顺祝商祺"),
    ("zh-TW", "敬祝|謝謝|順頌商祺"),
    ("ja", "よろしくお願いします|よろしくお願いいたします|敬具"),
    ("ko", "감사합니다|드림|올림"),
    ("vi", "trân trọng|thân ái|cảm ơn"),
    ("th", "ขอแสดงความนับถือ|ขอบคุณครับ|ขอบคุณค่ะ"),
    ("id", "hormat kami|salam|terima kasih|salam hormat"),
)
