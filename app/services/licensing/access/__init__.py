"""Under which set-up, quota and breaker a provider is called."""
