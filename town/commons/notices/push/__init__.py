"""Push: a phone rings for whoever is signed in on it, or, without an account, for the notices of chosen places."""
