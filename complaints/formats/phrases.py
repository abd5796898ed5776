"""The words by which complaints, threats and other mail are told apart. Data, no code.

Each list holds phrases of several languages, in lower case. A phrase in Latin letters
matches whole words, "*" at its end any ending; others match anywhere. To teach the reader a
wording, add it here and a sample under tests/data/complaints.
"""

GRIEVANCE = (
    "block list", "送らないで", "訴え", "いいかげん", "いい加減", "困って", "二度と",
    "spam", "spams", "spammed", "spamming", "spammer*", "junk", "uce", "ube", "unsolicited",
    "unwanted", "bulk mail", "chain letter", "phishing", "phish", "scam", "fraud*", "virus",
    "malware", "trojan", "ransomware", "attack*", "hacked", "hacking", "brute force",
    "bruteforce", "port scan*", "portscan*", "probing", "intrusion*", "open relay", "relayed",
    "relaying", "abuse", "abused", "abusive", "misuse", "misused", "complaint", "complain",
    "infring*", "piracy", "take me off", "remove me", "never write to me", "stop sending",
    "stop mailing", "leave me alone", "did not ask for", "never asked for", "never signed up",
    "theft of", "harass*", "banned", "flooded", "botnet", "counterfeit", "harmful", "mail bomb*",
    "accepts mail from any*", "crime", "illegal", "forged", "junk mail", "do not want this",
    "such things", "break-in*", "break into", "broke into", "garbage", "ashamed", "disgrace*",
    "criminals", "unsubscribe me", "off your list", "listed in", "was listed", "delisting",
    "blocklist*", "blacklist*", "trap hit", "spam trap*", "failed login*", "exploit*", "infected",
    "compromised", "defaced", "unauthori*", "unerwünscht*", "werbung", "beschwerde*",
    "missbrauch*", "angriff*", "belästig*", "betrug*", "schadsoftware", "relay schließen",
    "werbemüll", "werbemail*", "anzeige", "abgemahnt", "ungefragt", "reclamação", "reclamo",
    "indesejad*", "golpe", "processar", "lixo", "abuso", "queja", "no deseado*", "no solicitado*",
    "correo basura", "plainte", "pourriel*", "indésirable*", "hameçonnage", "chega de", "迷惑",
    "スパム", "不正", "広告メール", "宣伝メール", "苦情", "攻撃", "不審", "詐欺", "偽の", "侵入",
    "踏み台", "中継", "フィッシング", "ウイルス付", "遺憾", "抗議", "抗议", "垃圾邮件",
    "垃圾郵件", "投诉", "钓鱼", "攻击", "스팸", "항의", "피싱",
)  # fmt: skip

ADDRESSED = (
    "your server*", "your system*", "your machine*", "your host*", "your network*",
    "your mail server*", "your relay", "your computer*", "your customer*", "your user*",
    "your address*", "your sendmail", "your site", "your domain", "your ip", "your isp",
    "from your", "via your", "through your", "by way of you", "because of you", "you send me",
    "you sent me", "you let it", "uses you", "your company sent", "your people", "your end",
    "stop them", "you are sending", "über sie", "von ihnen", "ihr server", "ihrem server",
    "ihres servers", "ihren server", "ihrer adresse", "ihrem netz*", "ihr system", "ihrem system",
    "ihr relay", "von ihrer", "aus ihrem", "servidor de vocês", "seu servidor", "vosso servidor",
    "de vocês", "vocês", "su servidor", "su red", "votre serveur", "votre réseau", "貴サーバ",
    "貴サイト", "貴組織", "貴社", "貴省", "貴学", "貴殿", "御社", "そちら", "役所のコンピュータ",
    "を経由", "から送ら", "から届", "贵方", "贵公司", "你们的", "귀사", "귀하의",
)  # fmt: skip

DEMAND = (
    "please stop", "stop it", "stop this", "make it stop", "please investigate", "take action",
    "please act", "act on this", "close the relay", "please close", "please look into",
    "kindly look into", "please check", "we expect", "or else", "sue", "lawyer", "remove the",
    "please remove", "shut down", "take down", "please block", "no thanks", "enough",
    "third time", "at once", "immediately", "please explain", "why do you", "bitte prüfen",
    "bitte schließen", "bitte stoppen", "bitte stellen sie", "sofort", "aufhören", "unterlassen",
    "por favor", "parem", "pare com", "tomem providências", "veuillez", "arrêtez", "dejen de",
    "detengan", "対策", "ご対応", "対応を", "ご確認", "調査", "止めて", "停止", "やめて", "措置",
    "閉鎖", "改善", "处理", "停止发送", "조치",
)  # fmt: skip

