"""What would become of messages: they are decided about as the desk would, and nothing is stored or sent."""
