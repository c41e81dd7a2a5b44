"""What comes due by itself: escalation, reminders, closing and digests."""
