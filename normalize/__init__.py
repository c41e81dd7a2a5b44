"""Turns raw bytes into typed messages, by pure functions that run in a killable child."""
