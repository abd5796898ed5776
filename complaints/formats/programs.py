"""What mail programs write around a mail that they quote or forward. Data, no code."""

LABELS = {
    "from": (
        "from", "von", "de", "de la", "da", "van", "od", "от", "от кого", "від", "від кого",
        "expéditeur", "expeditorul", "mittente", "remitente", "remetente", "absender", "afzender",
        "nadawca", "odesílatel", "odosielateľ", "avsändare", "afsender", "avsender", "sender",
        "fra", "från", "lähettäjä", "feladó", "kimden", "gönderen", "šalje", "saatja", "saatja",
        "отправитель", "відправник", "από", "αποστολέας", "pošiljatelj", "siuntėjas", "no", "dari",
        "từ", "người gửi", "מאת", "من", "จาก", "差出人", "送信者", "送信元", "发件人", "發件人",
        "寄件者", "寄件人", "보낸 사람", "보낸이", "발신자", "발신",
    ),
    "to": (
        "to", "an", "para", "à", "a", "aan", "do", "komu", "кому", "til", "till", "vastaanottaja",
        "empfänger", "destinataire", "destinatario", "destinatário", "ontvanger", "odbiorca",
        "příjemce", "mottagare", "modtager", "mottaker", "alıcı", "получатель", "одержувач",
        "recipient", "címzett", "kime", "prima", "pre", "către", "destinatarul", "προς", "kepada",
        "đến", "אל", "إلى", "ถึง", "宛先", "受信者", "收件人", "收件者", "받는 사람", "받는이",
        "수신자", "수신",
    ),
    "cc": (
        "cc", "kopie", "kopia", "kópia", "kopi", "kopio", "копия", "копія", "másolat", "bilgi",
        "dw", "copie", "copia", "cópia", "kopie aan", "κοιν", "抄送", "副本", "참조",
    ),
    "date": (
        "date", "sent", "gesendet", "datum", "enviado", "enviada", "enviado em", "enviado el",
        "enviada em", "data", "fecha", "envoyé", "envoyé le", "inviato", "verzonden", "wysłano",
        "wysłane", "odesláno", "odoslané", "дата", "отправлено", "надіслано", "відправлено",
        "dátum", "dato", "sendt", "skickat", "tarih", "gönderildi", "gönderme tarihi",
        "gönderilme tarihi", "gönderilen", "päivämäärä", "päiväys", "lähetetty", "dată",
        "trimis", "elküldve",
        "ημερομηνία", "στάλθηκε", "poslano", "tanggal", "dikirim", "ngày", "đã gửi", "נשלח",
        "תאריך", "تاريخ", "送信日時", "日時", "送信日", "日付", "发送时间", "發送時間", "发送日期",
        "日期", "时间", "時間", "寄件日期", "傳送時間", "보낸 날짜", "보낸 시간", "날짜", "일시",
        "보낸날짜",
    ),
    "subject": (
        "subject", "betreff", "assunto", "objet", "asunto", "oggetto", "onderwerp", "temat",
        "тема", "předmět", "predmet", "emne", "ämne", "aihe", "otsikko", "tárgy", "konu", "naslov",
        "subiect", "subiectul", "θέμα", "zadeva", "tema", "teema", "subjek", "perihal", "chủ đề",
        "tiêu đề", "נושא", "الموضوع", "เรื่อง", "件名", "題名", "主题", "主題", "主旨", "标题",
        "標題", "제목",
    ),
}  # fmt: skip

SEPARATORS = (
    "original message", "forwarded message", "forwarded mail", "fwd.msg",
    "ursprüngliche nachricht", "weitergeleiteten nachricht", "weitergeleitete nachricht",
    "originalnachricht", "mensagem original", "mensagem encaminhada", "mensagem reencaminhada",
    "mensaje original", "mensaje reenviado", "início da mensagem", "inicio del mensaje",
    "begin forwarded message", "début du message", "inizio messaggio",
    "anfang der weitergeleiteten", "begin doorgestuurd", "początek przekazywanej",
    "message d'origine", "message transféré", "message transmis", "message réexpédié",
    "messaggio originale", "messaggio inoltrato", "oorspronkelijk bericht", "doorgestuurd bericht",
    "videresendt", "vidarebefordrat", "edelleenlähetetty", "välitetty viesti", "továbbított",
    "mesaj redirecționat", "mesajul redirecționat", "preposlaná správa", "preposlanej správy",
    "přeposlaná zpráva", "přeposílané zprávy", "przekazana wiadomość", "przekazywanej wiadomości",
    "proslijeđena poruka", "proslijeđenu poruku", "iletilmiş mesaj", "iletilen ileti",
    "ileti başlangıcı", "пересылаемое сообщение", "переадресованного сообщения",
    "переслане повідомлення", "перенаправлене повідомлення", "листа, що пересилається",
    "обычное сообщение", "исходное сообщение", "начало переадрес", "oprindelig meddelelse",
    "opprinnelig melding", "originalmeddelande", "ursprungligt meddelande", "videresendt",
    "vidarebefordrat meddelande", "alkuperäinen viesti", "původní zpráva", "původní e-mail",
    "wiadomość oryginalna", "oryginalna wiadomość", "özgün ileti", "orijinal mesaj",
    "оригинальное сообщение", "оригінальне повідомлення", "eredeti üzenet", "messaggio inoltrato",
    "αρχικό μήνυμα", "원본 메시지", "원본 메일", "전달된 메시지", "전달된 메일", "原始郵件",
    "原郵件", "转发邮件", "轉寄郵件", "转发的邮件", "転送メール", "元のメッセージ",
    "オリジナルメッセージ", "転送メッセージ", "転送された", "原始邮件", "転送",
)  # fmt: skip

BANNERS = ("offending message", "original spam", "spam sample", "sample message")

WROTE = (
    "wrote", "writes", "schrieb", "geschreven", "a écrit", "a dit", "scrisse", "skrifaði",
    "napisał(a)", "yazmış", "viết", "έγραψε", "님이 작성", "님이 쓴 글", "寫道", "写道",
    "wrote on", "escreveu", "a écrit", "escribió", "ha scritto", "schreef", "skrev", "kirjoitti",
    "napsal", "napsal(a)", "napísal", "napisał", "je napisao", "kirjutas", "írta", "yazdı",
    "şunu yazdı", "a scris", "написал", "пише", "написав", "書きました", "写道", "작성",
)  # fmt: skip

FIELD_NAMES = frozenset(
    (
        "received", "return-path", "delivered-to", "message-id", "mime-version", "content-type",
        "from", "to", "cc", "subject", "date", "sent", "content-transfer-encoding", "reply-to",
        "sender", "envelope-to", "x-original-to", "in-reply-to", "references", "dkim-signature",
        "authentication-results", "received-spf", "user-agent", "organization", "list-id",
        "list-unsubscribe", "precedence", "importance", "content-language", "thread-topic",
        "thread-index", "errors-to", "return-receipt-to", "arc-seal", "content-disposition",
    )
)  # fmt: skip
