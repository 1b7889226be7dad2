"""Grounding: does each sentence of an article stand in the source it cites?"""
