"""HTTP: verbs, statuses, headers, query parameters."""
