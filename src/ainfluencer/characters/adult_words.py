"""Words that name sex outright, for every module that must notice them: cards, writing, the check of a picture's words.

Only words with no other everyday sense: a false alarm holds up somebody's post. Each reader adds what its own texts need.
"""

from __future__ import annotations

EXPLICIT = (
    r"cuck(?:s|ed|ing|old(?:s|ed|ing|ry)?|quean\w*)?|hot-?wi(?:fe|ves|fing)|(?:big|huge|large|massive) ?(?:tits|ass|cock|breasts)|tits|titt(?:y|ies)|boob(?:s|ies|job\w*)?"
    r"|fem-?dom|male-?dom|fin-?dom|netorare|ntr|milfs?|dilfs?|gilfs?|orgy|orgies|(?:three|four)somes?|gang-?bang\w*|bukkake|ahegao|futa(?:nari)?|ecchi|yiff\w*"
    r"|blow ?jobs?|hand ?jobs?|rim ?jobs?|deep-?throat\w*|cream-?pies?|cum-?(?:slut|dump|shot)\w*|masturbat\w*|orgasm\w*|ejaculat\w*|dildos?|butt ?plugs?|strap-?ons?"
    r"|porn\w*|hentai|erotic\w*|bdsm|nympho\w*|gloryhole\w*|fap(?:ped|ping|s)?|sexting|sex (?:slave|toy|doll|worker|scene|tape)s?|breeding kink"
    r"|sexual (?:submission|domination|slavery|service|humiliation)|sexually (?:submissive|dominant|explicit|active|open)"
)
