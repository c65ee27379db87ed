"""Machine floor: the files that touch processes and sockets."""
