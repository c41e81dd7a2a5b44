"""What the desk learned from its own tickets about what messages are about."""