OFFER = (
    "本人確認のお願い", "ご利用いただきありがとう", "情報の更新をお願い", "お支払い",
    "カスタマーセンター", "unusual sign-in",
    "our product*", "our appliance", "our solution*", "our platform", "our service*", "we offer",
    "we list your", "special offer", "offer ends", "discount", "book a demo", "a demo",
    "ten minutes", "free trial", "webinar", "for only $", "for $*", "order now", "buy now",
    "price list", "increase your", "cut your", "grow your", "search engines", "guest post",
    "white paper on", "sponsor*", "meet us", "reduce your", "save *%", "dear site owner",
    "we can help you", "schedule a call", "quick call", "sales team", "account manager",
    "invoice", "payment is due", "your account is limited", "confirm your details", "verify your",
    "unser angebot", "rabatt", "angebot", "oferta", "desconto", "fatura", "boleto", "mahnung",
    "rechnung", "ご案内", "ご紹介", "製品", "新製品", "キャンペーン", "資料請求", "営業部",
    "お見積", "请购买", "优惠", "할인",
)  # fmt: skip

QUESTION = (
    "i would like to use", "i would like to know", "where can i find", "where do i find",
    "is there an english", "could you tell me", "can you tell me", "do you have", "how do i",
    "how can i", "interview", "press enquir*", "press inquir*", "journalist", "my thesis",
    "broken link", "dead link", "link exchange", "annual report", "a copy of", "opening hours",
    "job opening*", "vacanc*", "quotation for", "permission to", "gostaria de saber",
    "onde encontro", "wo finde ich", "ich suche", "könnten sie mir sagen", "où trouver",
    "dónde encuentro", "取材", "お話を伺", "教えてください", "教えて頂", "リンクを張",
    "リンクのお願い", "お問い合わせ", "についての質問", "転載", "閲覧", "见面", "请问", "문의",
)  # fmt: skip

INTERNAL = (
    "where do i report", "how do i report", "whom do i tell",
    "shall i click", "should i click", "is this real", "is this genuine", "is this safe",
    "is it safe to open", "in my inbox", "can i open", "why was my mail", "my mail was returned",
    "my password", "forgot my password", "new password", "my mailbox", "my account is locked",
    "printer", "vpn", "please create an account", "maintenance window", "設定変更", "更新を行",
    "作業日程", "更新の件", "署名が更新", "添付ファイルが開け", "クリックしても",
    "本物でしょうか", "パスワードを忘れ", "印刷でき", "作業を行", "保守作業",
)  # fmt: skip

LIST_REQUEST = (
    "subscribe", "newsletter", "mailing list", "sign me up", "change my address",
    "abbestellen", "abonnieren", "購読", "配信停止", "配信先",
)  # fmt: skip

SETTLED = (
    "all clear", "we see no more", "no longer see", "no more of it", "removed your server from",
    "removed from our block*", "delisted", "has been resolved", "is resolved", "case closed",
    "thanks for fixing", "thank you for fixing", "thank you for your help",
    "thanks for your quick help", "problem solved", "works again", "erledigt",
    "vielen dank für die schnelle", "resolvido", "解決", "ありがとうございました",
    "確認できました",
)  # fmt: skip

ANSWER_TO_US = (
    "thank you for the log*", "thank you for your report", "thank you for reporting",
    "thank you for your notice", "thanks for your report", "thank you for contacting",
    "we have received your report", "we have received your complaint", "your report has been",
    "account was closed", "account has been closed", "the account is closed",
    "customer has been warned", "has been disconnected", "we no longer relay",
    "we have terminated", "belong to one customer", "danke für ihre meldung", "ihre meldung",
    "agradecemos o seu contato", "ご報告ありがとう", "ご連絡ありがとう", "対処いたしました",
)  # fmt: skip

TICKET = (
    "we have received your", "has been received", "your ticket", "ticket has been",
    "your request has been", "please do not answer this mail", "do not reply to this",
    "automatic reply", "automatically generated", "auto-generated reply", "out of office",
    "out of the office", "i am away", "on vacation", "on holiday", "will answer when",
    "abwesenheit*", "nicht im büro", "automatische antwort", "resposta automática",
    "fora do escritório", "respuesta automática", "réponse automatique", "absent du bureau",
    "confirm that you are", "challenge", "to prove you are human", "受付いたしました",
    "受け付けました", "自動返信", "不在", "自动回复", "자동 회신",
)  # fmt: skip

RELAY = (
    "open relay", "open mail relay", "third party relay", "third-party relay",
    "accepts mail from any*", "relays for any*", "relay for any*", "from anywhere to anywhere",
    "anybody for anybody", "offenes relay", "relay aberto", "relais ouvert", "オープンリレー",
    "第三者中継", "不正中継",
)  # fmt: skip

SPAM = (
    "spam", "spams", "spammed", "spamming", "spammer*", "junk", "uce", "ube", "unsolicited",
    "unwanted", "bulk", "chain letter", "advert*", "marketing", "promotion*", "werbung",
    "unerwünscht*", "indesejad*", "lottery", "casino", "pills", "viagra", "make money",
    "million addresses", "newsletter", "迷惑", "スパム", "広告", "宣伝", "大量", "垃圾邮件",
    "스팸",
)  # fmt: skip

