"""What people call a column of a language: codes (en, eng, en-US, eng_Latn), and names, English, native and others.

A table of words of our own making: a language a line, its codes first; a line that is
set in goes on the one before. "_" stands for a blank within a name. No framework.
"""

import re
import unicodedata

TABLE = """
en eng english anglais englisch inglés inglese inglês engels angielski engelska engelsk английский англійська
  英语 英文 英語 영어
fr fra fre french français französisch francés francese francês frans francuski franska fransk французский 法语
  法文 仏語 フランス語 프랑스어
de deu ger german allemand deutsch alemán tedesco alemão duits niemiecki tyska tysk немецкий німецька 德语 德文
  独語 ドイツ語 독일어
es spa spanish espagnol spanisch español castellano spagnolo espanhol spaans hiszpański spanska spansk испанский
  西班牙语 スペイン語 스페인어
it ita italian italien italienisch italiano italiaans włoski italienska italiensk итальянский 意大利语
  イタリア語 이탈리아어
nl nld dut dutch néerlandais niederländisch neerlandés holandés olandese holandês nederlands nederländska
  голландский 荷兰语 オランダ語
pt por portuguese portugais portugiesisch portugués portoghese português portugees portugalski португальский
  葡萄牙语 ポルトガル語 포르투갈어
pl pol polish polonais polnisch polaco polacco polonês pools polski польский польська 波兰语 ポーランド語
ru rus russian russe russisch ruso russo rosyjski ryska russisk русский російська 俄语 俄文 露語 ロシア語
  러시아어
uk ukr ukrainian ukrainien ukrainisch ucraniano ucraino ukraiński українська украинский 乌克兰语 ウクライナ語
be bel belarusian belorussian biélorusse weißrussisch belarussisch беларуская белорусский
bg bul bulgarian bulgare bulgarisch búlgaro bulgaro български болгарский
cs ces cze czech tchèque tschechisch checo ceco tcheco čeština český czeski чешский 捷克语
sk slk slo slovak slovaque slowakisch eslovaco slovenčina slovenský
sl slv slovene slovenian slovène slowenisch esloveno slovenščina
hr hrv croatian croate kroatisch croata hrvatski
sr srp serbian serbe serbisch serbio srpski српски сербский
bs bos bosnian bosniaque bosnisch bosanski
mk mkd mac macedonian macédonien mazedonisch македонски
el ell gre greek grec griechisch griego greco grego grieks ελληνικά греческий 希腊语
sq sqi alb albanian albanais albanisch albanés shqip
tr tur turkish turc türkisch turco turks turecki türkçe турецкий 土耳其语 トルコ語
az aze azerbaijani azéri aserbaidschanisch azərbaycan
kk kaz kazakh kasachisch қазақ қазақша казахский
uz uzb uzbek usbekisch oʻzbek узбекский
he heb hebrew hébreu hebräisch hebreo ebraico hebraico hebreeuws עברית 希伯来语 ヘブライ語
yi yid yiddish jiddisch ייִדיש
ar ara arabic arabe arabisch árabe arabo العربية عربي арабский 阿拉伯语 アラビア語 아랍어
fa fas per persian farsi persan persisch persa persiano فارسی персидский 波斯语 ペルシャ語
ku kur kurdish kurde kurdisch kurdî
ps pus pashto paschtu پښتو
ur urd urdu ourdou اردو 乌尔都语
hi hin hindi हिन्दी हिंदी 印地语 ヒンディー語 힌디어
bn ben bengali bangla বাংলা 孟加拉语
mr mar marathi मराठी
gu guj gujarati ગુજરાતી
pa pan punjabi panjabi ਪੰਜਾਬੀ
ta tam tamil tamoul தமிழ் 泰米尔语
te tel telugu తెలుగు
kn kan kannada ಕನ್ನಡ
ml mal malayalam മലയാളം
si sin sinhala sinhalese සිංහල
ne nep nepali नेपाली
sa san sanskrit संस्कृतम्
th tha thai thaï thailändisch tailandés ไทย ภาษาไทย тайский 泰语 タイ語 태국어
vi vie vietnamese vietnamien vietnamesisch vietnamita tiếng_việt вьетнамский 越南语 ベトナム語 베트남어
id ind indonesian indonésien indonesisch indonesio indonesiano bahasa_indonesia индонезийский 印尼语
  インドネシア語 인도네시아어
ms msa may zsm malay malais malaiisch malayo bahasa_melayu 马来语 マレー語
tl tgl fil tagalog filipino pilipino
jv jav javanese javanais basa_jawa
km khm khmer ខ្មែរ 高棉语
lo lao laotian laotisch ລາວ
my mya bur burmese birman birmanisch မြန်မာ 缅甸语
zh zho chi cmn chinese mandarin chinois chinesisch chino cinese chinês chinees chiński kinesiska китайский 中文
  汉语 漢語 国语 普通话 中国語 중국어
yue cantonese cantonais kantonesisch 粤语 粵語 広東語
ja jpn japanese japonais japanisch japonés giapponese japonês japans japoński japanska японский 日语 日文 日本語
  일본어
ko kor korean coréen koreanisch coreano koreaans koreański корейский 韩语 韓語 朝鲜语 韓国語 한국어
mn mon mongolian mongol mongolisch монгол
bo bod tib tibetan tibétain tibetisch བོད་ཡིག 藏语
ka kat geo georgian géorgien georgisch ქართული
hy hye arm armenian arménien armenisch հայերեն
hu hun hungarian hongrois ungarisch húngaro ungherese magyar węgierski венгерский 匈牙利语
ro ron rum romanian roumain rumänisch rumano rumeno romeno română румынский 罗马尼亚语
fi fin finnish finnois finnisch finés finlandese suomi fiński финский 芬兰语
et est estonian estonien estnisch estonio eesti эстонский
lv lav latvian letton lettisch letón latviešu
lt lit lithuanian lituanien litauisch lituano lietuvių
sv swe swedish suédois schwedisch sueco svedese zweeds szwedzki svenska шведский 瑞典语
da dan danish danois dänisch danés danese deens dansk датский 丹麦语
no nor nob norwegian norvégien norwegisch noruego norvegese norsk bokmål норвежский 挪威语
nn nno nynorsk
is isl ice icelandic islandais isländisch íslenska
ga gle irish irlandais irisch gaeilge
gd gla gaelic gàidhlig
cy cym wel welsh gallois walisisch cymraeg
br bre breton bretonisch brezhoneg
ca cat catalan katalanisch catalán catalano català
eu eus baq basque baskisch vasco euskara
gl glg galician galicien galicisch gallego galego
oc oci occitan okzitanisch
la lat latin latein latín latino lateinisch latina
eo epo esperanto
lb ltz luxembourgish luxembourgeois luxemburgisch lëtzebuergesch
fy fry frisian frison friesisch frysk
mt mlt maltese maltais maltesisch malti
af afr afrikaans
sw swa swh swahili suaheli kiswahili 斯瓦希里语
zu zul zulu isizulu
xh xho xhosa isixhosa
yo yor yoruba yorùbá
ig ibo igbo
ha hau hausa haoussa haussa
am amh amharic amharique amharisch አማርኛ
so som somali somalisch soomaali
rw kin kinyarwanda
mg mlg malagasy malgache
wo wol wolof
ln lin lingala
tt tat tatar tatarisch татарча
ug uig uyghur uighur ئۇيغۇرچە
ky kir kyrgyz kirghiz кыргызча
tg tgk tajik тоҷикӣ
tk tuk turkmen
dv div divehi dhivehi
or ori odia oriya ଓଡ଼ିଆ
as asm assamese অসমীয়া
sd snd sindhi
haw hawaiian
mi mri maori māori
sm smo samoan
to ton tongan
ht hat haitian
qu que quechua
gn grn guarani guaraní
ay aym aymara
ia ina interlingua
io ido
fo fao faroese
se sme sami
kl kal greenlandic
ti tir tigrinya
om orm oromo
rn run kirundi
sn sna shona
st sot sesotho
tn tsn tswana setswana
ts tso tsonga
ny nya chichewa nyanja
lg lug luganda
ak aka akan
tw twi
ee ewe
ceb cebuano
hmn hmong
ast asturian asturiano asturianu
gsw alemannic schwyzerdütsch
nds plattdüütsch plattdeutsch
"""
QUALIFIERS = {"simplified", "traditional", "brazilian", "european", "mexican", "canadian", "british", "american", "us",
              "uk", "br", "latin", "modern", "standard"}  # fmt: skip
