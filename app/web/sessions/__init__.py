"""Sessions of people: kept by the server, found by a random id that only the browser holds."""

from app.web.sessions.opening import open_sessions
from app.web.sessions.port import Session, Sessions, SessionsAway, key_of

__all__ = ["Session", "Sessions", "SessionsAway", "key_of", "open_sessions"]
