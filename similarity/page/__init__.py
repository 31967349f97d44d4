"""A picture for a person: an upload beside its nearest works."""

from similarity.page.page import Find, Picture, Subject, result_page

__all__ = ["Find", "Picture", "Subject", "result_page"]
