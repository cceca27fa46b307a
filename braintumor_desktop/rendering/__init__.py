"""Arrays in, arrays out: what is shown of a slice. No Qt, no matplotlib."""
