"""What mail programs write around a mail that they quote or forward. Data, no code."""

LABELS = {
    "from": (
        "from", "von", "de", "de la", "da", "van", "od", "от", "від", "expéditeur", "expeditorul",
        "fra", "från",
        "lähettäjä", "feladó", "kimden", "gönderen", "šalje", "saatja", "отправитель",
        "差出人", "送信者", "送信元", "发件人", "寄件者", "보낸 사람",
    ),
    "to": (
        "to", "an", "para", "à", "a", "aan", "do", "komu", "кому", "til", "till", "vastaanottaja",
        "címzett", "kime", "prima", "pre", "către", "destinatarul", "宛先", "受信者", "收件人",
        "收件者", "받는 사람",
    ),
    "cc": (
        "cc", "kopie", "kopia", "kópia", "kopi", "kopio", "копия", "копія", "másolat", "bilgi",
        "dw", "抄送",
    ),
    "date": (
        "date", "sent", "gesendet", "datum", "enviado", "enviada", "enviado em", "data", "fecha",
        "envoyé", "verzonden", "wysłano", "odesláno", "odoslané", "дата", "dátum", "dato", "sendt",
        "skickat", "tarih", "päivämäärä", "päiväys", "lähetetty", "dată", "elküldve",
        "送信日時", "日時", "日付", "发送时间", "보낸 날짜",
    ),
    "subject": (
        "subject", "betreff", "assunto", "objet", "asunto", "oggetto", "onderwerp", "temat", "тема",
        "předmět", "predmet", "emne", "ämne", "aihe", "tárgy", "konu", "naslov", "subiect",
        "subiectul", "件名", "主题", "主旨", "제목",
    ),
}  # fmt: skip

SEPARATORS = (
    "original message", "forwarded message", "forwarded mail", "fwd.msg",
    "ursprüngliche nachricht", "weitergeleiteten nachricht", "weitergeleitete nachricht",
    "originalnachricht", "mensagem original", "mensagem encaminhada", "mensagem reencaminhada",
    "mensaje original", "mensaje reenviado", "message d'origine", "message transféré",
    "message transmis", "message réexpédié", "messaggio originale", "messaggio inoltrato",
    "oorspronkelijk bericht", "doorgestuurd bericht", "videresendt", "vidarebefordrat",
    "edelleenlähetetty", "välitetty viesti", "továbbított", "mesaj redirecționat",
    "mesajul redirecționat", "preposlaná správa", "preposlanej správy", "přeposlaná zpráva",
    "přeposílané zprávy", "przekazana wiadomość", "przekazywanej wiadomości", "proslijeđena poruka",
    "proslijeđenu poruku", "iletilmiş mesaj", "iletilen ileti", "ileti başlangıcı",
    "пересылаемое сообщение", "переадресованного сообщения", "переслане повідомлення",
    "перенаправлене повідомлення", "листа, що пересилається",
    "元のメッセージ", "オリジナルメッセージ", "転送メッセージ", "転送された", "原始邮件", "転送",
)  # fmt: skip

BANNERS = ("offending message", "original spam", "spam sample", "sample message")

WROTE = (
    "wrote", "schrieb", "escreveu", "a écrit", "escribió", "ha scritto", "schreef", "skrev",
    "kirjoitti", "napsal", "napsal(a)", "napísal", "napisał", "je napisao", "kirjutas", "írta",
    "yazdı", "şunu yazdı", "a scris", "написал", "пише", "написав", "書きました", "写道", "작성",
)  # fmt: skip

FIELD_NAMES = frozenset(
    (
        "received", "return-path", "delivered-to", "message-id", "mime-version", "content-type",
        "from", "to", "cc", "subject", "date", "content-transfer-encoding", "reply-to", "sender",
        "envelope-to", "x-original-to", "in-reply-to", "references", "dkim-signature",
        "authentication-results", "received-spf", "user-agent", "organization", "list-id",
        "list-unsubscribe", "precedence", "importance", "content-language", "thread-topic",
        "thread-index", "errors-to", "return-receipt-to", "arc-seal", "content-disposition",
    )
)  # fmt: skip
