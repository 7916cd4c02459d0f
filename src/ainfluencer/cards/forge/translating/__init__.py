"""A card in another language: what may change is sent to a model piece by piece, everything else stays as it is."""
