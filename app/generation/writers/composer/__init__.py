"""The embedded default writer: facts → selection → grouping → wording → snippet, by listed rules alone."""

from app.generation.writers.composer.caps import Caps, check_caps
from app.generation.writers.composer.rules import RULES, RuleMisused, apply, replay
from app.generation.writers.composer.writer import Composer

__all__ = ["RULES", "Caps", "Composer", "RuleMisused", "apply", "check_caps", "replay"]
