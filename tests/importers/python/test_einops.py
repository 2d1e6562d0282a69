"""einops: patterns, exact and in letters."""

from __future__ import annotations

import pytest
from importers.python.reading import shapes

from shapecalc.errors import ShapeError

_MODEL = """
import torch
from torch import nn
from einops import rearrange, reduce, repeat, einsum, parse_shape
from einops.layers.torch import Rearrange, Reduce

class Net(nn.Module):
    def forward(self, x):
        return {}

net = Net()
"""


def given(expression: str, shape: str) -> str:
    """What an expression of a tensor ``x`` gives for a shape."""
    return shapes(_MODEL.format(expression), shape)


@pytest.mark.parametrize(
    ("expression", "shape", "expected"),
    [
        ("rearrange(x, 'b c h w -> b (h w) c')", "N,3,8,6", "N,48,3"),
        ("rearrange(x, 'b (c k) h w -> b c k h w', k=2)", "N,6,H,W", "N,3,2,H,W"),
        ("rearrange(x, 'b c (h p) (w q) -> b (h w) (p q c)', p=4, q=4)", "2,3,32,16", "2,32,48"),
        ("rearrange(x, 'b t (h d) -> b h t d', h=8)", "N,T,512", "N,8,T,64"),
        ("rearrange(x, 'b ... c -> b c (...)')", "N,4,5,3", "N,3,20"),
        ("rearrange(x, '... (a b) -> ... b a', a=2)", "N,4,6", "N,4,3,2"),
        ("rearrange(x, 'b 1 w -> b w ()')", "N,1,5", "N,5,1"),
        ("rearrange([x, x], 'k b c -> b (k c)')", "N,5", "N,10"),
        ("reduce(x, 'b c h w -> b c', 'mean')", "N,3,H,W", "N,3"),
        ("reduce(x, 'b c (h 2) (w 2) -> b c h w', 'max')", "N,3,8,6", "N,3,4,3"),
        ("repeat(x, '1 1 d -> b n d', b=3, n=2)", "1,1,7", "3,2,7"),
        ("repeat(x, 'b d -> b (d 2)')", "N,7", "N,14"),
        ("einsum(x, x, 'b head i, b head j -> b head i j')", "N,2,T", "N,2,T,T"),
        ("x.view(parse_shape(x, 'b _ w')['w'], -1)", "2,3,7", "7,6"),
        ("nn.Sequential(Rearrange('b c h w -> b (c h w)'), nn.Linear(48, 5))(x)", "N,3,4,4", "N,5"),
        ("Reduce('b c h w -> b c', 'mean')(x)", "N,3,4,4", "N,3"),
    ],
)
def test_pattern(expression: str, shape: str, expected: str) -> None:
    """Each function and layer gives the axes behind the arrow."""
    assert given(expression, shape) == expected


@pytest.mark.parametrize(
    ("expression", "shape", "message"),
    [
        ("rearrange(x, 'b c h w -> b c')", "N,3,8,6", "names h, w only before the arrow"),
        ("rearrange(x, 'b c -> b c d')", "N,3", "names d only after the arrow"),
        ("rearrange(x, 'b c h w -> b (c h w)')", "N,3,8", "takes 4 axes for .*gets .N, 3, 8."),
        ("rearrange(x, 'b (c k) -> b c k', k=4)", "N,6", "cannot split 6 into .c k."),
        ("rearrange(x, 'b (c k) -> b c k')", "N,6", "cannot tell c and k"),
        ("rearrange(x, 'b (c k -> b c k')", "N,6", "leaves a bracket open"),
        ("rearrange(x, 'b ((c k)) -> b c k')", "N,6", "brackets in brackets"),
        ("rearrange(x, 'b b -> b')", "N,6", "names b twice"),
        ("rearrange(x, 'b c -> c b', k=3)", "N,6", "gets a length for k"),
        ("rearrange(x, 'b 1 -> b')", "N,6", "takes 1 of size 1, but the axis has 6"),
        ("repeat(x, 'b -> b c')", "6", "needs the length of c"),
        ("rearrange(x, 'b c')", "N,6", "takes a pattern like"),
        ("rearrange(x, 'b c -> b ' + 'c' * 5000)", "N,6", "takes a pattern like"),
    ],
)
def test_refused(expression: str, shape: str, message: str) -> None:
    """What does not fit is refused in words."""
    with pytest.raises(ShapeError, match=message) as caught:
        given(expression, shape)
    assert caught.value.place is not None
    assert caught.value.place.line == 9


def test_keras() -> None:
    """Keras has the layers too."""
    text = """
    import keras
    from einops.layers.keras import Rearrange
    x = keras.Input((8, 6, 3))
    y = keras.layers.Dense(4)(Rearrange("b h w c -> b (h w) c")(x))
    model = keras.Model(x, y)
    """
    assert shapes(text) == "B,48,4"
