"""The words of mail that programs write: bounces, absence notices, tickets. Data, no code."""

TICKET = frozenset((
    "we have received your", "has been received", "your ticket", "ticket has been",
    "your request has been", "please do not answer this mail", "do not reply to this",
    "automatic reply", "automatically generated", "auto generated reply", "out of office",
    "out of the office", "i am away", "on vacation", "on holiday", "will answer when",
    "confirm that you are", "challenge", "to prove you are human", "thank you for contacting",
    "abwesenheit*", "nicht im büro", "automatische antwort", "eingangsbestätigung",
    "ist bei uns eingegangen", "haben wir erhalten", "absent du bureau", "réponse automatique",
    "avons bien reçu", "accusé de réception", "respuesta automática", "hemos recibido su",
    "fuera de la oficina", "resposta automática", "fora do escritório", "recebemos a sua",
    "recebemos sua", "risposta automatica", "fuori ufficio", "abbiamo ricevuto",
    "automatisch antwoord", "afwezig*", "hebben wij ontvangen", "ontvangstbevestiging",
    "automatyczna odpowiedź", "autoodpowiedź", "odpowiedź automatyczna", "poza biurem",
    "otrzymaliśmy", "autosvar", "frånvaro*",
    "har mottagit", "ikke på kontoret", "har modtaget", "har mottatt", "poissa", "automaattinen",
    "olemme vastaanottaneet", "automatická odpověď", "mimo kancelář", "jsme obdrželi",
    "автоматический ответ", "автоответ", "отсутству*", "ваше обращение", "получили ваше",
    "автоматична відповідь", "otomatik yanıt", "otomatik cevap", "talebiniz alın*", "ofis dışında",
    "受付いたしました", "受け付けました", "自動返信", "自動応答", "不在", "自动回复", "自動回覆",
    "已收到您的", "자동 회신", "자동 응답", "접수되었습니다", "부재중",
))  # fmt: skip

AUTO_REPLY_SUBJECTS = frozenset((
    "out of office", "out of the office", "automatic reply", "auto reply", "autoreply",
    "auto response", "autoresponse", "auto:", "vacation", "abwesenheit*", "automatische antwort",
    "resposta automática", "respuesta automática", "réponse automatique", "risposta automatica",
    "automatisch antwoord", "afwezigheid*", "automatyczna odpowiedź", "autoodpowiedź", "autosvar",
    "frånvaro*", "automatisk svar", "automatiskt svar", "automaattinen vastaus", "poissaolo*",
    "automatická odpověď", "автоматический ответ", "автоответ", "автоматична відповідь",
    "otomatik yanıt", "otomatik cevap", "absence du bureau", "fuera de la oficina",
    "fora do escritório", "fuori sede", "不在", "自動返信", "自動応答", "自动回复", "自動回覆",
    "자동 회신", "자동 응답", "부재중", "we have received your", "we received your",
    "your request has been received", "ticket received", "received your report", "ticket created",
    "eingangsbestätigung", "受付完了", "受け付けました",
))  # fmt: skip

BOUNCE_TEXTS = frozenset((
    "could not be delivered", "couldn't be delivered", "unable to deliver", "delivery failed",
    "delivery to the following", "permanent failure", "permanent errors", "user unknown",
    "no such user", "unknown user", "mailbox unavailable", "mailbox is full", "mailbox full",
    "quota exceeded", "over quota", "was undeliverable", "not delivered to",
    "trouble delivering your message", "returned to sender", "undeliverable", "fatal errors",
    "did not reach the following", "wasn't delivered", "was not delivered", "has been rejected",
    "was rejected", "delivery has failed", "unrouteable address", "recipient address rejected",
    "konnte nicht zugestellt", "nicht zugestellt werden", "n'a pas pu être remis",
    "n'a pu être remis", "no se pudo entregar", "no pudo ser entregado", "não pôde ser entregue",
    "não foi possível entregar", "non è stato possibile consegnare", "non recapitabil*",
    "kon niet worden bezorgd", "kon niet worden afgeleverd", "nie mogła zostać dostarczona",
    "nie udało się dostarczyć", "kunde inte levereras", "kunne ikke leveres", "ei voitu toimittaa",
    "nemohla být doručena", "nebylo možné doručit", "не может быть доставлено",
    "не удалось доставить", "не доставлено", "не вдалося доставити", "teslim edilemedi",
    "iletilemedi", "配信できません", "配送できません", "届けられません", "配信不能", "存在しない",
    "无法投递", "無法投遞", "无法送达", "退回", "배달되지 못", "전송 실패", "발송 실패",
))  # fmt: skip

BOUNCE_SUBJECTS = frozenset((
    "message delivery has failed", "error sending your mail", "returned mail", "undeliver*",
    "delivery status notification", "delivery failure", "delivery notification", "failure notice",
    "mail delivery failed", "mail delivery failure", "delivery failed", "mail delivery subsystem",
    "mail system error", "message undeliverable", "mail failure", "could not be delivered",
    "warning: could not send", "warning: message", "delivery delayed", "delayed mail",
    "rejected mail", "mail returned", "nondeliverable mail", "delivery error", "bounced mail",
    "message status undeliverable", "rejected email", "unzustellbar*", "nicht zustellbar",
    "nicht zugestellt", "non remis", "échec de la remise", "échec de distribution", "no entregado",
    "entrega fallida", "não entregue", "falha na entrega", "mancato recapito", "mancata consegna",
    "niet bezorgd", "onbestelbaar*", "niedostarczon*", "zwrot poczty", "olevererbar*",
    "gick inte att leverera", "kunne ikke leveres", "uleverbar*", "toimitus epäonnistui",
    "nedoručiteln*", "nedoručen*", "недоставлен*", "не доставлено", "возврат письма",
    "teslim edilemedi", "iletilemedi", "配信不能", "配送不能", "返送", "配信エラー", "退信",
    "无法投递", "無法投遞", "배달 실패", "반송", "전송 실패",
))  # fmt: skip

NEWSLETTER = frozenset((
    "unsubscribe", "manage your preferences", "email preferences", "view in browser",
    "view this email", "you are receiving this", "you received this", "you're receiving this",
    "subscription", "opt out", "abmelden", "im browser ansehen", "se désinscrire", "désabonner",
    "darse de baja", "cancelar inscrição", "disiscriviti", "uitschrijven", "wypisz się",
    "avprenumerera", "afmeld", "peruuta tilaus", "odhlásit odběr", "отписаться", "відписатися",
    "listeden çık*", "配信停止", "配信解除", "退订", "退訂", "수신거부", "수신 거부",
))  # fmt: skip
