"""`python -m console` is the command `deskwire`."""

from console.cli import main

main()
