"""Recurrent layers step by step, where PyTorch has no such cell."""

from __future__ import annotations

from typing import Final

RECURRENT: Final[dict[str, str]] = {
    "Cell": '''
class Cell(nn.Module):
    """The weights of a cell as Keras has them, and its activation functions."""

    gates = 1
    carried = 1

    def __init__(
        self,
        inputs,
        units,
        activation,
        recurrent=None,
        bias=1,
        dropout=0.0,
        recurrent_dropout=0.0,
    ):
        super().__init__()
        self.units, self.activation, self.recurrent = units, activation, recurrent
        self.dropout, self.recurrent_dropout = dropout, recurrent_dropout
        self.kernel = nn.Parameter(torch.empty(inputs, self.gates * units))
        self.recurrent_kernel = nn.Parameter(torch.empty(units, self.gates * units))
        nn.init.xavier_uniform_(self.kernel)
        nn.init.orthogonal_(self.recurrent_kernel)
        bias = torch.zeros(bias, self.gates * units) if bias else None
        self.bias = None if bias is None else nn.Parameter(bias)

    def start(self, x):
        return [x.new_zeros(x.shape[0], self.units) for _ in range(self.carried)]

    def biases(self):
        return (0.0, 0.0) if self.bias is None else (self.bias[0], self.bias[-1])

    def drops(self, x):
        """Return factors for inputs and states, which are the same at every step."""
        if not self.training:
            return None, None
        count = self.gates if self.recurrent_dropout else 1
        rates = (self.dropout, self.recurrent_dropout)
        drops = []
        for rate, size in zip(rates, (self.kernel.shape[0], self.units)):
            ones = x.new_ones(x.shape[0], size)
            each = [F.dropout(ones, rate) for _ in range(count)]
            drops.append(each * (self.gates // count) if rate else None)
        return drops

    def mixed(self, x, kernel, drops):
        if drops is None:
            return x @ kernel
        kernels = kernel.chunk(self.gates, dim=-1)
        return torch.cat([x * d @ k for d, k in zip(drops, kernels)], dim=-1)
''',
    "LSTMCell": '''
class LSTMCell(Cell):
    """One step of Keras's LSTM: gates i, f, c, o."""

    gates = 4
    carried = 2

    def forward(self, x, states, drops=(None, None)):
        hidden, memory = states
        z = self.mixed(x, self.kernel, drops[0]) + self.biases()[0]
        z = z + self.mixed(hidden, self.recurrent_kernel, drops[1])
        i, f, c, o = z.chunk(4, dim=-1)
        kept = self.recurrent(f) * memory
        memory = kept + self.recurrent(i) * self.activation(c)
        hidden = self.recurrent(o) * self.activation(memory)
        return hidden, [hidden, memory]
''',
    "GRUCell": '''
class GRUCell(Cell):
    """One step of Keras's GRU: gates z, r, h; the reset comes before the product."""

    gates = 3

    def forward(self, x, states, drops=(None, None)):
        (hidden,) = states
        z, r, h = (self.mixed(x, self.kernel, drops[0]) + self.biases()[0]).chunk(3, -1)
        kernels = self.recurrent_kernel.chunk(3, dim=-1)
        read = [hidden] * 3 if drops[1] is None else [hidden * d for d in drops[1]]
        z = self.recurrent(z + read[0] @ kernels[0])
        r = self.recurrent(r + read[1] @ kernels[1])
        h = self.activation(h + r * read[2] @ kernels[2])
        hidden = z * hidden + (1 - z) * h
        return hidden, [hidden]
''',
    "GRUCellResetAfter": '''
class GRUCellResetAfter(Cell):
    """One step of Keras's GRU: gates z, r, h; the reset comes after the product."""

    gates = 3

    def forward(self, x, states, drops=(None, None)):
        (hidden,) = states
        bias, recurrent_bias = self.biases()
        z, r, h = (self.mixed(x, self.kernel, drops[0]) + bias).chunk(3, dim=-1)
        inner = self.mixed(hidden, self.recurrent_kernel, drops[1]) + recurrent_bias
        inner_z, inner_r, inner_h = inner.chunk(3, dim=-1)
        z, r = self.recurrent(z + inner_z), self.recurrent(r + inner_r)
        hidden = z * hidden + (1 - z) * self.activation(h + r * inner_h)
        return hidden, [hidden]
''',
    "SimpleRNNCell": '''
class SimpleRNNCell(Cell):
    """One step of Keras's SimpleRNN."""

    def forward(self, x, states, drops=(None, None)):
        (hidden,) = states
        z = self.mixed(x, self.kernel, drops[0]) + self.biases()[0]
        z = z + self.mixed(hidden, self.recurrent_kernel, drops[1])
        hidden = self.activation(z)
        return hidden, [hidden]
''',
    "Steps": '''
class Steps(nn.Module):
    """Runs cells on top of each other over the steps of (batch, steps, features)."""

    def __init__(self, *cells):
        super().__init__()
        self.cells = nn.ModuleList(cells)

    def forward(self, x, states=None):
        if states is None:
            states = [state for cell in self.cells for state in cell.start(x)]
        states, outputs = list(states), []
        drops = [cell.drops(x) for cell in self.cells]
        for step in x.unbind(1):
            place = 0
            for cell, dropped in zip(self.cells, drops):
                own = slice(place, place + cell.carried)
                step, states[own] = cell(step, states[own], dropped)
                place = own.stop
            outputs.append(step)
        return torch.stack(outputs, dim=1), states
''',
}