ABOUT = {  # what names of columns say besides the language
    "words", "word", "sentences", "sentence", "text", "texts", "phrase", "phrases", "side", "lang", "language",
    "source", "target", "src", "tgt", "trg", "translation", "original", "segment", "sent", "line", "column", "title",
    "name", "caption", "content", "string", "utterance", "transcript", "subtitle",
}  # fmt: skip
DOUBTFUL = {"id", "no", "nr", "sn", "ln", "mt", "st", "ts", "is", "as", "to", "or", "so"}  # which name other things too
COMMON = set("en fr de es it nl pt pl ru zh ja ko ar hi tr cs sv fi el".split())  # codes that may be written so: En, Fr
WORDS = {  # codes that are words as well: over a list of words they are no heading
    "am", "as", "ca", "cat", "fin", "ha", "hat", "he", "id", "in", "io", "is", "kat", "la", "lo", "mal", "mar", "may",
    "mi", "my", "ne", "no", "om", "or", "pan", "pa", "por", "run", "sa", "se", "si", "sin", "so", "sot", "st", "ta",
    "te", "ti", "to", "vie", "est", "que", "fas", "per", "wel", "pus", "arm", "mac",
}  # fmt: skip
LOCALE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|419))?")  # of lower case: zh-hans-cn, eng_latn


