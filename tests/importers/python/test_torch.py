"""What functions and modules of torch give, as torch 2.14 does."""

from __future__ import annotations

import pytest

from shapecalc.errors import ShapeError
from shapecalc.importers.python.program import Program
from shapecalc.importers.python.values import Unknown
from tests.importers.python.reading import names, shapes, traced

GIVEN = [
    ("torch.cdist(torch.zeros(2, 5, 6), torch.zeros(2, 7, 6))", (2, 5, 7)),
    ("torch.tensordot(torch.zeros(2, 3, 4), torch.zeros(4, 5), dims=1)", (2, 3, 5)),
    ("torch.tensordot(torch.zeros(2, 3, 4), torch.zeros(3, 5), dims=([1], [0]))", (2, 4, 5)),
    ("torch.outer(torch.zeros(3), torch.zeros(4))", (3, 4)),
    ("torch.inner(torch.zeros(2, 3), torch.zeros(5, 3))", (2, 5)),
    ("torch.kron(torch.zeros(2, 3), torch.zeros(4, 5))", (8, 15)),
    ('torch.meshgrid(torch.zeros(2), torch.zeros(3), indexing="xy")[0]', (3, 2)),
    ("torch.broadcast_tensors(torch.zeros(2, 1), torch.zeros(3))[1]", (2, 3)),
    ("torch.broadcast_to(torch.zeros(3), (2, 3))", (2, 3)),
    ("torch.addmm(torch.zeros(4), torch.zeros(2, 3), torch.zeros(3, 4))", (2, 4)),
    ("torch.baddbmm(torch.zeros(1), torch.zeros(2, 3, 4), torch.zeros(2, 4, 5))", (2, 3, 5)),
    ("torch.addcmul(torch.zeros(2, 3), torch.zeros(3), torch.zeros(2, 1))", (2, 3)),
    ("torch.zeros(2, 10, 3).unfold(1, 4, 2)", (2, 4, 3, 4)),
    ("torch.diag(torch.zeros(3))", (3, 3)),
    ("torch.diag_embed(torch.zeros(2, 3))", (2, 3, 3)),
    ("torch.zeros(2, 3).t()", (3, 2)),
    ('torch.div(torch.zeros(2, 3), 2, rounding_mode="floor")', (2, 3)),
    ('torch.zeros(2, 3).div(torch.zeros(3), rounding_mode="trunc")', (2, 3)),
    ("torch.hstack([torch.zeros(2, 3), torch.zeros(2, 4)])", (2, 7)),
    ("torch.vstack((torch.zeros(3), torch.zeros(3)))", (2, 3)),
    ("torch.dstack((torch.zeros(2, 3), torch.zeros(2, 3)))", (2, 3, 2)),
    ("torch.atleast_2d(torch.zeros(3))", (1, 3)),
    ("torch.zeros(2, 3).ravel()", (6,)),
    ("torch.multinomial(torch.ones(2, 5), num_samples=3, replacement=True)", (2, 3)),
    ("torch.ones(2, 5, 4).any(dim=1)", (2, 4)),
    ("torch.count_nonzero(torch.zeros(2, 3), dim=0)", (3,)),
    ("torch.std_mean(torch.zeros(2, 3), dim=1)[1]", (2,)),
    ("torch.zeros(2, 3).median(dim=1)[0]", (2,)),
    ("torch.zeros(2, 3).median()", ()),
    ("torch.kthvalue(torch.zeros(2, 3), 2)[1]", (2,)),
    ("torch.mode(torch.zeros(2, 3))[0]", (2,)),
    ("torch.quantile(torch.zeros(4, 3), torch.zeros(2), dim=0, keepdim=True)", (2, 1, 3)),
    ("torch.cummax(torch.zeros(2, 3), dim=1)[0]", (2, 3)),
    ("torch.view_as_real(torch.fft.fft(torch.zeros(2, 8)))", (2, 8, 2)),
    ("torch.fft.rfft(torch.zeros(2, 9), dim=1)", (2, 5)),
    ("torch.fft.irfft(torch.fft.rfft(torch.zeros(2, 8)))", (2, 8)),
    ("torch.linalg.svd(torch.zeros(2, 3, 4), full_matrices=False)[0]", (2, 3, 3)),
    ("torch.linalg.norm(torch.zeros(2, 3), dim=1)", (2,)),
    ("torch.zeros(3, 4).scatter(1, torch.zeros(3, 2, dtype=torch.long), torch.ones(3, 2))", (3, 4)),
    ("torch.zeros(3, 4).gather(1, torch.zeros(3, 2, dtype=torch.long))", (3, 2)),
    ("torch.zeros(3, 4).index_select(1, torch.tensor([0, 2, 1]))", (3, 3)),
    ("torch.take_along_dim(torch.zeros(3, 4), torch.zeros(3, 2, dtype=torch.long), dim=1)", (3, 2)),
    ("torch.searchsorted(torch.zeros(9), torch.zeros(2, 3))", (2, 3)),
    (
        "torch.nn.functional.grid_sample(torch.zeros(2, 3, 8, 8), torch.zeros(2, 5, 6, 2))",
        (2, 3, 5, 6),
    ),
    (
        "torch.nn.functional.affine_grid(torch.zeros(2, 2, 3), torch.Size((2, 3, 8, 9)))",
        (2, 8, 9, 2),
    ),
    ("torch.sparse.mm(torch.zeros(3, 4), torch.zeros(4, 5))", (3, 5)),
    ("torch.zeros(4, 6, 7)[torch.arange(4), torch.zeros(4, dtype=torch.long)]", (4, 7)),
    ("torch.zeros(4, 6, 7)[:, [0, 2, 3]]", (4, 3, 7)),
    ("torch.zeros(4, 6, 7)[:, 2, torch.zeros(5, dtype=torch.long)]", (4, 5)),
    (
        "torch.zeros(4, 6, 7)[torch.zeros(5, dtype=torch.long), :, torch.zeros(5, dtype=torch.long)]",
        (5, 6),
    ),
    (
        "torch.zeros(4, 6, 7)[torch.zeros(5, 1, dtype=torch.long), torch.zeros(3, dtype=torch.long)]",
        (5, 3, 7),
    ),
    ("torch.zeros(4, 6, 7)[..., [1, 2]]", (4, 6, 2)),
    ('torch.nn.Upsample(None, 2, "nearest")(torch.zeros(1, 2, 3, 4))', (1, 2, 6, 8)),
    (
        "torch.nn.utils.rnn.pad_sequence([torch.zeros(3, 5), torch.zeros(7, 5)], batch_first=True)",
        (2, 7, 5),
    ),
    ("torch.distributions.Normal(torch.zeros(3, 2), torch.ones(2)).rsample((4,))", (4, 3, 2)),
    ("torch.distributions.Categorical(logits=torch.zeros(3, 5)).sample()", (3,)),
    ("torch.distributions.Categorical(torch.ones(3, 5)).log_prob(torch.zeros(3))", (3,)),
    ("torch.distributions.Categorical(torch.ones(3, 5)).entropy()", (3,)),
    (
        "torch.distributions.kl_divergence(torch.distributions.Normal(torch.zeros(3), torch.ones(3)), torch.distributions.Normal(torch.zeros(3), torch.ones(3)))",
        (3,),
    ),
]


