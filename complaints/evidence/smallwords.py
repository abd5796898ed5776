"""The small words that hold the languages written in Latin letters together. Data, no code."""

SMALL_WORDS = {
    "en": (
        "the and of this that your you please have has with from are not our by it which been to "
        "is was we us my me be an or for on any all these those there what when who will would "
        "can could do does did stop if so but its their them they he she at as into about got "
        "see how where any never after again still just now here only more than then "
        "some no yes out through"
    ),
    "de": (
        "der die das und ist nicht ein eine einen einem einer eines von mit für fuer auf bitte wir "
        "ihr ihre ihrer ihrem ihren ihrerseits sie ich uns über ueber wird werden wurde wurden "
        "haben hat sich auch noch nur oder aus bei nach zum zur dass diese dieser dieses diesen "
        "guten tag mehr kein keine seit sehr damen herren im dem den des als wenn man sind mir "
        "mich mein meine unser unsere unserem unseren gehen gruß grüßen hallo danke es gibt "
        "schon wie was ob da so mal dies erneut"
    ),
    "fr": (
        "le les des est une un dans que qui pour pas vous votre vos nous notre nos je sur avec par "
        "ce cette ces du et au aux sont été être merci bonjour mon ma mes ne il elle la de en à "
        "depuis plus cordialement monsieur madame veuillez "
        "arrêtez arreter cessez ça cela m'envoyer"
    ),
    "es": (
        "el los las es una un que en por para con su sus del esta este estos estas usted ustedes "
        "nuestro nuestra nuestros mi mis se ha han fue desde muy gracias buenos buenas como más "
        "mas pero hola favor al lo la de le les nos sin está son saludos también esto eso "
        "dejen dejad paren basta enviarme enviando"
    ),
    "pt": (
        "os as uma um que em por para com seu sua seus suas do da dos das não nao esta este "
        "estes vocês voces você voce nosso nossa meu minha isso isto foi está são pelo pela favor "
        "obrigado bom dia mais mas parem pare parar já também no na nos nas de ao se me "
        "gostaria saber onde prezado prezada prezados evite nossos"
    ),
    "it": (
        "il lo gli una un che di da per con basta vostro vostra vostri nostro nostra sono stato "
        "del della dei delle degli alla al nel nella questo questa questi queste grazie "
        "buongiorno mio mia vi ci si non più anche ho abbiamo dal dalla la le saluti cordiali"
    ),
    "nl": (
        "de het een van en is niet dat op te voor met uw onze ons wij ik jullie deze dit door naar "
        "bij zijn wordt worden hebben heeft geen graag vriendelijke groet groeten aan meer nog ook "
        "wij mijn mij er om beste die dan kunt"
    ),
    "pl": (
        "nie się jest na do że od proszę przez dla państwa nasz nasze naszych ten ta tego jak po "
        "ale są był została mój mnie mi dziękuję prosimy dzień dobry już tej oraz który "
        "przestańcie przestań więcej swoje"
    ),
    "sv": (
        "och att det är en ett inte från vi ni er era på av med för har som till den detta jag mig "
        "vår våra tack vänligen också hej men om så"
    ),
    "da": (
        "og at det er en et ikke fra vi jeres på af med for har som til den dette jeg mig vores "
        "tak venligst også hej de men om så"
    ),
    "no": (
        "og at det er en et ikke fra vi deres på av med for har som til den dette jeg meg våre "
        "takk vennligst også dere hei de men om så"
    ),
    "fi": (
        "ja on ei se että tämä tämän olen ovat meidän teidän minun kanssa myös sekä kun mutta ole "
        "pyydän kiitos teiltä palvelimenne hei joka ovat olemme"
    ),
    "cs": (
        "je na se že to od pro jsme jsou nebo prosím byl byla váš vaše vašeho náš naše není "
        "tento tato děkuji dobrý den mi mě jako ale do už"
    ),
    "la": (
        "quis nec sed vel eget vitae diam mauris urna amet ipsum lorem nulla pellentesque dolor "
        "adipiscing consectetur aenean praesent nunc ante nisi non ac in et at id"
    ),
    "tr": (
        "bir ve bu için ile değil lütfen sizin bize olarak olan var daha çok gibi kadar sonra "
        "teşekkür ediyorum tarafından merhaba bana ben size göre"
    ),
}
