"""One program under test: where it runs, what it prints, what can be seen of it from outside."""
