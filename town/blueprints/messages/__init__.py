"""Messages: my inbox, where the town hall's notices and what neighbours do with me arrive, and which e-mails I want."""
