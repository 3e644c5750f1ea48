"""The commonest ways to add, list, complete and delete in languages other than English.

Each way is a pattern of a whole message with what it is in English; a speaker can add more. A message in such a
language that none of them fits is answered in that language.
"""

import re
from typing import Final

T: Final = r"(?P<t>.+?)"
# What it is in English; "{t}" is what the person said for the task, put in quotes so that no word of it is read.
ADD: Final = "add task: {t}"
LIST: Final = "show my tasks"
DONE: Final = "complete {t}"
GONE: Final = "delete {t}"

SPANISH: Final[tuple[tuple[str, str], ...]] = (
    (rf"(?:por favor,? )?(?:agrega|agregar|añade|añadir|anade|anadir|apunta|apuntar|anota|anotar|pon|mete|crea"
    rf"|crear)(?:me)? "
     rf"(?:(?:una |la )?(?:nueva )?tarea:? (?:de |para )?)?{T}(?: (?:a|en) (?:mi|la) lista(?: de (?:tareas|la compra"
     rf"|compras))?)?", ADD),
    (rf"(?:nueva|crear|crea|añadir|agregar) tarea:? {T}", ADD),
    (rf"(?:recuérdame|recuerdame|recordarme|hazme acordar de|no olvidar"
    rf"|no me dejes olvidar)(?: que(?: tengo que)?)? {T}", ADD),
    (rf"(?:tengo que|necesito|debo|hay que) {T}", ADD),
    (r"(?:muéstrame|muestrame|mostrar|muestra|ver|enséñame|enseñame|lista|listar|dime|dame) (?:todas )?(?:de )?(?:las "
    r"|mis |la |mi )*(?:lista de )?"
     r"(?:tareas|pendientes|lista)(?: pendientes)?", LIST),
    (r"(?:mis tareas|mi lista|¿?(?:qué|que|cuáles|cuales) (?:tareas )?(?:tengo|hay|son)(?: (?:que hacer|pendientes?"
    r"|mis tareas|para hoy|hoy))*)", LIST),
    (rf"(?:completa|completar|termina|terminar|marca|marcar|tacha|tachar) (?:la tarea )?{T}(?: como (?:hech[oa]"
    rf"|completad[oa]|terminad[oa]|list[oa]))?", DONE),
    (rf"(?:ya )?(?:terminé|termine|completé|hice|acabé|acabe|he terminado|he hecho|he completado)(?: (?:con"
    rf"|de))? (?:la tarea )?{T}", DONE),
    (rf"{T} (?:está |esta |ya está )?(?:hech[oa]|terminad[oa]|completad[oa]|list[oa])", DONE),
    (rf"(?:elimina|eliminar|borra|borrar|quita|quitar|suprime|suprimir|saca|cancela) (?:la tarea )?{T}(?: de (?:mi"
    rf"|la) lista)?", GONE),
)  # fmt: skip
GERMAN: Final[tuple[tuple[str, str], ...]] = (
    (rf"(?:bitte )?(?:füge|fuege|fuge) (?:bitte )?(?:die aufgabe )?{T}(?: (?:zu(?:r| meiner| der)?|auf (?:meine"
    rf"|die)) (?:liste|aufgabenliste|einkaufsliste|to-?do-?liste))?"
     r" hinzu", ADD),
    (rf"{T} (?:zu meiner liste |zur liste |zur einkaufsliste )?(?:hinzufügen|hinzufuegen|eintragen|notieren"
    rf"|aufschreiben)", ADD),
    (rf"(?:neue aufgabe|neues to-?do|aufgabe|notiere|notier|schreib auf|merk dir)(?: hinzufügen)?:? {T}", ADD),
    (rf"(?:erinnere|erinner) mich(?: bitte)?(?: daran)?,? (?:an )?(?:den |die |das )?{T}", ADD),
    (rf"{T} auf (?:meine|die) (?:liste|einkaufsliste|aufgabenliste|to-?do-?liste)(?: setzen| schreiben| packen)?", ADD),
    (rf"(?:setz|setze|schreib|schreibe|pack) {T} auf (?:meine|die) (?:\w+)?liste", ADD),
    (rf"ich (?:muss|sollte)(?: noch)? {T}", ADD),
    (r"(?:zeig|zeige|liste|nenne)(?: mir)?(?: bitte)?(?: alle)?(?: meine| die| offene)*(?: aufgaben| liste"
    r"| to-?dos)(?: auf| an)?", LIST),
    (r"(?:meine aufgaben|meine liste|alle aufgaben|(?:was|welche aufgaben) (?:muss ich|habe ich|steht|stehen|ist"
    r"|gibt es)(?: (?:noch|heute|alles|zu tun|tun|an|machen|offen|erledigen))*)", LIST),
    (rf"(?:markiere|markier|hake|hak) {T} (?:als (?:erledigt|fertig|abgeschlossen)|ab)", DONE),
    (rf"(?:ich habe |habe )?{T} (?:ist |sind )?(?:erledigt|fertig|abgehakt|geschafft|abgeschlossen|gemacht)", DONE),
    (rf"{T} (?:erledigen|abhaken|abschließen|als erledigt markieren)", DONE),
    (rf"(?:erledige|schließe) {T}(?: ab)?", DONE),
    (rf"(?:lösche|loesche|lösch|entferne|entfern|streiche|streich)(?: bitte)?(?: die aufgabe)? {T}(?: von (?:meiner"
    rf"|der) liste)?", GONE),
    (rf"{T} (?:löschen|loeschen|entfernen|streichen)", GONE),
)  # fmt: skip
URDU: Final[tuple[tuple[str, str], ...]] = (
    (rf"(?:نیا کام|نئی ٹاسک|نیا ٹاسک|کام)(?: شامل کرو| شامل کریں)?: ?{T}", ADD),
    (rf"(?:(?:میری|میرے) (?:فہرست|لسٹ) میں )?{T} (?:(?:میری|میرے) (?:فہرست|لسٹ) میں )?(?:شامل|ایڈ|درج) (?:کرو|کریں"
    rf"|کر دو|کر دیں|کردو|کردیں)", ADD),
    (rf"(?:مجھے )?{T} (?:یاد دلاؤ|یاد دلانا|یاد دلائیں|لکھ لو|لکھ دو|نوٹ کرو|نوٹ کر لو)", ADD),
    (rf"(?:مجھے )?(?:یاد دلاؤ|یاد دلانا|یاد دلائیں):? (?:کہ )?{T}", ADD),
    (r"(?:(?:میرے|میری|سب|سارے|تمام|مجھے) )*(?:کام|ٹاسک|ٹاسکس|فہرست|لسٹ) (?:دکھاؤ|دکھائیں|دکھا دو|بتاؤ|بتائیں"
    r"|دیکھاؤ)", LIST),
    (r"(?:مجھے )?(?:آج )?(?:کیا|کون سے) (?:کام )?(?:کرنا|کرنے|باقی) (?:ہے|ہیں)؟?", LIST),
    (rf"{T} (?:مکمل|پورا|ختم) (?:کرو|کریں|کر دو|کر دیا|کردیا|ہو گیا|ہوگیا|کر لیا)", DONE),
    (rf"{T} (?:ہو گیا|ہوگیا|ہو گئی|کر لیا|کرلیا)", DONE),
    (rf"{T} (?:حذف|ڈیلیٹ|ختم|خارج) (?:کرو|کریں|کر دو|کردو|کر دیں)", GONE),
    (rf"{T} (?:ہٹا دو|ہٹاؤ|ہٹا دیں|مٹا دو|مٹاؤ|نکال دو)", GONE),
)  # fmt: skip
ROMAN_URDU: Final[tuple[tuple[str, str], ...]] = (
    (rf"(?:naya|nayi|nya) (?:task|kaam|kam)(?: add karo| banao)?:? {T}", ADD),
    (rf"(?:mer[iae] (?:list|tasks?) m(?:ein|e|ai|en) )?{T} (?:mer[iae] (?:list|tasks?) m(?:ein|e|ai|en) )?(?:add"
    rf"|shamil|daal|dal|likh) (?:karo|kro|kar do|kardo|kr do|karen|karein|do|lo)", ADD),
    (rf"(?:mujhe|muje|mjhe) yaa?d (?:dilao|dilana|karao|kara dena|dila do|dila dena):? (?:ke |k )?{T}", ADD),
    (rf"(?:mujhe|muje|mjhe) {T} (?:yaa?d (?:dilao|dilana|dila do|dila dena)|karna hai|krna hai)", ADD),
    (rf"(?:yaa?d rakho|note karo|note kar lo):? {T}", ADD),
    (r"(?:mere|meri|mery|saare|sare|sab|tamam|mujhe| )*(?:tasks?|kaa?m|list|todos?) (?:dikhao|dikhayen|dikha do|dekhao"
    r"|batao|bata do|dikhaein|show karo)", LIST),
    (r"(?:mujhe |aaj |abhi )*(?:kya|kia|kaun se|konse) (?:kaa?m )?(?:karna|krna|karne|baaqi|baqi|baki) (?:hai|hain|he"
    r"|hy)\??", LIST),
    (rf"{T} (?:complete|mukammal|poora|pura|khatam|done|finish|mark)(?: as done)? (?:karo|kro|kar do|kardo|kr do"
    rf"|kar diya|kardiya|ho gaya|hogaya|kar lo|kar liya|mark karo)", DONE),
    (rf"{T} (?:ho gaya|hogaya|ho gya|ho gayi|kar liya|karliya|kr lia|kar diya|done hai)", DONE),
    (rf"{T} (?:delete|remove|cancel|hata|mita|nikal|nikaal|khatm) (?:karo|kro|kar do|kardo|kr do|do|dein|den)", GONE),
    (rf"{T} (?:hatao|mitao|hatado|nikalo)", GONE),
)  # fmt: skip
TABLE: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), english)
    for language in (SPANISH, GERMAN, URDU, ROMAN_URDU)
    for pattern, english in language
)
# Words that no English message has, by language, and what is answered then.
MARKS: Final = (
    (r"\b(?:mañana|tarea|tareas|lista de|por favor|qué|está|para hoy|quiero|añade|hola|gracias|pendientes)\b"
    r"|[¿¡]", "Por ahora solo entiendo bien el inglés; "
     "en español entiendo, por ejemplo: “agregar comprar leche”, “mis tareas”, “completar 2”, “eliminar 2”."),
    (r"\b(?:aufgabe|aufgaben|bitte|mich|meine|meiner|nicht|ich|und|heute|morgen früh|lösche|füge|danke"
    r"|erledigt)\b", "Gut verstehe ich bisher nur Englisch; "
     "auf Deutsch zum Beispiel: „füge Milch kaufen hinzu“, „meine Aufgaben“, „2 erledigt“, „lösche 2“."),
    (r"[\u0679\u0688\u0691\u06ba\u06be\u06c1\u06d2\u06cc\u06a9]", "میں ابھی صرف انگریزی اچھی طرح سمجھتا ہوں؛ اردو میں"
    " مثلاً: «دودھ خریدنا شامل کرو»، «میرے کام دکھاؤ»، «2 مکمل کرو»، «2 حذف کرو»۔"),
    (r"\b(?:mujhe|muje|karo|kro|kardo|dikhao|hatao|yaad|karna|krna|hai|hain|kya|mere|meri|kaam|batao|nahi|dilao|ko"
    r"|kal)\b(?=.*\b(?:mujhe|karo|kro|kardo|dikhao|hatao|yaad"
     r"|karna|hai|hain|kya|mere|kaam|batao|nahi|dilao|phone|ko)\b)", "Abhi main sirf English achi tarah samajhta hoon; "
     "Roman Urdu mein masalan: “doodh lena add karo”, “mere tasks dikhao”, “2 complete karo”, “2 delete karo”."),
    (r"\b(?:ajoute|ajouter|tâche|tâches|liste|mes|s['’]il vous plaît|demain|bonjour|merci|quelles?"
    r"|supprime)\b", "Pour l’instant je ne comprends bien que l’anglais."),
    (r"\b(?:aggiungi|elimina|attività|domani|lista|mie|tutte|chiamare|grazie"
    r"|ciao)\b", "Per ora capisco bene solo l’inglese."),
    (r"\b(?:voeg|taak|taken|mijn|lijst|verwijder|markeer|klaar|morgen)\b", "Voorlopig begrijp ik alleen Engels goed."),
)  # fmt: skip
LANGUAGES: Final = tuple((re.compile(pattern, re.IGNORECASE), answer) for pattern, answer in MARKS)
# An English message that holds a foreign name is English.
ENGLISH: Final = re.compile(
    r"\b(?:the|my|to|add|show|task|tasks|please|what|is|delete|remind|me|mark|complete|done|tomorrow|today|buy|call|at"
    r"|on|for|and|move|i)\b",
    re.IGNORECASE,
)
LONGEST: Final = 300


def in_english(message: str) -> str | None:
    """The command in English; None of what is none of these."""
    text = message.strip(" .!¡¿?؟۔,")
    if len(text) > LONGEST or "\n" in text:
        return None
    for pattern, english in TABLE:
        if match := pattern.fullmatch(text):
            task = match.groupdict().get("t", "").strip(" :,\"'“”«»")
            if task.isdecimal() or not task:
                return english.format(t=task)
            return english.format(t=f'"{task}"') if '"' not in task else None
    return None


def answer_in(message: str) -> str | None:
    """That only English is understood well, in the language of the message where it is known."""
    if len(message) > LONGEST or len(ENGLISH.findall(message)) > 1:
        return None
    return next((answer for marks, answer in LANGUAGES if marks.search(message)), None)
