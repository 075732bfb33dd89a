"""The counter: an agent fills any form in a resident's name, with their consent, and gives them a receipt on paper."""
