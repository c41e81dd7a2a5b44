"""The form of a settings file: what is no YAML is told with its place, and read on behind."""
