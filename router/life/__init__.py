"""The life of a ticket: its states, and what people may do to it."""
