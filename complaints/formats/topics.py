"""The words by which writers say what they complain of. Data, no code.

How phrases match is said in `phrasehits`; what unwanted mail itself says is in `unwanted`.
"""

COPYRIGHT = frozenset((
    "offered the file", "offering the file", "shared the file", "file sharing", "filesharing",
    "peer to peer", "p2p", "pieces complete", "percent complete", "info hash", "infohash",
    "rechtsverletzung*", "inhaber der rechte", "inhaberin der rechte", "ohne erlaubnis angeboten",
    "titulaire des droits", "sans autorisation", "titular de derechos",
    "titulares de los derechos", "detentor dos direitos", "titular dos direitos",
    "titolari dei diritti", "rechtenhouder*", "właściciel* praw", "rättighetsinnehavare",
    "rettighedshaver*", "rettighetshaver*", "oikeudenhaltija*", "držitel* práv", "обладател* прав",
    "ファイル共有", "権利者", "無断配布", "权利人", "權利人", "권리자", "무단 배포",
    "copyright infring*", "infring* copyright*", "infringement*", "infringing", "dmca",
    "intellectual property", "rights holder", "rightsholder*", "copyright owner",
    "copyright holder", "pirated", "piracy", "unauthorized distribution",
    "unauthorised distribution", "unauthorized copy", "unauthorised copy", "acns", "bittorrent",
    "torrent", "trademark", "under penalty of perjury", "our copyright*", "urheberrecht*",
    "raubkopie*", "markenrecht*", "rechteinhaber*", "droits d'auteur", "droit d'auteur",
    "contrefaçon*", "propriété intellectuelle", "ayant droit", "ayants droit", "derechos de autor",
    "propiedad intelectual", "titular de los derechos", "piratería", "direitos autorais",
    "direitos de autor", "propriedade intelectual", "pirataria", "diritto d'autore",
    "diritti d'autore", "proprietà intellettuale", "pirateria", "titolare dei diritti",
    "auteursrecht*", "intellectuele eigendom", "rechthebbende*", "praw autorskich",
    "prawa autorskie", "naruszenie praw*", "upphovsrätt*", "ophavsret*", "opphavsrett*",
    "tekijänoikeu*", "autorsk* práv*", "autorským právem", "авторск* прав*", "правообладател*",
    "интеллектуальн* собственност*", "авторськ* прав*", "правовласник*", "telif hakk*",
    "hak sahib*", "著作権", "著作物", "商標権", "海賊版", "版权", "版權", "著作權", "侵权", "侵權",
    "盗版", "盜版", "저작권", "저작물", "상표권",
))  # fmt: skip

LOGIN_ATTACK = frozenset((
    "break into", "broke into", "hacking attempt*", "brute force", "bruteforce", "failed password",
    "failed login*", "login attempt*", "login attack*", "loginattack", "password guess*",
    "guess password*", "guessing password*", "dictionary attack", "invalid user",
    "authentication failure for", "authentication failure*", "auth failed", "sshd", "ssh login",
    "ssh attack*", "ssh scan*", "sasl login authentication failed", "fail2ban", "wp login",
    "xmlrpc", "unauthorized access attempt*", "credential stuffing", "anmeldeversuch*",
    "loginversuch*", "einbruchsversuch*", "passwörter zu erraten", "tentative* de connexion",
    "tentative* d'intrusion", "force brute", "fuerza bruta", "intento* de acceso",
    "intento* de inicio de sesión", "força bruta", "tentativa* de login", "tentativa* de acesso",
    "tentativa* de invasão", "forza bruta", "tentativ* di accesso", "tentativ* di intrusione",
    "inlogpoging*", "inbraakpoging*", "prób* logowania", "próby włamania", "atak słownikowy",
    "inloggningsförsök", "intrångsförsök", "loginforsøg", "påloggingsforsøk", "innloggingsforsøk",
    "kirjautumisyrity*", "murtautumisyrity*", "pokus* o přihlášení", "pokus* o prolomení",
    "подбор* парол*", "попыт* входа", "брутфорс*", "попыт* взлома", "підбір парол*",
    "спроб* входу", "giriş denemesi", "giriş denemeleri", "kaba kuvvet", "parola deneme*",
    "認証失敗", "不正ログイン", "総当たり", "ブルートフォース", "不正アクセス", "ログイン試行",
    "暴力破解", "登录尝试", "登入嘗試", "破解密码", "무차별 대입", "로그인 시도", "비밀번호 대입",
))  # fmt: skip

PORT_SCAN = frozenset((
    "port scan*", "portscan*", "scanning our", "scanned our", "scan of our", "probes", "probing",
    "dpt=", "proto=tcp", "connection attempts to", "syn scan", "drop tcp", "firewall log*",
    "flags s", "network scan*", "balayage de port*", "scan de ports", "escaneo de puertos",
    "varredura de portas", "scansione delle porte", "scansione di porte", "poortscan*",
    "skanowani* port*", "portskanning*", "porttiskannau*", "skenování portů", "сканировани* порт*",
    "сканування порт*", "port tarama*", "ポートスキャン", "端口扫描", "連接埠掃描", "通訊埠掃描",
    "포트 스캔", "포트스캔",
))  # fmt: skip

