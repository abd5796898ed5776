"""How people and forms state facts of a mail: labels, and words before a value. Data, no code."""

import re

LABELS = {
    "subject": (
        "subject", "subject of the mail", "betreff", "assunto", "asunto", "objet", "oggetto",
        "onderwerp", "temat", "ämne", "emne", "aihe", "otsikko", "předmět", "predmet", "тема",
        "konu", "tárgy", "subiect", "sujet", "titre", "título", "titolo", "件名", "題名", "主题",
        "主題", "主旨", "标题", "標題", "제목", "title",
    ),
    "from": (
        "from", "sender", "sender address", "envelope sender", "envelope from", "von", "absender",
        "de", "expéditeur", "remitente", "remetente", "mittente", "da", "afzender", "van",
        "nadawca", "od", "avsändare", "från", "afsender", "avsender", "fra", "lähettäjä",
        "odesílatel", "отправитель", "от", "відправник", "від", "gönderen", "kimden", "差出人",
        "送信者", "发件人", "寄件者", "寄件人", "보낸사람", "보낸 사람", "발신자",
    ),
    "to": (
        "to", "recipient", "an", "empfänger", "para", "destinatário", "destinatario", "à",
        "destinataire", "a", "ontvanger", "aan", "odbiorca", "do", "mottagare", "till", "modtager",
        "mottaker", "til", "vastaanottaja", "příjemce", "komu", "получатель", "кому", "одержувач",
        "alıcı", "kime", "宛先", "受信者", "收件人", "收件者", "받는사람", "받는 사람", "수신자",
    ),
    "time": (
        "date", "time", "seen", "seen at", "when", "received", "received at", "arrival",
        "first seen", "timestamp", "date and time", "datum", "zeit", "zeitpunkt", "uhrzeit",
        "gesehen", "empfangen", "date et heure", "heure", "reçu le", "quand", "fecha",
        "fecha y hora", "hora", "recibido", "data", "data e hora", "recebido", "data e ora", "ora",
        "ricevuto", "tijd", "tijdstip", "ontvangen", "czas", "godzina", "otrzymano", "tid",
        "tidpunkt", "mottaget", "tidspunkt", "modtaget", "mottatt", "dato", "aika", "ajankohta",
        "päivämäärä", "vastaanotettu", "čas", "přijato", "дата", "время", "получено",
        "дата и время", "час", "отримано", "tarih", "zaman", "saat", "時刻", "日時", "受信日時",
        "受信時刻", "発生日時", "时间", "時間", "日期", "날짜", "시각", "일시", "시간",
    ),
    "message-id": (
        "message-id", "message id", "messageid", "msgid", "msg-id", "mid", "メッセージid",
        "nachrichten-id", "邮件id", "메시지 id",
    ),
    "ip": (
        "ip", "source", "source address", "source ip", "source-ip", "sender ip", "client ip",
        "ip address", "ip-address", "address", "attacker", "origin", "ip-adresse", "ip adresse",
        "quelle", "quelladresse", "quell-ip", "angreifer", "adresse", "adresse ip",
        "adresse source", "source ip", "origine", "attaquant", "origen", "dirección",
        "dirección ip", "dirección de origen", "ip de origen", "atacante", "origem", "endereço",
        "endereço ip", "endereço de origem", "ip de origem", "indirizzo", "indirizzo ip",
        "indirizzo sorgente", "sorgente", "ip sorgente", "aanvaller", "bron", "bronadres",
        "ip-adres", "bron-ip", "źródło", "adres", "adres ip", "adres źródłowy", "atakujący",
        "källa", "källadress", "ip-adress", "kilde", "kildeadresse", "lähde", "lähdeosoite",
        "ip-osoite", "zdroj", "zdrojová adresa", "ip adresa", "adresa", "útočník", "источник",
        "адрес", "ip-адрес", "ip адрес", "адрес источника", "джерело", "адреса", "ip-адреса",
        "kaynak", "adres", "ip adresi", "kaynak adres", "発信元", "送信元", "送信元アドレス",
        "ipアドレス", "送信元ip", "来源", "來源", "源地址", "源ip", "ip地址", "발신지", "출발지",
        "ip 주소", "공격자",
    ),
    "url": (
        "url", "link", "links", "web page", "page", "website", "uri", "lien", "enlace",
        "adres url", "collegamento", "länk", "linkki", "odkaz", "ссылка", "посилання", "bağlantı",
        "リンク", "链接", "網址", "网址", "링크",
    ),
}  # fmt: skip

