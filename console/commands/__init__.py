"""The commands of `deskwire`: arguments only; what each does stands in a module of `console` that is called so."""
