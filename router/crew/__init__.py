"""Who works here: teams, shifts, who is on call, and who gets a ticket."""
