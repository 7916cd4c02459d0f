"""Runs and what they made: pictures first, video and voice beside them. Refuses to judge quality or to publish."""
