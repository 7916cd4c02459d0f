"""How well a piece of a card stands alone, away from the scene in which it was said."""

from __future__ import annotations

import re

from ainfluencer.characters.schemas import MaterialKind
from ainfluencer.writing import roleplay
from ainfluencer.writing.first_person import has_verb

SCENE = re.compile(
    r"\b(?:come (?:in|here|on in|with me|closer|along)|sit down|do sit|have a seat|take a seat|welcome|hello|hi there|hey there|greetings|nice to meet you|pleased to meet you"
    r"|good (?:morning|evening|night|day|afternoon)|what brings you|can i help you|may i help you|follow me|over here|look at (?:this|you)|what do you want|who are you"
    r"|thank you for (?:coming|asking|your)|your name|feel free to|make yourself|shall we|let us (?:begin|go|embark|proceed)|let['’]s (?:go|get|begin|start|see|find)|at your service"
    r"|how (?:can|may) i|(?:to make|make) your acquaintance|allow me to|at last|my (?:friend|dear|darling)[,.!?]|you('re| are) (?:late|early|here|back|new|staring|awake|safe|welcome)"
    r"|need to rest|I(?:['’]m| am)? (?:apologi[sz]e|sorry)|apologies|forgive|did(?:n['’]t| not) (?:notice|see|hear|expect)|I trust (?:you|your|my|the)|(?:we|us) (?:have (?:much|a lot) to|must|should|shall|will) (?:discuss|talk)|^a (?:direct|good|fair|fine) question|our (?:discussion|discourse|conversation|meeting|previous|potential|negotiations?|expectations|partnership)|this gathering|these halls|ground rules|worry not|fear not|rest (?:now|assured|easy)|please,? rest|here to (?:help|assist|serve)|excuse me|pardon me|forgive me)\b",
    re.IGNORECASE,
)
_YOU_HERE = re.compile(
    r"\byou (?:came|come|asked|said|arrived|found|received|brought|chose|wanted|must be|were|had|did|look(?:ed)? (?:like|as|a|so|very|tired|pale)|seem|appear|possess|mentioned|see\b|know me)"
    r"|\byou['’](?:re|ve|d|ll) (?:been|found|come|come here|the one|lost|asking|not from|still|going to|need|find|want|see)\b"
    r"|\bI(?:['’]ve| have)? (?:\w+ )?(?:found|healed|saved|brought|invited|expected|heard \w+(?: \w+){0,3} about|made) your?\b|\bhow are you\b|\bare you feeling\b"
    r"|\byour (?:visit|arrival|presence|invitation|request|question|proposal|offer|wounds|nerve|expertise|situation|approach|assistance|help|name|message|hand|face|eyes|wealth|brain|strength|cooperation|service)\b"
    r"|\b(?:meet|met|help|assist|serve|see|have|welcome|join|thank|tell|show|teach|ask|heal|protect|trust|offer|offering|send|sent|give|for|with|from|about) you\b"
    r"|\bI(?:['’]m| am) sure you\b|\byou have (?:an?|such) |\b(?:would|do|did|can|could|will|have|were|are) you\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"^(?:and|but|so|or|then|because|well|oh|ah|um|uh|yes|no|yeah|okay|ok|right|sure|hm+|ha+|heh|hey|anyway|also|though|however|unlike|instead|perhaps so|of course|besides|after all|by the way|speaking of"
    r"|in other words|something (?:that|which)|for example|as for|not (?:really|at all|exactly|yet)|fine|very well|indeed|thanks|sorry|apologies|exactly|precisely)\b(?:[,.!…:; —–-]|$)",
    re.IGNORECASE,
)
_NOBODY_NAMED = re.compile(
    r"^(?:(?!\b(?:people|everyone|everybody|anyone|someone|nobody|those|others|men|women|children|folk|guests)\b)(?!\b\w+[^s\W]s\b)[^.!?]|[.!?])*?\b(?:they|them|their)\b",
    re.IGNORECASE,
)
_HIM_OR_HER = re.compile(r"^[^A-Z]*[A-Z]?[^A-Z]*?\b(?:he|she|him|her|his)\b")
_EARLY_IT = re.compile(
    r"^(?:\S+ ){1,3}it(?:s|['’]s)?\b(?! (?:is|was|takes|took|seems|would|does|has|means|might|may|can|will|gets|feels|helps|matters|hurts)\b)",
    re.IGNORECASE,
)
_BARE_IT = re.compile(r"\bit\b(?! (?:is|was|takes|took|seems|would|does|has|means|will|feels))", re.IGNORECASE)
_OWN_BODY = re.compile(
    r"\bmy (?:body|lips|eyes|hair|skin|figure|form|physical|breasts?|hips|legs|features|gown|dress)\b", re.IGNORECASE
)
_GENERAL = re.compile(
    r"\b(?:always|never|every|nobody|everybody|people|than|if|when|enough)\b",
    re.IGNORECASE,
)
_DEICTIC = re.compile(
    r"^(?:this|that|it|he|she|they|those|these|there|here|each (?:one|of)|both|neither|either|such|some|others?|its|their|his|her)\b",
    re.IGNORECASE,
)
_BACKWARD = re.compile(
    r"^(?:each (?:one|of them)|(?:neither|either) (?:option|one|of)|it|they|he|she|them|its|their|his|her|that|those|these|such)\b|\b(?:that['’]s why|that is why|the same|as well|too)[.!?]$|\b(?:the former|the latter)\b|\b(?:is|isn['’]t|was|wasn['’]t) that\b|^(?:\w+ ){0,3}its\b|^(?:despite|because of|after|with|for) (?:this|that|it)\b|,? however[.!,]"
    r"|\bthe (?:\w+ )?(?:last|only|first|youngest|oldest|sole)(?: \w+){0,2} (?:member|one|survivor|heir|of (?:them|these|those))(?: left| alive)?[.!]$",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"\bthe (?:situation|matters?) (?:has|at hand)|\b(?:this (?:one|time|place|question|conversation|setback|experience|contract|experiment|piece|particular|seat|room|situation|day|guy|person|job|mission|meeting|is what|haven|house|door|position)"
    r"|these (?:specimens|documents|pieces|people|two)|that (?:one|particular|time|day|question)|right now|over there|just now|tonight|a moment ago|here(?=[.,!?]|$)|today|do(?:ing)? this|like this)\b",
    re.IGNORECASE,
)
_BOAST = re.compile(
    r"\b(?:unparallel\w*|unrival\w*|legendary|razor-sharp|unwavering|formidable|unmatched|iconic|impressive|incredibl\w*|exceptional|extraordinar\w*|distinguished|enigmatic"
    r"|awe-inspiring|command(?:s|ing)? (?:respect|attention)|stunning\w*|remarkable|prodig\w+|genius|brilliant|flawless|legacy|renowned|esteemed|unforgettable|indelible|piercing|chiseled|chiselled"
    r"|striking|beautiful|handsome|gorgeous|mesmeri[sz]\w+|captivat\w+|intricacies|testament|beacon|embark|realm of|journey together|exudes?|wisdom and experience|seasoned|array of|mastery|pinnacle|paragon|keen observational|utmost)\b",
    re.IGNORECASE,
)
_ABOUT_THE_CARD = re.compile(
    r"\b(?:characters?['’]?s?|fictional|storyline|franchise|video ?game|anime|manga|protagonist|antagonist|role-?play\w*|noir[- ]style|fits? the mold|in literature|initially|eventually|personality is|is characteri[sz]ed|nickname"
    r"|referred to as|can be described|physical appearance|distinctive features?|overall,|backstory|narrative|archetype|trope|\(?as seen in|the user|users?)\b",
    re.IGNORECASE,
)
_LOOKS = re.compile(
    r"\b(?:hair|eyes|skin|complexion|build|physique|figure|stature|frame|lips|cheek\w*|jaw\w*|freckle\w*|tall|slender|lean|muscular|wardrobe|attire|wears?|wearing|dressed|clad|outfit|dress|suit|robes?|fedora|feet|inches|cm"
    r"|wrinkles?|scars?|fingertips|nails|posture|tabby|fur)\b",
    re.IGNORECASE,
)
_HEAVY = re.compile(
    r"\b(?:revolvers?|guns?|pistols?|rifles?|diagnos\w+|terminal|cancer|suicid\w*|abus(?:e|ed|ive)|tortur\w*|trauma\w*|molest\w*|self-harm)\b",
    re.IGNORECASE,
)
_ENDS_WELL = re.compile(r"[.!?…。！？][\"”’'»)」』]*$")
_FRAGMENT_END = re.compile(
    r"(?:^|(?<=[.!?…])\s+)(?:And|But|So|Or|Well|Yet|And yet|Though|Then|Because|If|Perhaps|Or maybe|Still|I|It|You|The|We|Just)(?:[\s,]+\w+){0,2}\s*(?:\.\.\.|…|—|-)+$|(?:^|(?<=[.!?…])\s+)(?:and )?as for [\w ]{2,30}[.…]+$",
    re.IGNORECASE,
)
_TRAILING = re.compile(r",?\s+(?:but|and|so|or|yet|though|because)\s*(?:\.\.\.|…)$", re.IGNORECASE)
_CUT_START = re.compile(r"^(?:[\"“'‘(¿¡]*[^\W\d_]|[\"“'‘(]*\d)")


def without_fragment(text: str) -> str:
    """Without a last sentence that only trails off (“… and yet...”)."""
    return _TRAILING.sub(".", _FRAGMENT_END.sub("", text).rstrip())


def is_whole(text: str) -> bool:
    """Whether a text has clean marks, begins as a sentence, and ends as one."""
    start = _CUT_START.match(text)
    begins = bool(start) and not start.group(0)[-1].islower() if start else False
    return begins and bool(_ENDS_WELL.search(text)) and roleplay.is_clean(text) and not text.isupper()


def is_about_the_card(text: str) -> bool:
    """Whether it speaks of the character as a character, or to the software: never words of their own."""
    return bool(_ABOUT_THE_CARD.search(text))


def standing(text: str, kind: MaterialKind = MaterialKind.QUOTE) -> float:
    """How well a piece stands without its scene, 0..1; from 0.5 on it may be posted."""
    score = 0.75
    words = len(text.split())
    is_spoken = kind in {MaterialKind.QUOTE, MaterialKind.GREETING}
    score -= 0.35 if SCENE.search(text) else 0.0
    score -= 0.3 if _YOU_HERE.search(text) else 0.0
    score -= 0.3 if _DANGLING.match(text) else 0.0
    score -= 0.3 if _BACKWARD.search(text) else 0.15 if _DEICTIC.match(text) else 0.0
    score -= 0.45 if _NOBODY_NAMED.match(text) or _HIM_OR_HER.match(text) or _EARLY_IT.match(text) else 0.0
    score -= 0.3 if words <= 9 and _BARE_IT.search(text) else 0.0
    score -= 0.3 if not has_verb(text) else 0.0
    score -= 0.4 if _OWN_BODY.search(text) else 0.0
    score -= 0.15 if _POINTING.search(text) else 0.0
    score -= 0.2 if text.endswith("?") else 0.0
    score -= 0.15 if words < 6 or words > 36 else 0.0
    score -= min(0.45, 0.2 * len(_BOAST.findall(text)))
    score -= 0.1 if text.endswith(("...", "…")) else 0.0
    score += 0.15 if _GENERAL.search(text) else 0.0
    score -= 0.1 if kind is MaterialKind.GREETING else 0.0
    score -= 0.3 if _HEAVY.search(text) else 0.0
    if not is_spoken:
        score -= 0.1 + (0.4 if _LOOKS.search(text) else 0.0)
    return max(0.0, min(1.0, score))
