"""The service over HTTP: uploads are scored while their uploaders wait."""

from api.app import create_app
from api.opening import open_service
from api.service import Service

__all__ = ["Service", "create_app", "open_service"]
