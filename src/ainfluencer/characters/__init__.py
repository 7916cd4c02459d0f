"""Who a character is: identity, persona, look, boundaries, consent. Refuses to know how anything is made of it."""
