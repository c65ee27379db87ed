"""What happened: the journal of a story, its transcript, and what is drawn from the seed."""
