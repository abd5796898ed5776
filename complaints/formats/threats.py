"""Whether somebody says that mail from us will be, or is, refused; and in which sentence."""

import re

from complaints.cleantext import clean_line

MAX_CHARS = 64 * 1024


def _any(words: str) -> str:
    """A pattern of the alternatives in a text, one between two bars; "~" stands for a blank."""
    return r"\b(?:" + "|".join(words.replace("~", " ").split(" | ")) + r")\b"


_WILL = _any(
    "will | shall | going~to | must | have~to | forced~to | we'll | no~choice~but~to | intend~to "
    "| may | are~about~to"
)
_REFUSE = _any(
    "refuse | reject | block | blacklist | blocklist | deny | drop | blackhole | black-hole "
    "| filter~out | null-?route | bounce | stop~accepting | no~longer~accept | not~accept | ban"
)
_REFUSED = _any(
    "refused | rejected | blocked | blacklisted | blocklisted | dropped | denied | banned | bounced"
)
_REFUSING = _any("refusing | rejecting | blocking | blocked | refused | blacklisted")
_MAIL = _any(
    r"mails? | e-?mails? | messages? | traffic | connections? | servers? | networks? | domains? "
    r"| hosts? | address\w* | relay"
)
_SPERREN = _any(
    "sperren | blockieren | ablehnen | abweisen | abgelehnt | abgewiesen | gesperrt | blockiert "
    "| zurückgewiesen"
)
_IHRE_MAIL = _any(r"ihre\w* | mails? | e-?mails? | server | netz | post")
_BLOQUEAR = _any(
    "bloquearemos | recusaremos | vamos~bloquear | vamos~recusar | bloquear | rechazaremos "
    "| bloquer | bloquerons | refuserons"
)
_CORREIO = _any(
    "correio | correo | courriers? | e-?mails? | mensagens | servidor | serveur | rede | réseau"
)
# Languages in which the verb says who and when: stems, of which one is in every such sentence; the
# verb; and what will be refused. Verb and object stand in any order.
_OF_OURS = tuple(
    (stems, _any(verbs), _any(objects))
    for stems, verbs, objects in (
        (
            ("blocc", "rifiut", "resping"),
            "bloccheremo | rifiuteremo | respingeremo | costretti~a~bloccare | dovremo~bloccare",
            r"posta | e-?mail | messaggi | rete | server",
        ),
        (
            ("blokk", "weiger"),
            r"(?:blokkeren|weigeren)~(?:wij|we) | (?:wij|we)~(?:blokkeren|weigeren) "
            r"| (?:zullen|gaan|moeten|genoodzaakt)[^.!?]{0,60}~(?:blokkeren|weigeren)",
            r"mail | e-?mail | post | berichten | netwerk | server | verkeer",
        ),
        (
            ("zablok", "odrzuc", "blokow"),
            "zablokujemy | odrzucimy | będziemy~(?:blokować|odrzucać) | zmuszeni~zablokować",
            r"poczt\w{1,3} | wiadomości | e-?mail\w{0,3} | sieci | serwer\w{0,3}",
        ),
        (
            ("заблок", "блокир", "отклон", "отверг", "внес", "внёс"),
            r"заблокируем | будем~(?:блокировать|отклонять|отвергать) | вынуждены~(?:блокировать"
            r"|заблокировать) | вн[её]с[её]м[^.!?]{0,60}~ч[её]рный",
            r"почт\w{1,3} | пис[ье]м\w{0,3} | писем | сет[иь] | сервер\w{0,3} | сообщения",
        ),
        (
            ("заблок", "блокув", "відхил"),
            r"заблокуємо | будемо~(?:блокувати|відхиляти) | змушені~заблокувати",
            r"пошт\w{1,3} | лист\w{0,3} | мереж\w{1,3} | сервер\w{0,3} | повідомлення",
        ),
        (
            ("engelle", "redde", "kabul etme"),
            r"engelleyeceğiz | reddedeceğiz | engellemek~zorunda\w{0,8} | kabul~etmeyeceğiz",
            r"posta\w{0,8} | e-?posta\w{0,8} | ileti\w{0,8} | ağınız\w{0,8} | sunucu\w{0,10}",
        ),
        (
            ("blocker", "spärra", "avvis", "bloker", "spærre", "afvis", "blokker", "sperrer"),
            r"(?:blockerar|spärrar|avvisar)~vi | vi~(?:blockerar|spärrar|avvisar) "
            r"| kommer~(?:vi~)?att~(?:blockera|spärra|avvisa) "
            r"| (?:blokerer|spærrer|afviser|blokkerer|sperrer|avviser)~vi "
            r"| vi~(?:blokerer|spærrer|afviser|blokkerer|sperrer|avviser) "
            r"| vil~vi~(?:blokere|spærre|afvise|blokkere|sperre|avvise)",
            r"e-?post\w{0,3} | e-?mails? | mails? | post | nät\w{0,6} | netværk\w{0,3} "
            r"| nettverk\w{0,3} | servere?n?",
        ),
        (
            ("estä", "torju", "hylkää"),
            r"estämme | torjumme | hylkäämme | joudumme~estämään",
            r"posti\w{0,4} | sähköposti\w{0,4} | viesti\w{0,4} | verko\w{0,6} | palvelim\w{0,6}",
        ),
        (
            ("zablok", "odmít", "blokov"),
            r"zablokujeme | odmítneme | budeme~(?:blokovat|odmítat) | nuceni~zablokovat",
            r"pošt\w{1,3} | e-?mail\w{0,3} | sít[ěi] | server\w{0,3} | zprávy",
        ),
    )
)
# One of these is in every threat that the patterns know.
_NEEDED = (
    "block", "refus", "reject", "blacklist", "black list", "black-list", "deny", "denie", "drop",
    "hole", "filter out", "null", "bounce", "accept", "ban", "sperr", "ablehn", "abgelehnt",
    "abweis", "abgewiesen", "zurückgewiesen", "bloque", "recusar", "rechazar", "拒", "遮断",
    "blocc", "rifiut", "resping", "blokk", "weiger", "zablok",
    "odrzuc", "blokow", "заблок", "блокир", "отклон", "отверг", "внес", "внёс", "блокув",
    "відхил", "engelle", "redde", "kabul etme", "spärra", "avvis", "bloker", "spærre", "afvis",
    "estä", "torju", "hylkää", "odmít", "blokov", "차단", "거부", "ブロック", "受信しない",
    "受け付けない", "制限", "屏蔽", "封锁",
)  # fmt: skip
_WITHIN = r"(?:[^.!?]|\.(?=\S))"  # not past the end of a sentence; host names have dots too
_SENTENCE_END = re.compile(r"[.!?](?= |$)|。")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")

