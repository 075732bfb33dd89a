"""Home: what happens in my street, my quarter and my town, newest first, and what is useful right now."""
