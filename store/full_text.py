"""How the words of messages are indexed: by an FTS5 table on SQLite, by a GIN index on PostgreSQL.

Words are looked up by their beginnings, and never inside. An index of trigrams would find them there too, and costs
several times as much for each message that comes in (with 100 words 0.5 ms, where this one takes less than 0.1 ms).
"""

# On PostgreSQL: the words as they are, which no parser or dictionary of the server touches.
# https://www.postgresql.org/docs/18/functions-textsearch.html
ON_POSTGRESQL = "CREATE INDEX ix_texts_words ON texts USING gin (array_to_tsvector(string_to_array(words, ' ')))"

# On SQLite: an index beside table `texts`, which triggers keep. `ascii` takes all that is not ASCII for letters, so
# that words are parted by their spaces alone; detail=none keeps no positions (sqlite.org/fts5.html, 4.3 to 4.6).
_TABLE = """CREATE VIRTUAL TABLE texts_index
USING fts5(words, content='texts', content_rowid='id', tokenize='ascii', detail=none, columnsize=0)"""
_ADDED = """CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN
INSERT INTO texts_index(rowid, words) VALUES (new.id, new.words);
END"""
_REMOVED = """CREATE TRIGGER texts_removed AFTER DELETE ON texts BEGIN
INSERT INTO texts_index(texts_index, rowid, words) VALUES ('delete', old.id, old.words);
END"""

# What makes each part of it, and what takes it away before its table goes.
ON_SQLITE = (
    (_TABLE, "DROP TABLE texts_index"),
    (_ADDED, "DROP TRIGGER texts_added"),
    (_REMOVED, "DROP TRIGGER texts_removed"),
)
