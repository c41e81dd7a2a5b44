"""Telegram: people write to a bot, and a team's group hears of it."""
