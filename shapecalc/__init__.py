"""shapecalc: what shape comes out of this layer?"""

from shapecalc.errors import ShapecalcError, ShapeError, SpecError

__all__ = ["ShapeError", "ShapecalcError", "SpecError"]
