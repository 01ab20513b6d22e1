"""SQLite FTS5 with trigrams over the names: the usual answer to "search without a server". Needs nothing but Python."""
import csv as csv_
import os
import sqlite3

import machine


class Engine:
    name = "SQLite FTS5"

    def __init__(self, csv, geojson, scratch):
        file = os.path.join(scratch, "names.sqlite")
        if os.path.exists(file):
            os.remove(file)
        self.db, self.process = sqlite3.connect(file), os.getpid()
        self.db.execute("pragma cache_size=-500000")
        self.db.execute("pragma mmap_size=2000000000")
        self.db.execute("create virtual table ft using fts5(name, tokenize='trigram')")
        self.db.execute("create table ent(id integer primary key, name text)")
        with open(csv, encoding="utf-8") as f:
            rows = [(int(r["id"]), r["name"]) for r in csv_.DictReader(f)]
        self.db.executemany("insert into ft(rowid,name) values(?,?)", rows)
        self.db.executemany("insert into ent values(?,?)", rows)
        self.db.execute("insert into ft(ft) values('optimize')")
        self.db.commit()
        self.versions = f"SQLite {sqlite3.sqlite_version} FTS5 trigram"

    def mb(self):
        return machine.memory(self.process)

    def search(self, word):
        if len(word) < 3:  # a trigram index can't serve two characters
            asked = ("from ent where name like ?", f"%{word}%", "id")
        else:
            asked = ("from ft where ft match ?", f'"{word}"', "rowid")
        n = self.db.execute(f"select count(*) {asked[0]}", (asked[1],)).fetchone()[0]
        first = self.db.execute(f"select {asked[2]} {asked[0]} limit 20", (asked[1],)).fetchall()
        return {"count": n, "first": len(first)}

    def stop(self):
        self.db.close()
