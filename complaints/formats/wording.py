"""How people and forms state facts of a mail: labels, and words before a value. Data, no code."""

import re

LABELS = {
    "subject": (
        "subject", "subject of the mail", "betreff", "assunto", "asunto", "objet", "件名", "主题",
        "title",
    ),
    "from": (
        "from", "sender", "sender address", "envelope sender", "von", "absender", "de",
        "remetente", "差出人", "送信者", "发件人",
    ),
    "to": (
        "to", "recipient", "an", "empfänger", "para", "destinatário", "宛先", "受信者", "收件人",
    ),
    "time": (
        "date", "time", "seen", "seen at", "when", "received", "received at", "arrival",
        "first seen", "timestamp", "datum", "zeit", "data", "hora", "時刻", "日時", "受信日時",
        "受信時刻", "时间",
    ),
    "message-id": ("message-id", "message id", "messageid", "msgid", "メッセージid"),
    "ip": (
        "ip", "source", "source address", "source ip", "source-ip", "sender ip", "client ip",
        "ip address", "address", "attacker", "発信元", "送信元", "ipアドレス", "送信元ip", "来源",
    ),
    "url": ("url", "link", "links", "web page", "page", "website", "uri"),
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
    "re", "aw", "fw", "fwd", "wg", "res", "enc", "tr", "rv", "antw", "sv", "回复", "答复", "転送",
    "返信",
)  # fmt: skip

_MARKS = (('"', '"'), ("“", "”"), ("„", "“”"), ("«", "»"), ("「", "」"), ("『", "』"))
_CITED = "(?:" + "|".join(rf"{a}([^{b}\n]{{2,300}})[{b}]" for a, b in _MARKS) + ")"
_IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_IPV6 = r"[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{2,40}"
_ADDRESS = r"[A-Za-z0-9._%+=-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,20}"
_NOT_A_MARK = r"[^\"“„«「『\n]"

CITED = re.compile(_CITED)
SUBJECT_BEFORE = re.compile(
    rf"(?:{'|'.join(SUBJECT_WORDS)}){_NOT_A_MARK}{{0,40}}\n?{_NOT_A_MARK}{{0,20}}{_CITED}",
    re.IGNORECASE,
)
SUBJECT_BEHIND = re.compile(_CITED + r"[^\n]{0,12}(?:という|との|と題|件名|题|라는)")
SENDER = re.compile(rf"(?:{'|'.join(SENDER_WORDS)})[^\n@]{{0,25}}?({_ADDRESS})", re.IGNORECASE)
REPLY_PREFIX = re.compile(
    rf"^(?:(?:{'|'.join(REPLY_PREFIXES)})\s?(?:\[\d\])?\s?[:：]\s?)+", re.IGNORECASE
)
TICKET_TAG = re.compile(r"^\s{0,3}\[[^\]\n]{1,60}\]\s{0,3}")
CLOCK = re.compile(r"\b\d\d:\d\d:\d\d\b")
LABELLED_LINE = re.compile(
    r"^[ \t>*]{0,9}(?P<label>[^\s:：=][^:：=\n]{0,30}?)[ \t]{0,9}(?:[:：=]|[ \t]{2,20}|\u3000)"
    r"[ \t\u3000]{0,9}(?P<value>\S[^\n]{0,500})$",
    re.MULTILINE,
)
# Whom a report calls the source of an attack, and whom the attacked.
SOURCE = re.compile(
    r"(?:\bSRC=|\bsource(?:\s(?:address|ip))?\s?[:=]\s{0,9}|\battacker\s?[:=]\s?|\brhost="
    r"|発信元\s{0,9}[:：]?\s{0,9}|Invalid user \S{1,40} from |for \S{1,40} from |\bfrom\s)"
    rf"\[?({_IPV4}|{_IPV6})",
    re.IGNORECASE,
)
TARGET = re.compile(
    rf"(?:\bDST=|->\s{{0,3}}|\bto\s|\bdst\s|\btarget\s?[:=]\s?)\[?({_IPV4})", re.IGNORECASE
)
