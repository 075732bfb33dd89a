"""Facts about neighbours, the rules that count them, and the page that shows them elsewhere."""
