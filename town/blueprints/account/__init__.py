"""My account: joining with one's address, signing in and out, proving the address, what I show of myself."""
