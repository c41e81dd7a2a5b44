"""A form on the web: one page that takes a message in, and one that shows its number."""
