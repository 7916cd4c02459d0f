"""What all adapters share: manifest, registry, outcomes, values, the outside-call client. Adapters see only this and core."""
