"""Breaks a fleet that writes articles, on purpose and repeatably, and measures what becomes of the work.

Real instances, a real PostgreSQL, and a real model server that logs every call it was paid for; `make chaos`.
"""
