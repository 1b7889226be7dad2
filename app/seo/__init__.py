"""The analyser: on-page checks, each a measured number against a stated threshold."""
