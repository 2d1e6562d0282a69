"""Functions of tensors."""

from __future__ import annotations

from typing import Final

FUNCTIONS: Final[dict[str, str]] = {
    "pad_same": '''
def pad_same(x, kernel, stride, dilation=1, value=0.0):
    """Pad so that n places become n / stride, rounded up: one more behind if odd."""
    rank = x.dim() - 2
    given = (kernel, stride, dilation)
    numbers = [(n,) * rank if isinstance(n, int) else n for n in given]
    widths = []
    for size, k, s, d in reversed(list(zip(x.shape[2:], *numbers))):
        total = max(0, (-(-size // s) - 1) * s + (k - 1) * d + 1 - size)
        widths += [total // 2, total - total // 2]
    return F.pad(x, widths, value=value)
''',
    "mean_of": '''
def mean_of(pool, x, ones):
    """Return the means of windows in which the padding does not count."""
    return pool(x) / pool(ones)
''',
    "softmax_over": '''
def softmax_over(x, dims):
    """Return the softmax over several axes together."""
    return torch.exp(x - torch.logsumexp(x, dims, keepdim=True))
''',
    "bounded_relu": '''
def bounded_relu(x, threshold=0.0, slope=0.0, bound=None):
    """Return x above the threshold, up to the bound, and a slope below it."""
    above = torch.where(x > threshold, x, 0.0)
    above = above if bound is None else above.clamp(0.0, bound)
    return above - slope * torch.relu(threshold - x)
''',
    "sparse_plus": '''
def sparse_plus(x):
    """Return x above 1, 0 below -1, and a parabola between."""
    return torch.where(x <= -1, 0.0, torch.where(x < 1, (x + 1) ** 2 / 4, x))
''',
    "sparse_sigmoid": '''
def sparse_sigmoid(x):
    """Return 1 above 1, 0 below -1, and a line between."""
    return torch.clamp((x + 1) / 2, 0, 1)
''',
    "squareplus": '''
def squareplus(x):
    """Return a smooth form of relu."""
    return (x + torch.sqrt(x**2 + 4)) / 2
''',
    "sparsemax": '''
def sparsemax(x, dim):
    """Return what Keras calls sparsemax, whose threshold adds up running totals."""
    x = x.movedim(dim, -1)
    ordered, _ = torch.sort(x, descending=True)
    totals = ordered.cumsum(-1)
    counts = torch.arange(1, x.shape[-1] + 1, device=x.device)
    support = ordered - (totals - 1) / counts > 0
    total = (totals * support).sum(-1, keepdim=True)
    threshold = (total - 1) / support.sum(-1, keepdim=True)
    return torch.relu(x - threshold).movedim(-1, dim)
''',
}