_GENERAL = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_WILL}{_WITHIN}{{0,80}}{_REFUSE}{_WITHIN}{{0,100}}(?:{_MAIL}|\byou\b)",
        rf"{_MAIL}{_WITHIN}{{0,100}}{_WILL}{_WITHIN}{{0,30}}\bbe\b{_WITHIN}{{0,20}}{_REFUSED}",
        rf"\bwe (?:are|have)\b{_WITHIN}{{0,30}}{_REFUSING}{_WITHIN}{{0,40}}\b(?:all|any|your)\b"
        rf"{_WITHIN}{{0,30}}{_MAIL}",
        rf"\b(?:put|placed|added|listed|are|is) (?:on|in|to) our\b{_WITHIN}{{0,20}}"
        r"\b(?:block|black|deny|reject) ?list\b",
        rf"{_SPERREN}{_WITHIN}{{0,80}}{_IHRE_MAIL}|{_SPERREN} wir\b",
        rf"{_IHRE_MAIL}{_WITHIN}{{0,80}}\b(?:werden|müssen)\b{_WITHIN}{{0,60}}{_SPERREN}",
        rf"{_BLOQUEAR}{_WITHIN}{{0,80}}{_CORREIO}",
        r"(?:メール|通信|接続|サーバ|受信)[^。]{0,60}"
        r"(?:拒否|遮断|ブロック|受信しない|受け付けない|制限)[^。]{0,20}"
        r"(?:します|いたします|させて|せざる|する(?:こと|予定)|ことになり|しました|検討)",
        r"(?:메일|서버|네트워크|트래픽|접속|수신)[^.\n]{0,40}(?:차단|거부)[^.\n]{0,12}"
        r"(?:하겠|합니다|할 것|예정|됩니다|할 수밖에)",
        r"(?:拒收|屏蔽|封锁)[^。]{0,40}(?:邮件|郵件)|(?:邮件|郵件)[^。]{0,40}(?:拒收|屏蔽|封锁)",
    )
)
# Each with the stems without which it need not be tried; "" is in every text.
_PATTERNS = (
    *((("",), pattern) for pattern in _GENERAL),
    *(
        (stems, re.compile(f"{verb}{_WITHIN}{{0,80}}{what}|{what}{_WITHIN}{{0,80}}{verb}", re.I))
        for stems, verb, what in _OF_OURS
    ),
)


def threat_in(text: str) -> str:
    """Return the sentence that says that mail from us will be refused, "" if there is none."""
    text = text[:MAX_CHARS]
    if not any(map(text.lower().__contains__, _NEEDED)):
        return ""
    for paragraph in _PARAGRAPH_END.split(text):
        words = " ".join(paragraph.split())
        lower = words.lower()
        if not any(map(lower.__contains__, _NEEDED)):
            continue
        for stems, pattern in _PATTERNS:
            if any(map(lower.__contains__, stems)) and (hit := pattern.search(words)):
                return _sentence_around(words, hit.start(), hit.end())
    return ""


def _sentence_around(text: str, start: int, end: int) -> str:
    before = max((hit.end() for hit in _SENTENCE_END.finditer(text, 0, start)), default=0)
    behind = _SENTENCE_END.search(text, end)
    return clean_line(text[before : behind.end() if behind else len(text)].strip(), 500)
