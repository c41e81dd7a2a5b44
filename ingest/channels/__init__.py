"""One module or package per type of channel, found by its name and listed nowhere."""
