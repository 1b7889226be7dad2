"""`python -m app` is `ai-seo-blogger`."""

from app.cli import main

main()