PHISHING = (
    "phish*", "fake login", "your password", "password expire*", "mailbox expire*", "credential*",
    "passwort", "unusual sign-in", "verify your account", "confirm your", "identity check",
    "account is limited", "account has been limited", "account suspended", "bank", "savings",
    "log in to", "sign in to", "security alert", "boleto", "fatura em atraso", "impersonat*",
    "spoof*", "zugangsdaten", "ihr konto", "ihre daten", "sicherheitsrichtlinie", "bankkonto",
    "sparkasse", "volksbank", "cadastro", "本人確認", "利用制限", "不正利用", "一部制限",
    "情報の更新", "クレジットカード", "お支払いについて", "フィッシング", "偽の", "ログイン",
    "口座", "銀行", "暗証番号", "钓鱼", "피싱",
)  # fmt: skip

MALWARE = (
    "malware", "virus", "trojan", "worm", "ransomware", "infected attachment",
    "malicious attachment", "macro", "payload", "download the invoice", "invoice", ".exe", ".zip",
    ".scr", "schadsoftware", "trojaner", "mahnung", "rechnung", "bestellung", "lieferung",
    "botnet", "command and control", "open document", "password is", "password:", "ウイルス",
    "マルウェア", "病毒", "악성코드",
)  # fmt: skip

MAIL = (
    "mail", "mails", "e-mail*", "email*", "message*", "letter*", "nachricht*", "mensage*",
    "correo*", "courriel*", "メール", "邮件", "메일",
)  # fmt: skip

COPYRIGHT = (
    "copyright*", "dmca", "infring*", "intellectual property", "rights holder", "pirated",
    "piracy", "unauthorized distribution", "acns", "bittorrent", "torrent", "trademark",
    "urheberrecht*", "direitos autorais", "droits d'auteur", "著作権", "侵害", "版权", "저작권",
)  # fmt: skip

LOGIN_ATTACK = (
    "break into", "hacking attempt*", "brute force", "brute-force", "bruteforce",
    "failed password", "failed login*", "login attempt*", "login attack*", "login-attack",
    "loginattack", "password guess*", "dictionary attack", "invalid user",
    "authentication failure for", "sshd", "ssh login", "sasl login authentication failed",
    "fail2ban", "wp-login", "xmlrpc", "認証失敗", "不正ログイン", "暴力破解",
)  # fmt: skip

PORT_SCAN = (
    "port scan*", "portscan*", "port-scan", "scanning our", "scanned our", "probes", "probing",
    "dpt=*", "proto=tcp", "connection attempts to", "syn scan", "drop tcp", "firewall log*",
    "ポートスキャン", "端口扫描",
)  # fmt: skip

RESPONSE_TEAM = (
    "csirt", "cert", "cirt", "sirt", "incident response", "incident center", "incident centre",
    "response team", "coordination center", "coordination centre", "jpcert", "cert/cc",
    "インシデント", "緊急対応", "調整センター", "情報連絡センター", "コーディネーションセンター",
    "应急响应", "침해대응",
)  # fmt: skip

FORM = (
    "abuse form", "web form", "contact form", "report form", "form: report", "フォームから",
    "kontaktformular",
)  # fmt: skip

BOUNCE_TEXTS = (
    "could not be delivered", "unable to deliver", "delivery failed", "delivery to the following",
    "permanent failure", "permanent errors", "user unknown", "no such user",
    "mailbox unavailable",
    "trouble delivering your message", "returned to sender", "undeliverable",
)  # fmt: skip

BOUNCE_SUBJECTS = (
    "message delivery has failed", "error sending your mail",
    "returned mail", "undeliver*", "delivery status notification", "delivery failure",
    "delivery notification", "failure notice", "mail delivery failed", "mail delivery failure",
    "mail delivery subsystem", "mail system error", "message undeliverable",
    "could not be delivered", "unzustellbar*", "nicht zustellbar", "warning: could not send",
    "warning: message", "delivery delayed", "delayed mail", "non remis", "não entregue",
    "配信不能", "配送不能", "返送", "退信",
)  # fmt: skip

AUTO_REPLY_SUBJECTS = (
    "out of office", "out of the office", "automatic reply", "auto reply", "auto-reply",
    "autoreply", "auto response", "autoresponse", "auto:", "vacation", "abwesenheit*",
    "automatische antwort", "resposta automática", "respuesta automática", "réponse automatique",
    "risposta automatica", "不在", "自動返信", "自動応答", "自动回复", "we have received your",
    "we received your", "your request has been received", "ticket received",
    "received your report", "受付完了", "受け付けました",
)  # fmt: skip