@pytest.mark.parametrize(("expression", "shape"), GIVEN)
def test_a_function_gives_the_shape_that_torch_gives(
    expression: str, shape: tuple[int, ...]
) -> None:
    assert names(f"import torch\nfound = {expression}\n")["found"].shape == shape


def model(init: str, forward: str, call: str) -> str:
    """Write a module with these lines, and a call of it."""
    lines = [
        "import torch",
        "from torch import nn",
        "import torch.nn.functional as F",
        "class Net(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        {line}" for line in init.splitlines()),
        "    def forward(self, x):",
        *(f"        {line}" for line in forward.splitlines()),
        "net = Net()",
        call,
    ]
    return "\n".join(lines)


CALL = "net(torch.zeros(2, 10, 32))"


@pytest.mark.parametrize(
    "forward",
    [
        "y = x.transpose(1, 2)\nreturn y.view(2, -1)",
        "y = x.view(2, 10, 4, 8).transpose(1, 2)\nreturn y.view(2, 10, 32)",
        "return x[:, :, :4].view(2, -1)",
        "y = x.permute(0, 2, 1).unsqueeze(1)\nreturn y.view(2, 320)",
        ("q = x.view(2, 10, 4, 8).transpose(1, 2)\ny = (q @ q.mT @ q).transpose(1, 2)\n"
         "return y.view(2, 10, -1)"),
        "y, _ = self.rnn(x)\nreturn y.view(2, -1)",
        "y = x.unsqueeze(1).expand(2, 3, 10, 32)\nreturn y.view(6, 10, 32)",
        "y = x.transpose(1, 2).relu() * 2\nreturn y.view(2, -1)",
        "y = x.transpose(1, 2) + x.transpose(1, 2)\nreturn y.view(2, -1)",
    ],
)  # fmt: skip
def test_view_needs_numbers_in_a_row(forward: str) -> None:
    text = model("self.rnn = nn.GRU(32, 8, batch_first=True)", forward, CALL)
    program = Program(text, "model.py")
    with pytest.raises(ShapeError, match="is not contiguous") as caught:
        program.networks({}, {})
    assert caught.value.place is not None
    assert caught.value.place.text.strip() == forward.splitlines()[-1]
    (mended,) = program.rewritten()
    assert ".reshape(" in mended.change
    assert mended.networks({}, {})


