"""A stand-in for the music providers: a real HTTP server that speaks their wire formats over generated tracks."""
