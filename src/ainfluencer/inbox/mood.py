"""How a message sounds, from -1 (angry) to 1 (happy). English words and emoji; other languages by emoji only."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


@lru_cache(maxsize=1)
def _analyzer() -> SentimentIntensityAnalyzer:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def mood(text: str) -> float:
    """VADER's compound value."""
    return float(_analyzer().polarity_scores(text[:2000])["compound"])