RELAY = frozenset((
    "open relay", "open mail relay", "open smtp relay", "third party relay", "relay for strangers",
    "accepts mail from any*", "relays for any*", "relay for any*", "relays for others",
    "from anywhere to anywhere", "anybody for anybody", "anyone to anyone", "relay test",
    "close a relay", "offenes relay", "offenes mailrelay", "offener relay*", "relais ouvert",
    "serveur relais ouvert", "relay abierto", "relé abierto", "retransmisión abierta",
    "relay aberto", "relay aperto", "otwart* relay", "otwart* przekaźnik*", "öppet relä",
    "åbent relay", "åpent relé", "avoin välityspalvelin", "avoin rele", "otevřen* relay",
    "открыт* релей", "открыт* релэй", "открыт* ретранслятор*", "відкрит* релей", "açık röle*",
    "açık relay", "オープンリレー", "オープンリレイ", "第三者中継", "不正中継", "開放中繼",
    "开放中继", "开放转发", "오픈 릴레이", "오픈릴레이",
))  # fmt: skip

# Beside a mail that is shown these say how it came, not what it is.
RELAYED = frozenset(("third party relay", "第三者中継", "不正中継"))

SPAM_WORDS = frozenset((
    "spam*", "junk", "uce", "ube", "unsolicited", "unwanted", "bulk", "chain letter", "advert*",
    "marketing", "promotion*", "werbung", "unerwünscht*", "unverlangt*", "indesejad*", "pourriel*",
    "indésirable*", "correo basura", "no deseado*", "no solicitado*", "indesiderat*", "spazzatura",
    "ongewenst*", "niechcian*", "niezamówion*", "skräppost", "søppelpost", "uønsket",
    "roskaposti*", "nevyžádan*", "спам*", "рассылк*", "istenmeyen", "newsletter", "迷惑", "スパム",
    "広告", "宣伝", "大量", "垃圾邮件", "垃圾郵件", "スパムメール", "스팸", "광고",
))  # fmt: skip

MAIL = frozenset((
    "mail", "mails", "e mail*", "email*", "message*", "letter*", "nachricht*", "mensage*",
    "mensaje*", "correo*", "courriel*", "messagg*", "bericht*", "wiadomoś*", "meddelande*",
    "besked*", "melding*", "viesti*", "sähköposti*", "zpráv*", "письм*", "сообщен*", "лист*",
    "повідомлен*", "ileti*", "posta*", "メール", "邮件", "郵件", "메일", "이메일",
))  # fmt: skip

# What the writer calls it.
SAYS: dict[str, tuple[str, ...]] = {
    "phishing": (
        "phish*", "fake login", "fake bank*", "fake page", "fake site", "fake web*", "imitates",
        "impersonat*", "steal password*", "stealing password*", "credential*", "password theft",
        "gefälschte anmelde*", "gefälschte bank*", "gefälschte seite", "zugangsdaten",
        "hameçonnage", "fausse page", "faux site", "suplanta*", "página falsa", "sitio falso",
        "site falso", "falsa página", "sito falso", "pagina falsa", "nepagina", "valse site",
        "nepsite", "wyłudz*", "fałszyw* stron*", "nätfiske", "netfiskeri", "falsk side",
        "falsk inloggning*", "tietojenkalastelu*", "huijaussivu*", "podvržen* strán*",
        "falešn* strán*", "фишинг*", "поддельн* стран*", "поддельн* сайт*", "фішинг*",
        "підробн* стор*", "oltalama", "kimlik avı", "sahte sayfa", "sahte giriş", "sahte site",
        "フィッシング", "偽の", "偽サイト", "なりすまし", "钓鱼", "釣魚", "假冒", "仿冒", "피싱",
        "가짜 사이트", "가짜 로그인", "사칭",
    ),
    "malware": (
        "malware", "virus", "viruses", "trojan*", "worm", "ransomware", "harmful software",
        "malicious software", "malicious file*", "malicious code", "spyware", "infected file*",
        "infected attachment*", "malicious attachment*", "botnet", "command and control",
        "schadsoftware", "schadprogramm*", "trojaner", "schadcode", "logiciel malveillant",
        "logiciels malveillants", "pièce jointe infectée", "cheval de troie", "programa malicioso",
        "software malicioso", "archivo malicioso", "troyano", "software maligno", "vírus",
        "arquivo malicioso", "programma malevolo", "software dannoso", "file dannoso",
        "kwaadaardige software", "schadelijke software", "złośliwe oprogramowanie",
        "złośliwego oprogramowania", "wirus*", "skadlig kod", "skadlig programvara", "skadelig*",
        "haittaohjelm*", "škodliv* software", "škodliv* kód", "вредоносн*", "вирус*", "троян*",
        "шкідлив* програм*", "вірус*", "kötü amaçlı yazılım", "zararlı yazılım", "ウイルス",
        "ウィルス", "マルウェア", "ランサムウェア", "恶意软件", "惡意軟體", "惡意程式", "恶意程序",
        "病毒", "木马", "악성코드", "악성 코드", "바이러스", "랜섬웨어",
    ),
    "other": (
        "extortion", "blackmail*", "sextortion", "advance fee", "419 scam", "inheritance scam",
        "lottery scam", "erpress*", "vorschussbetrug", "chantage", "extorsi*", "extorsão",
        "estorsione", "afpersing", "szantaż*", "utpressning", "afpresning", "kiristys*", "vydírá*",
        "вымогател*", "шантаж*", "здирни*", "şantaj*", "脅迫", "恐喝", "勒索", "협박",
    ),
}  # fmt: skip
