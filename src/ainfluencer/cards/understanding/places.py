"""From a place in words to a time zone, through the tables that travel with tzdata."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

# Countries with several zones whose first line in zone.tab is not where most people live, and well-known places
# that name no zone themselves.
_WELL_KNOWN = {
    "Europe/London": "uk, england, scotland, wales, united kingdom, great britain, manchester, edinburgh, liverpool",
    "America/New_York": "usa, us, united states, america, new york city, boston, miami, florida, atlanta, washington, brooklyn",
    "America/Chicago": "texas, austin, houston, dallas, new orleans, illinois, minnesota, nashville",
    "America/Denver": "colorado, utah, montana",
    "America/Los_Angeles": "california, san francisco, seattle, portland, oregon, las vegas, hollywood, san diego",
    "America/Toronto": "canada, ontario, quebec, montreal, ottawa",
    "America/Sao_Paulo": "brazil, brasil, rio de janeiro, rio, são paulo",
    "America/Argentina/Buenos_Aires": "argentina",
    "America/Santiago": "chile, valparaíso",
    "America/Mexico_City": "mexico, méxico, oaxaca, guadalajara",
    "Australia/Sydney": "australia, byron bay, canberra",
    "Europe/Moscow": "russia, saint petersburg",
    "Europe/Kyiv": "ukraine, odesa, lviv",
    "Europe/Rome": "naples, napoli, milan, milano, venice, florence, turin, sicily, tuscany, italia, sardinia",
    "Europe/Madrid": "barcelona, seville, sevilla, valencia, bilbao, españa, granada",
    "Europe/Lisbon": "porto, ericeira, algarve, nazaré, coimbra",
    "Europe/Berlin": "germany, deutschland, munich, münchen, hamburg, cologne, köln, leipzig, bavaria, bayern, frankfurt",
    "Europe/Vienna": "tyrol, tirol, innsbruck, salzburg, österreich, graz",
    "Europe/Zurich": "bern, basel, geneva, graubünden, engadin, swiss alps, valais, wallis, schweiz",
    "Europe/Paris": "lyon, marseille, bordeaux, provence, brittany, normandy",
    "Asia/Tokyo": "kyoto, osaka, hokkaido, okinawa, shibuya",
    "Asia/Shanghai": "china, beijing, shenzhen, chengdu",
    "Asia/Kolkata": "mumbai, delhi, bangalore, india, goa",
    "Asia/Ho_Chi_Minh": "vietnam, hanoi, saigon",
    "Asia/Seoul": "korea, south korea, busan",
    "Pacific/Auckland": "new zealand, wellington",
    "Africa/Johannesburg": "south africa, cape town",
}


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    folder = resources.files("tzdata.zoneinfo")
    countries = {}
    for line in folder.joinpath("iso3166.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            code, name = line.split("\t")[:2]
            countries[code] = name.casefold()
    known: dict[str, str] = {}
    for line in folder.joinpath("zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            known.setdefault(countries.get(code, ""), zone)
            known.setdefault(zone.rsplit("/", 1)[-1].replace("_", " ").casefold(), zone)
    for zone, words in _WELL_KNOWN.items():
        known |= dict.fromkeys(words.split(", "), zone)
    return known


def zone_of(place: str) -> str:
    """The time zone of a place in words (“Ericeira, Portugal”), or an empty string. The most exact part wins."""
    zones = _zones()
    parts = [
        re.sub(r"^(?:the|a|an|in|near)\s+", "", p.strip().casefold())
        for p in re.split(r"[,;()/]|\bnear\b|\bin\b", place)
    ]
    return next((zones[p] for p in parts if p and p in zones), "")
