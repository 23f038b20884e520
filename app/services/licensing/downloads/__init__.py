"""Orders of full files, worked off under the quotas."""
