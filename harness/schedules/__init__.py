"""The deterministic world: schedules of threads explored on purpose, and random sessions."""
