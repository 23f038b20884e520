"""What counting a batch of events costs, against inserting its rows and nothing else."""
