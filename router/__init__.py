"""Decides which ticket a message belongs to, what it is about and who gets it, and writes it down."""
