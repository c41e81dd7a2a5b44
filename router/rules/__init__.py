"""The tables of the settings: what they ask about a message, and what they decide."""
