"""What functions of torch give that few programs call, recorded from torch 2.14."""

from __future__ import annotations

from typing import Any

import pytest

from shapecalc.errors import ShapeError, SpecError
from shapecalc.importers.python.layers import flat
from shapecalc.importers.python.program import Program
from shapecalc.importers.python.values import Unknown
from tests.importers.python.reading import names, traced

#: Of ``x`` (2, 4, 6, 6), ``m`` (4, 7) and ``w`` (2, 400).
RECORDED = [
    ("F.lp_pool2d(x, 2, 2)", [(2, 4, 3, 3)]),
    ("F.max_pool2d(x, 2, return_indices=True)", [(2, 4, 3, 3), (2, 4, 3, 3)]),
    ("F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2)", [(2, 4, 6, 6)]),
    ("F.channel_shuffle(x, 2)", [(2, 4, 6, 6)]),
    ("F.relu_(x)", [(2, 4, 6, 6)]),
    ("F.leaky_relu_(x, 0.2)", [(2, 4, 6, 6)]),
    ("torch.less(x, x)", [(2, 4, 6, 6)]),
    ("torch.moveaxis(x, 1, -1)", [(2, 6, 6, 4)]),
    ("x.swapdims(1, 2)", [(2, 6, 4, 6)]),
    ("torch.split_with_sizes(x, [2, 2], 1)", [(2, 2, 6, 6), (2, 2, 6, 6)]),
    ("x.split_with_sizes([1, 3], dim=1)", [(2, 1, 6, 6), (2, 3, 6, 6)]),
    ("torch.tril_indices(5, 5, -1)", [(2, 10)]),
    ("torch.triu_indices(4, 6, offset=1)", [(2, 14)]),
    ("torch.stft(w, 64, 16, window=torch.hann_window(64), return_complex=True)", [(2, 33, 26)]),
    ("torch.stft(w, n_fft=64, hop_length=16, center=False, return_complex=True).abs()", [(2, 33, 22)]),
    ("torch.tensor_split(m, 3, dim=1)", [(4, 3), (4, 2), (4, 2)]),
    ("torch.tensor_split(m, (2, 5), dim=1)", [(4, 2), (4, 3), (4, 2)]),
    ("torch.rot90(x, 1, [2, 3])", [(2, 4, 6, 6)]),
    ("torch.rot90(m)", [(7, 4)]),
    ("F.bilinear(m, m, torch.randn(3, 7, 7))", [(4, 3)]),
    ("F.embedding_bag(torch.randint(0, 5, (4, 3)), torch.randn(5, 8))", [(4, 8)]),
    ("F.embedding_bag(torch.randint(0, 5, (10,)), torch.randn(5, 8), torch.tensor([0, 4, 6]))", [(3, 8)]),
    ("torch.diff(m, dim=1)", [(4, 6)]),
    ("torch.diff(m)", [(4, 6)]),
    ("torch.histc(m, 12)", [(12,)]),
    ("torch.cartesian_prod(torch.arange(3), torch.arange(4))", [(12, 2)]),
    ("torch.cov(m)", [(4, 4)]),
    ("torch.linalg.slogdet(torch.randn(3, 4, 4))", [(3,), (3,)]),
    ("m.adjoint()", [(7, 4)]),
    ("torch.pinverse(m)", [(7, 4)]),
    ("F.triplet_margin_loss(m, m, m)", [()]),
    ("F.cosine_embedding_loss(m, m, torch.ones(4))", [()]),
    ("F.margin_ranking_loss(m, m, torch.ones(4, 7))", [()]),
    ("F.poisson_nll_loss(m, m)", [()]),
    ("F.gaussian_nll_loss(m, m, torch.ones(4, 7))", [()]),
    ("m.new_full((3, 2), 1.5)", [(3, 2)]),
    ("m.index_put((torch.tensor([0, 1]),), torch.zeros(7))", [(4, 7)]),
    ("torch.isin(m, torch.tensor([1., 2.]))", [(4, 7)]),
    ("F.pdist(m)", [(6,)]),
    ("m.unsafe_chunk(2, 1)", [(4, 4), (4, 3)]),
    ("torch.arctan2(m, m)", [(4, 7)]),
    ("torch.linalg.vector_norm(m, dim=-1, keepdim=True)", [(4, 1)]),
    ("F.interpolate(x, scale_factor=1.7, mode='bilinear', align_corners=False)", [(2, 4, 10, 10)]),
    ("torch.block_diag(m, m)", [(8, 14)]),
    ("F.adaptive_max_pool2d(x, 2, return_indices=True)", [(2, 4, 2, 2), (2, 4, 2, 2)]),
    ("torch.logspace(0, 1, 6)", [(6,)]),
    ("torch.special.expit(m)", [(4, 7)]),
    ("torch.column_stack((m, m[:, 0]))", [(4, 8)]),
    ("torch.trapz(m)", [(4,)]),
    ("torch.square(m).mean(0, True)", [(1, 7)]),
    ("torch.arange(5, 0, -1)", [(5,)]),
    ("m.max(0).values", [(7,)]),
    ("torch.min(m, 1).indices", [(4,)]),
    ("torch.addmv(torch.zeros(4), m, torch.randn(7))", [(4,)]),
    ("torch.mv(m, torch.randn(7))", [(4,)]),
    ("torch.dot(torch.randn(3), torch.randn(3))", [()]),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "shapes"), RECORDED)
