"""The ledger: who is enrolled, by whose consent, with which works. The truth of an index."""

from similarity.gallery.ledger.ledger import Ledger

__all__ = ["Ledger"]
