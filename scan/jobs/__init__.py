"""Scans that were asked for of a service: each in a folder, one at a time on a machine."""

from scan.jobs.job import Job, JobRequest, JobState, JobStatus
from scan.jobs.queue import JobQueue, open_queue

__all__ = ["Job", "JobQueue", "JobRequest", "JobState", "JobStatus", "open_queue"]
