"""One file for each step. Steps only go forward; a test holds their sum against `store.schema`."""
