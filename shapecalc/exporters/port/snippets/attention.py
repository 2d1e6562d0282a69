"""Attention as Keras computes it."""

from __future__ import annotations

from typing import Final

ATTENTION: Final[dict[str, str]] = {
    "attend": '''
def attend(query, key, value, causal=False, window=None, dropout=0.0):
    """Mix values by how alike query and key are; return the mix, and the shares."""
    scores = query @ key.mT / query.shape[-1] ** 0.5
    rows = torch.arange(scores.shape[-2], device=scores.device)[:, None]
    columns = torch.arange(scores.shape[-1], device=scores.device)
    if causal:
        scores = scores.masked_fill(columns > rows, float("-inf"))
    if window is not None:
        far = (rows - columns).abs() >= window
        scores = scores.masked_fill(far, float("-inf"))
    shares = torch.softmax(scores, dim=-1)
    return F.dropout(shares, dropout, dropout > 0) @ value, shares
''',
    "MultiHeadAttention": '''
class MultiHeadAttention(nn.Module):
    """Attention with heads of any size, of which groups may share a key and a value."""

    def __init__(
        self,
        sizes,
        heads,
        key_dim,
        value_dim,
        output,
        groups=None,
        bias=True,
        gate=False,
        window=None,
        dropout=0.0,
    ):
        super().__init__()
        query, value, key = sizes
        groups = heads if groups is None else groups
        self.heads, self.groups = heads, groups
        self.window, self.dropout = window, dropout
        self.query = nn.Linear(query, heads * key_dim, bias=bias)
        self.key = nn.Linear(key, groups * key_dim, bias=bias)
        self.gate = nn.Linear(query, heads * value_dim, bias=bias) if gate else None
        self.value = nn.Linear(value, groups * value_dim, bias=bias)
        self.output = nn.Linear(heads * value_dim, output, bias=bias)

    def split(self, x, heads):
        return x.unflatten(-1, (heads, -1)).transpose(1, 2)

    def forward(self, query, value, key, causal=False, scores=False):
        q = self.split(self.query(query), self.heads)
        k = self.split(self.key(key), self.groups)
        v = self.split(self.value(value), self.groups)
        k = k.repeat_interleave(self.heads // self.groups, dim=1)
        v = v.repeat_interleave(self.heads // self.groups, dim=1)
        dropout = self.dropout if self.training else 0.0
        x, shares = attend(q, k, v, causal, self.window, dropout)
        x = x.transpose(1, 2).flatten(2)
        if self.gate is not None:
            x = x * torch.sigmoid(self.gate(query))
        x = self.output(x)
        return (x, shares) if scores else x
''',
    "Attention": '''
class Attention(nn.Module):
    """Attention without heads, by products (dot) or sums (concat, additive) of features."""

    def __init__(self, mode="dot", scale=None, dropout=0.0):
        super().__init__()
        self.mode, self.dropout = mode, dropout
        self.scale = None if scale is None else nn.Parameter(torch.ones(scale))
        self.weight = nn.Parameter(torch.ones(())) if mode == "concat" else None

    def compare(self, query, key):
        scale = 1.0 if self.scale is None else self.scale
        if self.mode == "dot":
            return query @ key.mT * scale
        total = query.unsqueeze(-2) + key.unsqueeze(-3)
        if self.mode == "additive":
            return (scale * torch.tanh(total)).sum(-1)
        return self.weight * torch.tanh(scale * total).sum(-1)

    def forward(self, query, value, key, causal=False, scores=False):
        compared = self.compare(query, key)
        if causal:
            rows = torch.arange(compared.shape[-2], device=query.device)[:, None]
            columns = torch.arange(compared.shape[-1], device=query.device)
            compared = torch.where(columns > rows, compared - 1e9, compared)
        shares = torch.softmax(compared, dim=-1)
        x = F.dropout(shares, self.dropout, self.training) @ value
        return (x, shares) if scores else x
''',
}
