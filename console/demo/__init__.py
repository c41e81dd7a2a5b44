"""The demo: the whole product on this computer, with pretend people around it."""

from console.demo.play import demo

__all__ = ["demo"]
