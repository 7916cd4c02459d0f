"""The poster maker: designed pictures (quote, list, carousel, story, look board) drawn on this machine, without a model."""

from ainfluencer.integrations.manifest import Access, Capability, Family, Login, Manifest

MANIFEST = Manifest(
    slug="poster",
    title="Poster",
    family=Family.MAKER,
    access=Access.BUILT_IN,
    login=Login.NONE,
    summary="Draws quote cards, lists, carousels, stories and look boards from words, colours and one picture.",
    capabilities=frozenset({Capability.POSTER, Capability.MODELS}),
    quality=50,
    notes=(
        "Runs on the processor in well under a second a page.",
        "Same request, same bytes: every picture can be made again.",
    ),
)
