"""Mail: SMTP in, a relay out."""
