"""The benchmark `fanout`: one song that changes without pause, and many who listen to its counts."""
