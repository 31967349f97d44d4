"""The records that say what was found, and their words. Imports `core` alone, and nothing heavy."""
