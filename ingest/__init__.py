"""Where messages come in: channels receive bytes and accept them only once they are durable."""
