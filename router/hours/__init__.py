"""Calendars and working time: when work is done, and how time is counted while it is."""