def _unaccented(name: str) -> str:
    """A name as it is typed where accents are not at hand."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def _names() -> dict[str, str]:
    """Every name and code, as it stands and without accents -> the language's first code."""
    found = {}
    for words in map(str.split, TABLE.replace("\n  ", " ").split("\n")):
        for name in (word.replace("_", " ").casefold() for word in words):
            found.setdefault(name, words[0])
            found.setdefault(_unaccented(name), words[0])
    return found


NAMES = _names()


def language_of(cell: str) -> str | None:
    """The language that a column's name says, as "en" or "pt-br": en-US, eng_Latn, Français, text_en; None for others.

    Beside other words a name counts wherever it stands ("French sentences"), a code only where no blank parts them
    (text_en): "My text" names no Burmese.
    """
    name = unicodedata.normalize("NFC", cell).strip(' \t"#').casefold()
    if re.fullmatch("[A-Z][a-z]{1,2}", cell.strip()) and name not in COMMON:
        return None  # Ja, No, The: a word at the beginning of a sentence
    if (found := NAMES.get(name) or _locale(name)) or len(name) > 40:
        return found
    words = re.findall(r"[^\W_]+", name)
    if len(words) < 2 or len(words) > 5:
        return None
    rest = [word for word in words if word not in ABOUT]
    if rest and len(rest) < len(words) and not re.search(r"\s", name) and "_".join(rest) not in DOUBTFUL:
        if found := _locale("_".join(rest)):
            return found
    spoken = [word for word in rest if word not in QUALIFIERS or len(rest) == 1]
    languages = {NAMES.get(word) for word in spoken}
    if len(languages) == 1 and None not in languages and any(len(word) > 3 or not word.isascii() for word in spoken):
        return "-".join([*languages, *(word for word in rest if word not in spoken)])
    return None


def _locale(name: str) -> str | None:
    """The language of a code of language, script and region; None for anything else."""
    found = LOCALE.fullmatch(name)
    if not found or found[1] not in NAMES or len(NAMES[found[1]]) > 3:
        return None
    return "-".join([NAMES[found[1]], *(part for part in found.groups()[1:] if part)])
