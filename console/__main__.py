"""`python -m console` is the command `deskwire`."""

from console.start import main

main()
