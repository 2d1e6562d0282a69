"""Modules that PyTorch lacks."""

from __future__ import annotations

from typing import Final

MODULES: Final[dict[str, str]] = {
    "EinsumDense": '''
class EinsumDense(nn.Module):
    """Multiplies with a kernel along the axes that an equation names."""

    def __init__(self, equation, kernel, bias=None):
        super().__init__()
        self.equation = equation
        self.kernel = nn.Parameter(torch.empty(kernel))
        nn.init.xavier_uniform_(self.kernel.view(self.kernel.shape[0], -1))
        self.bias = None if bias is None else nn.Parameter(torch.zeros(bias))

    def forward(self, x):
        x = torch.einsum(self.equation, x, self.kernel)
        return x if self.bias is None else x + self.bias
''',
    "VarianceScaling": '''
class VarianceScaling(nn.Module):
    """Divides the last axes by their standard deviation, and scales them."""

    def __init__(self, shape, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape))
        self.eps = eps

    def forward(self, x):
        dims = tuple(range(-self.weight.dim(), 0))
        variance = x.var(dims, correction=0, keepdim=True)
        return x * torch.rsqrt(variance + self.eps) * self.weight
''',
    "GaussianDropout": '''
class GaussianDropout(nn.Module):
    """Multiplies numbers by noise around 1 while training."""

    def __init__(self, rate):
        super().__init__()
        self.deviation = (rate / (1 - rate)) ** 0.5

    def forward(self, x):
        return x * (1 + self.deviation * torch.randn_like(x)) if self.training else x
''',
    "GaussianNoise": '''
class GaussianNoise(nn.Module):
    """Adds noise around 0 while training."""

    def __init__(self, deviation):
        super().__init__()
        self.deviation = deviation

    def forward(self, x):
        return x + self.deviation * torch.randn_like(x) if self.training else x
''',
    "SharedDropout": '''
class SharedDropout(nn.Module):
    """Drops together what stands along the axes for which the shape has 1."""

    def __init__(self, rate, shape):
        super().__init__()
        self.rate, self.shape = rate, shape

    def forward(self, x):
        sizes = [size or n for size, n in zip(self.shape, x.shape)]
        return x * F.dropout(x.new_ones(sizes), self.rate, self.training)
''',
    "StochasticDepth": '''
class StochasticDepth(nn.Module):
    """Makes whole examples 0 now and then while training."""

    def __init__(self, rate):
        super().__init__()
        self.kept = 1 - rate

    def forward(self, x):
        if not self.training:
            return x
        shape = (x.shape[0], *[1] * (x.dim() - 1))
        return x / self.kept * (torch.rand(shape, device=x.device) < self.kept)
''',
}
