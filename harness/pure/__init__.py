"""Pure floor: events and failures in, values and sentences out; no input, no output."""
