"""Plans who must hear of an event and carries it out through the channel it belongs to."""
