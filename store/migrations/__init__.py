"""The steps by which the desk's tables came to be, oldest first; `store.migrate` takes them."""
