"""The command `deskwire learn`."""
