"""`from app.services.horizontal_scaling import horizontal_scaling`, as the scaling guide has it."""

from app.config import get_settings
from app.ops.scaling import HorizontalScaling

__all__ = ["horizontal_scaling"]

horizontal_scaling = HorizontalScaling(get_settings)
