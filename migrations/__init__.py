"""Changes of stored data and indexes, each made once, in the order of their names.

A migration is a file `mYYYYMMDD_NNNN_what_it_does.py` with `async def up(db)` and `async def down(db)`, both safe to
run twice: a process may be killed between the change and its record.
"""
