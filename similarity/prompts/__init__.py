"""Whom a prompt names: texts to enrolled creators."""
