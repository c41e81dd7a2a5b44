"""What technicians do by mail."""
