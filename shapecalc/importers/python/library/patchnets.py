"""torchvision's networks over patches, as a program, which is read as any other."""

from __future__ import annotations

from typing import Final

SOURCE: Final = """
from collections import OrderedDict
from functools import partial
import torch
from torch import nn
import torch.nn.functional as F
from timm.layers import DropPath


# vision transformer

class MLPBlock(nn.Sequential):
    def __init__(self, width, inner, dropout):
        super().__init__(nn.Linear(width, inner), nn.GELU(), nn.Dropout(dropout),
                         nn.Linear(inner, width), nn.Dropout(dropout))

class EncoderBlock(nn.Module):
    def __init__(self, num_heads, hidden_dim, mlp_dim, dropout, attention_dropout,
                 norm_layer=partial(nn.LayerNorm, eps=1e-6)):
        super().__init__()
        self.num_heads = num_heads
        self.ln_1 = norm_layer(hidden_dim)
        self.self_attention = nn.MultiheadAttention(hidden_dim, num_heads, attention_dropout,
                                                    batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.ln_2 = norm_layer(hidden_dim)
        self.mlp = MLPBlock(hidden_dim, mlp_dim, dropout)
    def forward(self, input):
        x = self.ln_1(input)
        x, _ = self.self_attention(x, x, x, need_weights=False)
        x = self.dropout(x) + input
        return x + self.mlp(self.ln_2(x))

class Encoder(nn.Module):
    def __init__(self, seq_length, num_layers, num_heads, hidden_dim, mlp_dim, dropout,
                 attention_dropout, norm_layer=partial(nn.LayerNorm, eps=1e-6)):
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, seq_length, hidden_dim))
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.Sequential(OrderedDict([
            ("encoder_layer_%d" % place, EncoderBlock(num_heads, hidden_dim, mlp_dim, dropout,
                                                      attention_dropout, norm_layer))
            for place in range(num_layers)]))
        self.ln = norm_layer(hidden_dim)
    def forward(self, input):
        return self.ln(self.layers(self.dropout(input + self.pos_embedding)))

class VisionTransformer(nn.Module):
    def __init__(self, image_size, patch_size, num_layers, num_heads, hidden_dim, mlp_dim,
                 dropout=0.0, attention_dropout=0.0, num_classes=1000, representation_size=None,
                 norm_layer=partial(nn.LayerNorm, eps=1e-6), conv_stem_configs=None):
        super().__init__()
        assert image_size % patch_size == 0, "Input shape indivisible by patch size!"
        self.image_size, self.patch_size = image_size, patch_size
        self.hidden_dim, self.mlp_dim, self.num_classes = hidden_dim, mlp_dim, num_classes
        self.conv_proj = nn.Conv2d(3, hidden_dim, patch_size, patch_size)
        self.class_token = nn.Parameter(torch.zeros(1, 1, hidden_dim))
        self.seq_length = (image_size // patch_size) ** 2 + 1
        self.encoder = Encoder(self.seq_length, num_layers, num_heads, hidden_dim, mlp_dim,
                               dropout, attention_dropout, norm_layer)
        last = [("head", nn.Linear(representation_size or hidden_dim, num_classes))]
        if representation_size is not None:
            last = [("pre_logits", nn.Linear(hidden_dim, representation_size)),
                    ("act", nn.Tanh())] + last
        self.heads = nn.Sequential(OrderedDict(last))
    def _process_input(self, x):
        n, c, h, w = x.shape
        assert h == self.image_size, "Wrong image height!"
        assert w == self.image_size, "Wrong image width!"
        x = self.conv_proj(x)
        count = (h // self.patch_size) * (w // self.patch_size)
        return x.reshape(n, self.hidden_dim, count).permute(0, 2, 1)
    def forward(self, x):
        x = self._process_input(x)
        first = self.class_token.expand(x.shape[0], -1, -1)
        x = self.encoder(torch.cat([first, x], dim=1))
        return self.heads(x[:, 0])

def _vit(patch, layers, heads, width, inner, image_size=224, **more):
    return VisionTransformer(image_size, patch, layers, heads, width, inner, **more)

def vit_b_16(pretrained=None, progress=True, weights=None, **more):
    return _vit(16, 12, 12, 768, 3072, **more)
def vit_b_32(pretrained=None, progress=True, weights=None, **more):
    return _vit(32, 12, 12, 768, 3072, **more)
def vit_l_16(pretrained=None, progress=True, weights=None, **more):
    return _vit(16, 24, 16, 1024, 4096, **more)
def vit_l_32(pretrained=None, progress=True, weights=None, **more):
    return _vit(32, 24, 16, 1024, 4096, **more)
def vit_h_14(pretrained=None, progress=True, weights=None, **more):
    return _vit(14, 32, 16, 1280, 5120, **more)


# convnext

class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        x = F.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias)
        return x.permute(0, 3, 1, 2)

class Permute(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.dims = dims
    def forward(self, x):
        return torch.permute(x, self.dims)

class CNBlock(nn.Module):
    def __init__(self, dim, layer_scale, stochastic_depth_prob,
                 norm_layer=partial(nn.LayerNorm, eps=1e-6)):
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(dim, dim, 7, padding=3, groups=dim), Permute([0, 2, 3, 1]),
            norm_layer(dim), nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim),
            Permute([0, 3, 1, 2]))
        self.layer_scale = nn.Parameter(torch.ones(dim, 1, 1))
        self.stochastic_depth = DropPath(stochastic_depth_prob)
    def forward(self, input):
        return self.stochastic_depth(self.layer_scale * self.block(input)) + input

class CNBlockConfig:
    def __init__(self, input_channels, out_channels, num_layers):
        self.input_channels = input_channels
        self.out_channels = out_channels
        self.num_layers = num_layers

class ConvNeXt(nn.Module):
    def __init__(self, block_setting, stochastic_depth_prob=0.0, layer_scale=1e-6,
                 num_classes=1000, block=None, norm_layer=None, **more):
        super().__init__()
        block, norm = block or CNBlock, norm_layer or partial(LayerNorm2d, eps=1e-6)
        channels = block_setting[0].input_channels
        layers = [nn.Sequential(nn.Conv2d(3, channels, 4, 4), norm(channels))]
        for each in block_setting:
            i, o = each.input_channels, each.out_channels
            layers.append(nn.Sequential(*[block(i, layer_scale, stochastic_depth_prob)
                                          for _ in range(each.num_layers)]))
            if o is not None:
                layers.append(nn.Sequential(norm(i), nn.Conv2d(i, o, 2, 2)))
            channels = o or i
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(norm(channels), nn.Flatten(1),
                                        nn.Linear(channels, num_classes))
    def _forward_impl(self, x):
        return self.classifier(self.avgpool(self.features(x)))
    def forward(self, x):
        return self._forward_impl(x)

def _convnext(widths, counts, **more):
    pairs = zip(widths, widths[1:] + [None], counts)
    return ConvNeXt([CNBlockConfig(i, o, count) for i, o, count in pairs], **more)

def convnext_tiny(pretrained=None, progress=True, weights=None, **more):
    return _convnext([96, 192, 384, 768], [3, 3, 9, 3], **more)
def convnext_small(pretrained=None, progress=True, weights=None, **more):
    return _convnext([96, 192, 384, 768], [3, 3, 27, 3], **more)
def convnext_base(pretrained=None, progress=True, weights=None, **more):
    return _convnext([128, 256, 512, 1024], [3, 3, 27, 3], **more)
def convnext_large(pretrained=None, progress=True, weights=None, **more):
    return _convnext([192, 384, 768, 1536], [3, 3, 27, 3], **more)
"""
