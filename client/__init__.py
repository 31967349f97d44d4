"""A client of the service: typed answers, retries under one key, problems as exceptions."""

from client.answers import Appeal, Creator, NewWork, NewWorks, Problem, Scan, Score, Work
from client.client import Client
from client.errors import ClientError, NotReached, Refused, StillUndecided

__all__ = [
    "Appeal",
    "Client",
    "ClientError",
    "Creator",
    "NewWork",
    "NewWorks",
    "NotReached",
    "Problem",
    "Refused",
    "Scan",
    "Score",
    "StillUndecided",
    "Work",
]
