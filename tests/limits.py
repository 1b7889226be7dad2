"""Limits that tests do not meet: they ask as fast as the machine lets them, all from one address."""

UNMET = dict.fromkeys(
    (
        "APP_LIMITS__ADDRESS_PER_MINUTE",
        "APP_LIMITS__KEY_PER_MINUTE",
        "APP_LIMITS__PERSON_PER_MINUTE",
    ),
    "1000000",
)
"""Variables for an instance. Tests of the limits set their own over these."""
