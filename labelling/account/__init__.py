"""What an account's history says, over time and over many works."""
