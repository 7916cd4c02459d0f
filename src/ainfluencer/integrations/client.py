"""The one door to the outside. (Filled by its owner; the signature below is the contract.)"""
