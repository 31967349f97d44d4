"""The records that are kept: events, what follows from them, and what is to be sent."""
