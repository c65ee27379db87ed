"""Results as other systems take them: one file for each of their formats."""
