"""What people wrote and did: conversations, replies drafted for a person to send, and a stream of reactions."""
