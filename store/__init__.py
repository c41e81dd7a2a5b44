"""Everything that remembers: records, topics, bus, tables and blobs; imports nothing of ours."""
