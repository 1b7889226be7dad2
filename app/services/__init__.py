"""The documented doorway: what the scaling guide imports. No logic lives here."""
