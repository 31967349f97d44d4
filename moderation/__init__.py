"""What happens to uploads and accounts: each act one transaction, from a command to its events."""
