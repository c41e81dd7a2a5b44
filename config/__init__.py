"""The settings file and the wiring of the stages: the composition root."""