def test_a_function_gives_what_torch_gives(expression: str, shapes: list[tuple[int, ...]]) -> None:
    made = names(f"""
        import torch
        import torch.nn.functional as F
        x, m, w = torch.randn(2, 4, 6, 6), torch.randn(4, 7), torch.randn(2, 400)
        given = {expression}
        """)["given"]
    assert [each.shape for each in flat(made)] == shapes


@pytest.mark.parametrize(
    "product",
    [
        "torch.mv(m, torch.randn(6))",
        "torch.dot(torch.randn(3), torch.randn(4))",
        "torch.cdist(m, torch.randn(3, 6))",
        "torch.spmm(m, m)",
        "torch.addmm(torch.zeros(3), m, torch.randn(6, 3))",
        "torch.tensordot(m, m, dims=1)",
    ],
)
def test_a_product_over_sizes_that_differ_is_refused(product: str) -> None:
    text = "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def forward(self, m):\n"
    text += f"        return {product}\nNet()(torch.zeros(4, 7))\n"
    with pytest.raises(ShapeError) as caught:
        Program(text, "model.py").networks({}, {})
    assert caught.value.place is not None
    assert caught.value.place.line == 5


def test_an_index_that_is_not_known_leaves_what_is_gathered_unknown() -> None:
    """It is a tensor all the same, wherever it stands."""
    found = names("import torch, other\nx = torch.zeros(10).gather(-1, other.places())")
    assert isinstance(found["x"], Unknown)


@pytest.mark.parametrize(
    ("call", "step"),
    [
        ("torch.exp(x)", "exp"),
        ("-x", "neg"),
        ("x.abs()", "abs"),
        ("torch.sqrt(x)", "sqrt"),
        ("x.square()", "square"),
        ("torch.lt(x, x)", "lt:@linear"),
    ],
)
def test_a_function_of_each_number_is_its_own_step(call: str, step: str) -> None:
    """Not another one that has the same shapes."""
    trace = traced(
        f"""
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.linear = nn.Linear(4, 8)

            def forward(self, x):
                x = self.linear(x)
                return {call}
        """,
        "N,4",
    )
    assert str(trace.network).rpartition(",")[2] == step


@pytest.mark.parametrize(
    ("call", "step"),
    [
        ("torch.log1p(x)", "log1p"),
        ("torch.tan(x)", "tan"),
        ("x.clip(0, 1)", "clamp:0:max=1"),
        ("torch.clamp_max(x, 2)", "clamp:max=2"),
        ("torch.isnan(x)", "isnan"),
        ("~(x > 1)", "logical_not"),
        ("torch.lt(x, 0.5)", "lt:0.5"),
        ("1 < x", "gt:1"),
        ("1 - x", "rsub:1"),
        ("abs(x)", "abs"),
        ("x % 3", "remainder:3"),
        ("x // 2", "floor_divide:2"),
        ("torch.where(x > 0, x, 0.0)", "where:@linear:other=0.0"),
        ("x < self.linear(x)", "lt:@linear_1"),
        ("torch.logical_and(x > 0, x < 1)", "logical_and:@lt"),
        ("torch.nn.functional.threshold(x, 0.1, 20)", "threshold:0.1:20"),
    ],
)
def test_a_function_and_an_operator_are_the_step_that_has_their_numbers(
    call: str, step: str
) -> None:
    """Not a sum, or an absolute value, that has the same shape."""
    assert str(_net(call).network).rpartition(",")[2] == step


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("torch.round(x, decimals=2)", "round"),
        ("torch.nn.functional.layer_norm(x, (8,))", "layer_norm"),
        ("torch.isclose(x, x, rtol=0.1)", "isclose"),
        ("2 / x", "truediv"),
        ("torch.lerp(x, x, 0.5)", "lerp"),
    ],
)
def test_a_function_that_no_step_is_has_its_name_and_no_spec(call: str, name: str) -> None:
    trace = _net(call)
    assert trace.network.layers[-1].called == name
    with pytest.raises(SpecError, match=f"{name} cannot be written in a spec"):
        str(trace.network)


def _net(call: str) -> Any:
    return traced(
        f"""
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.linear = nn.Linear(8, 8)

            def forward(self, x):
                x = self.linear(x)
                return {call}
        """,
        "N,8",
    )


@pytest.mark.parametrize(
    ("call", "step"),
    [("torch.sub(1, x)", "rsub:1"), ("torch.mul(2, x)", "mul:2"), ("torch.add(2, x)", "add:2")],
)
def test_a_function_may_have_its_number_first(call: str, step: str) -> None:
    assert str(_net(call).network).rpartition(",")[2] == step


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        ("torch.nn.functional.pad((1, 1), x)", "input"),
        ("torch.max(1, x)", "input"),
        ("torch.logical_and(1, x)", "input"),
        ("x.masked_fill(0.0, x > 0)", "mask"),
    ],
)
def test_a_number_that_stands_where_a_tensor_does_is_refused(call: str, argument: str) -> None:
    with pytest.raises(ShapeError, match=f"argument '{argument}' .* must be Tensor") as caught:
        _net(call)
    assert caught.value.place is not None
    assert caught.value.place.line == 12
