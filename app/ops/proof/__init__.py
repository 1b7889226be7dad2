"""Proves through the instances themselves that no state lives in a process.

The half that asks is here and in `runner`; the half that every instance answers with is in `api`. What is
written for a proof carries a time to live, so that a proof that is killed cleans up too.
"""

from app.ops.proof.domain import Kind, Line, Report
from app.ops.proof.runner import Prover
from app.ops.proof.words import said_kind

__all__ = ["Kind", "Line", "Prover", "Report", "said_kind"]