@pytest.mark.parametrize(
    ("forward", "shape"),
    [
        ("return x.transpose(1, 2).contiguous().view(2, -1)", "2,320"),
        ("return x.transpose(1, 2).reshape(2, -1).view(640)", "640"),
        ("return x.view(2, 10, 4, 8).transpose(1, 2).transpose(1, 2).view(2, 10, 32)", "2,10,32"),
        ("return x[:, 3].view(2, 4, 8)", "2,4,8"),
        ("return x.transpose(0, 1).view(10, 2, 4, 8)", "10,2,4,8"),
        ("return self.fc(x.transpose(0, 1)).view(10, -1)", "10,10"),
        ("return x[:1].transpose(0, 1).view(320)", "320"),
        ("y, h = self.rnn(x)\nreturn y[:, -1].view(2, 4, 2), h.view(2, 8)", "2,4,2; 2,8"),
        ("return (x.transpose(1, 2) * 2).transpose(1, 2).view(2, -1)", "2,320"),
        ("return x.transpose(1, 2).softmax(-1).view(2, -1)", "2,320"),
        ("return (x[:, :, ::2] * 2).view(2, -1)", "2,160"),
        ("return x.narrow(1, 2, 3).unsqueeze(-1).view(2, 3, 32)", "2,3,32"),
    ],
)
def test_view_of_numbers_in_a_row(forward: str, shape: str) -> None:
    init = "self.rnn = nn.GRU(32, 8, batch_first=True)\nself.fc = nn.Linear(32, 5)"
    assert shapes(model(init, forward, CALL)) == shape


def test_tied_weights_count_once() -> None:
    init = "self.emb = nn.Embedding(50, 32)\nself.out = nn.Linear(32, 50)\n"
    words = "net(torch.zeros(2, 10, dtype=torch.long))"
    forward = "return self.out(self.emb(x))"
    tie = "self.out.weight = self.emb.weight"
    assert traced(model(init, forward, words)).params == 50 * 32 * 2 + 50
    assert traced(model(init + tie, forward, words)).params == 50 * 32 + 50
    bias = "self.bias = nn.Parameter(torch.zeros(50))\nself.out.bias = self.bias"
    assert traced(model(init + bias, forward, words)).params == 50 * 32 * 2 + 50


def test_hooks_see_and_change_what_a_module_gives() -> None:
    init = (
        "self.fc = nn.Linear(32, 6)\nself.kept = {}\n"
        "self.fc.register_forward_pre_hook(lambda module, args: (args[0][:, :4],))\n"
        "self.fc.register_forward_hook(self.keep)"
    )
    forward = "self.fc(x)\nreturn self.kept['fc']\n"
    more = "\n    def keep(self, module, args, output):\n        self.kept['fc'] = output"
    assert shapes(model(init, forward, CALL).replace("\nnet = ", f"{more}\nnet = ")) == "2,4,6"
    removed = init.replace("self.fc.register_forward_pre", "h = self.fc.register_forward_pre")
    text = model(f"{removed}\nh.remove()", forward, CALL)
    assert shapes(text.replace("\nnet = ", f"{more}\nnet = ")) == "2,10,6"


def test_packed_sequences_are_read_as_padded_ones() -> None:
    forward = (
        "p = nn.utils.rnn.pack_padded_sequence(x, torch.tensor([7, 3]), batch_first=True)\n"
        "p, (h, c) = self.rnn(p)\n"
        "y, lengths = nn.utils.rnn.pad_packed_sequence(p, batch_first=True)\n"
        "return y, h, lengths"
    )
    text = model("self.rnn = nn.LSTM(32, 8, 2, batch_first=True)", forward, CALL)
    assert shapes(text) == "2,7,8; 2,2,8; 2"


def test_how_much_a_mask_takes_is_a_letter() -> None:
    assert shapes(model("pass", "return x[x.sum(-1) > 0]", CALL)) == "K,32"
    assert shapes(model("pass", "m = x[..., 0] != 0\nreturn x[m.long()[0]]", CALL)) == "10,10,32"


def test_an_output_that_is_not_known_is_noted() -> None:
    text = model("pass", "return x, unknown_package.function(x)", CALL)
    network = traced(f"import unknown_package\n{text}").network
    assert any("unknown_package.function" in note.message for note in network.source.notes)


def test_lightning_keeps_what_a_constructor_gets() -> None:
    text = """
        import torch
        from torch import nn
        from lightning import LightningModule
        class Net(LightningModule):
            def __init__(self, width, classes=4):
                super().__init__()
                self.save_hyperparameters()
                self.fc = nn.Linear(self.hparams.width, self.hparams["classes"])
            def forward(self, x):
                return self.fc(x)
        Net(32)(torch.zeros(2, 32))
        """
    assert shapes(text) == "2,4"


