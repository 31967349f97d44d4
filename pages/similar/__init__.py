"""A picture for a person: an upload beside its nearest works."""

from pages.similar.page import Find, Picture, Subject, result_page

__all__ = ["Find", "Picture", "Subject", "result_page"]
