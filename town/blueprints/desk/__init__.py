"""The desk: where the town hall opens its morning, on everything that waits for it."""