SUBJECT_WORDS = (
    "subject", "title", "titled", "called", "entitled", "headed", "betreff", "assunto", "título",
    "asunto", "objet", "件名", "題名", "表題", "主题", "标题", "제목",
)  # fmt: skip
SENDER_WORDS = (
    "sender", "from", "von", "absender", "de", "remetente", "expéditeur", "差出人", "送信者",
    "发件人",
)  # fmt: skip
REPLY_PREFIXES = (
    "odp", "vs", "vl", "vb", "pd", "ynt", "ilt", "rif", "i", "r", "doorst", "videresend",
    "videresendt", "ответ", "пересл", "відп", "回覆", "回應", "转发", "轉寄", "전달", "답장",
    "회신", "ha", "re", "aw", "fw", "fwd", "wg", "res", "enc", "tr", "rv", "antw", "sv", "回复",
    "答复", "転送", "返信",
)  # fmt: skip

_MARKS = (('"', '"'), ("“", "”"), ("„", "“”"), ("«", "»"), ("「", "」"), ("『", "』"))
_CITED = "(?:" + "|".join(rf"{a}([^{b}\n]{{2,300}})[{b}]" for a, b in _MARKS) + ")"
_IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_IPV6 = r"[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{2,40}"
_NOT_A_MARK = r"[^\"“„«「『\n]"

