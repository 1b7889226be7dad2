"""What the sources of a model's bytes share: how a pull fails."""


class PullFailed(Exception):
    """The model could not be had, and nothing wrong was kept. Says what to do."""
