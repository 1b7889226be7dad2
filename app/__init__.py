"""AI SEO Blogger: sourced articles from a keyword and its sources, on one process or many."""

__version__ = "0.1.0"
