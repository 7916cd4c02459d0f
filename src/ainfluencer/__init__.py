"""AInfluencer: a self-hosted studio for virtual characters."""

__version__ = "0.1.0"