def test_a_module_whose_base_was_not_made_takes_no_modules() -> None:
    text = model("pass", "return self.fc(x)", CALL)
    text = text.replace("super().__init__()", "self.fc = nn.Linear(32, 4)")
    with pytest.raises(ShapeError, match=r"before Module\.__init__") as caught:
        traced(text)
    assert caught.value.place is not None
    assert caught.value.place.line == 6


def test_super_with_its_class_is_that_of_python() -> None:
    text = """
        import torch
        from torch import nn
        class Base(nn.Module):
            def __init__(self, width):
                super(Base, self).__init__()
                self.fc = nn.Linear(8, width)
        class Net(Base):
            def __init__(self, width):
                super(Net, self).__init__(2 * width)
            def forward(self, x):
                return self.fc(x)
        Net(5)(torch.zeros(3, 8))
        """
    assert shapes(text) == "3,10"


def test_a_table_of_vectors_is_an_embedding() -> None:
    init = "self.emb = nn.Embedding.from_pretrained(torch.zeros(50, 6), freeze=False)"
    found = traced(model(init, "return self.emb(x)", "net(torch.zeros(2, 4, dtype=torch.long))"))
    assert list(found.outputs) == [(2, 4, 6)]
    assert found.params == 300


def test_of_two_ways_one_that_fails_is_not_gone() -> None:
    forward = "d = 4\nwide = d() if unknown_package.is_function(d) else d\nreturn x[..., :wide]"
    text = f"import unknown_package\n{model('pass', forward, CALL)}"
    assert shapes(text) == "2,10,4"


def test_parameters_are_those_of_layers_that_have_some() -> None:
    init = (
        "self.body = nn.Sequential(nn.Flatten(), nn.LazyLinear(4), nn.ReLU(), nn.Linear(4, 2))\n"
        "self.count = len(list(self.parameters()))"
    )
    text = model(init, "return self.body(x)[:, :1].expand(-1, self.count)", CALL)
    assert shapes(text) == "2,2"


def test_what_a_layer_refuses_may_be_caught_and_another_layer_be_applied() -> None:
    text = """
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.wide = nn.Linear(8, 4)
                self.narrow = nn.Linear(6, 4)
                self.out = nn.Linear(4, 2)

            def forward(self, x):
                try:
                    x = self.wide(x)
                except RuntimeError:
                    x = self.narrow(x)
                return self.out(torch.relu(x))

        Net()(torch.zeros(3, 6))
    """
    trace = traced(text)
    assert [row.name for row in trace.layers] == ["narrow", "relu", "out", "wide"]
    assert trace.outputs == [(3, 2)]
    assert sum(row.params for row in trace.layers) == 28 + 10 + 36


def test_a_module_may_choose_its_forward_when_it_is_made() -> None:
    text = """
        import torch
        from torch import nn

        class Part(nn.Module):
            def __init__(self, kind):
                super().__init__()
                self.fc = nn.Linear(3, 5)
                self.forward = self.wide if kind == "wide" else self.plain

            def wide(self, x):
                return self.fc(x)

            def plain(self, x):
                return x

        net = nn.Sequential(Part("plain"), Part("wide"))
        net(torch.zeros(2, 3))
    """
    assert shapes(text) == "2,5"


def test_a_module_that_gets_unknown_parts_may_have_any_attribute() -> None:
    text = """
        import stages
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                for each in [stages.first(), stages.second()]:
                    self.add_module(*each)
                self.add_module(stages.name(), nn.ReLU())
                self.fc = nn.Linear(3, 2)

            def forward(self, x):
                return self.fc(x), self.layer1(x)

        net = Net()
        net(torch.zeros(4, 3))
    """
    assert shapes(text) == "4,2"


def test_a_function_with_a_gradient_of_its_own_gives_what_its_forward_gives() -> None:
    text = """
        import torch
        from torch import nn
        class Turn(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, factor):
                ctx.save_for_backward(x)
                ctx.factor = factor
                return x.transpose(0, 1)
            @staticmethod
            def backward(ctx, gradient):
                return ctx.factor * gradient.t(), None
        class Net(nn.Module):
            def forward(self, x):
                return Turn.apply(x, 2.0)
        Net()(torch.zeros(3, 4))
    """
    assert shapes(text) == "4,3"


def test_a_text_is_formatted_with_a_tensor() -> None:
    text = "import torch\nx = ('%.2f' % torch.zeros(()), '%s %d' % (torch.zeros(3), 4))\n"
    assert all(isinstance(each, Unknown | str) for each in names(text)["x"])
