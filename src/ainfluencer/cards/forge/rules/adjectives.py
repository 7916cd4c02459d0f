"""Words that say how somebody is."""

from __future__ import annotations

import re
from collections import Counter

_WORDS = (
    "absent-minded affectionate aggressive aloof ambitious analytical anxious arrogant austere awkward bashful bitter blunt bohemian bold bossy"
    " brave brilliant brooding brusque calculating calm careful careless caring cautious charismatic charming cheerful chivalrous clever cold"
    " compassionate competitive conceited confident conscientious considerate cool courageous courteous cowardly cruel cunning curious cynical"
    " daring dedicated defiant deliberate dependable determined devoted diligent disciplined discreet dramatic dreamy dry eager earnest easy-going"
    " eccentric efficient egotistical elegant eloquent emotional empathetic energetic enigmatic enthusiastic excitable fearless ferocious fierce"
    " flirtatious focused forgetful forgiving formal frank friendly frugal funny generous gentle gloomy graceful greedy gregarious grim gruff"
    " grumpy hardworking haughty headstrong helpful honest hopeful hot-headed humble idealistic imaginative impatient imperious impetuous impulsive"
    " incorruptible independent indolent ingenious inquisitive insecure intelligent intense introverted ironic jealous jovial keen kind kind-hearted"
    " languid lazy logical lonely loyal masterful meddlesome melancholy merciless methodical meticulous mischievous modest moody mysterious naive"
    " nervous nimble noble nosy obedient observant obsessive obstinate optimistic organised organized outgoing outspoken passionate patient"
    " perceptive persistent pessimistic playful polite practical precise private proud punctual quick-witted quiet quirky rational rebellious"
    " reckless refined reliable reserved resolute resourceful restless reticent romantic rude ruthless sarcastic scatterbrained secretive selfish"
    " self-conscious selfless sensible sensitive sentimental serene serious sharp sharp-tongued shrewd shy silent sincere sly sociable soft-spoken"
    " solemn solitary sombre spirited stern stoic strict strong-willed stubborn studious sullen superstitious suspicious sympathetic taciturn"
    " talkative tender tenacious thoughtful tidy timid tireless tolerant tranquil trusting unassuming unconventional unflappable untidy vain vengeful"
    " vigilant vigorous vindictive violent warm warm-hearted watchful weary whimsical wicked wise wistful withdrawn witty worldly wry"
)
_PATTERN = re.compile(rf"\b(?:{'|'.join(sorted(_WORDS.split(), key=len, reverse=True))})\b", re.IGNORECASE)
_WEATHER = re.compile(r"\b(?:cold|cool|dry|warm|dramatic|sharp|keen|quiet|calm|silent|private)\s+(?:\w+\s+)?(?:wind|morning|night|day|evening|air|water|bread|knife|room|street|house|enquiry|eye|room|detective|word)s?\b", re.IGNORECASE)  # fmt: skip
_NOT = re.compile(r"\b(?:not|never|hardly|no longer|n't|n’t|without being|less)\s+(?:\w+\s+)?$", re.IGNORECASE)


def found(text: str) -> list[str]:
    """The words in order, each once; weather, objects and what is denied left out."""
    kept: dict[str, None] = {}
    clean = _WEATHER.sub(" ", text)
    for match in _PATTERN.finditer(clean):
        if not _NOT.search(clean[max(0, match.start() - 24) : match.start()]):
            kept[match.group(0).lower()] = None
    return list(kept)


def common(texts: list[str], limit: int = 8) -> list[str]:
    """The words of many texts, the most frequent first."""
    counts = Counter(word for text in texts for word in found(text))
    return [word for word, _ in counts.most_common(limit)]
