"""The whole product on one machine: pretend people, a Bot API server of our own, and the scene that shows it."""
