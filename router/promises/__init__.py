"""What customers are promised, and when it is due."""
