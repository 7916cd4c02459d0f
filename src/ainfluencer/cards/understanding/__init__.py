"""What a card says about a person: rules and word lists with evidence, no model, no session."""
