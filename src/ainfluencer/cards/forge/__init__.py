"""The forge: writes a card from source material (an idea, notes, another card, a novel) and says where each sentence comes from.

It owns the profiles, the source files and the kept steps. It refuses to state what it has no quotation for.
"""
