"""Which of several selections of tracks is used more."""
