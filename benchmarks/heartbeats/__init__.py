"""The benchmark `heartbeats`: many open views, each with a beat every 15 seconds."""
