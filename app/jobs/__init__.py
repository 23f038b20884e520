"""What runs by itself: schedules and the leases that make each run happen once."""
