"""Messages that say the same, and what becomes of them."""