CITED = re.compile(_CITED)
# What stands directly before a mark that opens a citation, so far back, where it is a subject's.
MARK = re.compile('["“„«「『]')
SUBJECT_BEFORE = re.compile(
    rf"(?:{'|'.join(SUBJECT_WORDS)}){_NOT_A_MARK}{{0,40}}\n?{_NOT_A_MARK}{{0,20}}\Z",
    re.IGNORECASE,
)
SUBJECT_BEFORE_CHARS = 61 + max(map(len, SUBJECT_WORDS))
SUBJECT_BEHIND = re.compile(_CITED + r"[^\n]{0,12}(?:という|との|と題|件名|题|라는)")
# A sender up to the @ of the address, so far back, and what stands behind it.
SENDER = re.compile(
    rf"(?:{'|'.join(SENDER_WORDS)})[^\n@]{{0,25}}?([A-Za-z0-9._%+=-]{{1,64}})\Z", re.IGNORECASE
)
SENDER_CHARS = 25 + 64 + max(map(len, SENDER_WORDS))
DOMAIN = re.compile(r"@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,20}")
REPLY_PREFIX = re.compile(
    rf"^(?:(?:{'|'.join(REPLY_PREFIXES)})\s?(?:\[\d\])?\s?[:：]\s?)+", re.IGNORECASE
)
TICKET_TAG = re.compile(r"^\s{0,3}\[[^\]\n]{1,60}\]\s{0,3}")
CLOCK = re.compile(r"\d(?<!\w\d)\d:\d\d:\d\d\b")
LABELLED_LINE = re.compile(
    r"^[ \t>*]{0,9}(?P<label>[^\s:：=][^:：=\n]{0,30}?)[ \t]{0,9}(?:[:：=]|[ \t]{2,20}|\u3000)"
    r"[ \t\u3000]{0,9}(?P<value>\S[^\n]{0,500})$",
    re.MULTILINE,
)
IPV4 = re.compile(r"\d(?<!\d\d)\d{0,2}\.(?:\d{1,3}\.){2}\d{1,3}")
IPV6 = re.compile(rf"(?<!\w){_IPV6}")
# What stands before the address that a report calls the source of an attack, or the attacked.
SOURCE = re.compile(
    r"(?:\bSRC=|\bsource(?:\s(?:address|ip))?\s?[:=]\s{0,9}|\battacker\s?[:=]\s?|\brhost="
    r"|発信元\s{0,9}[:：]?\s{0,9}|\bfrom\s)\[?$",
    re.IGNORECASE,
)
# The same of whoever handed a mail to the server that is complained about.
HANDED_IN = re.compile(
    r"(?:\b(?:hand|pass|giv|deliver|submit|inject|feed|feeds|fed|enter|relay|sen[dt]|introduc)\w{0,3}"
    r"(?: (?:it|them|over|in|on))?(?: (?:to|into|through|via) (?:you|it|them|there|your \w{1,12}"
    r"(?: \w{1,8})?))? (?:by|from)"
    r"|\b(?:you|it|server|relay|host) (?:got|had|received|accepted|took) "
    r"(?:it|them|the mail|this) from"
    r"|\b(?:client|submitter|injecting host|true origin|originating ip)(?: address| ip)?"
    r"(?: (?:was|is|being))?:?"
    r"|\b(?:eingeliefert|übergeben|eingespeist|zugestellt|eingereicht)\w{0,2} (?:von|durch)"
    r"|\b(?:remis|transmis|confié|injecté)\w{0,3} (?:à \w{1,8} )?(?:par|depuis)"
    r"|\b(?:entregad|enviad|introducid|inyectad|pasad|entregue|injetad|repassad)\w{0,2} "
    r"(?:a \w{1,10} )?(?:por|desde)"
    r"|\b(?:consegnat|immess|passat|inviat|trasmess)\w (?:a \w{1,10} )?(?:da|dall[ao]?)"
    r"|\b(?:aangeleverd|afgeleverd|ingeleverd|doorgegeven) (?:door|vanaf|vanuit)"
    r"|\b(?:przekazan|dostarczon|wprowadzon|nadan)\w{1,3} (?:przez|z)"
    r"|\b(?:передан|получен|принят|отправлен)\w{0,3} (?:вам )?(?:от|с|из)"
    r"|\b(?:отримано|передано|прийнято) (?:вами )?(?:від|з)"
    r"|\b(?:lämnades|levererades|skickades|afleveret|leveret|levert|sendt) (?:\w{1,6} )?"
    r"(?:av|af|från|fra)"
    r"|\b(?:předán|doručen|přijat)\w{0,2} (?:od|z))"
    r"[^\n\w]{0,3}\n?[^\n\w]{0,3}(?:(?:host|address|ip|client) )?[\[(]?$",
    re.IGNORECASE,
)
LAST_OF_HANDED_IN = frozenset((
    "by", "from", "von", "durch", "par", "depuis", "por", "desde", "da", "dal", "dalla", "dallo",
    "dall", "door", "vanaf", "vanuit", "przez", "z", "от", "с", "из", "від", "з", "av", "af",
    "från", "fra", "od", "host", "address", "ip", "client", "was", "is", "being", "submitter",
    "origin",
))  # fmt: skip
HANDED_IN_BEHIND = re.compile(
    r"[\])]?\s?(?:から(?:貴|御|この|投入|送り込|受け取|受信|渡)|からのものを|(?:交给|提交|投递|發送|发送)了?(?:给|給)|"
    r"(?:에서|으로부터|로부터)\s?(?:넘겨|전달|받|들어|보내))"
)
TARGET = re.compile(r"(?:\bDST=|->\s{0,3}|\bto\s|\bdst\s|\btarget\s?[:=]\s?)\[?$", re.IGNORECASE)
