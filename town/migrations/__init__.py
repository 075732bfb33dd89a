"""One history of the tables, run over every municipality."""
