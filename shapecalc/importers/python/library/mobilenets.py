"""torchvision's mobile and efficient networks as a program, which is read as any other."""

from __future__ import annotations

from typing import Final

SOURCE: Final = """
from math import ceil
import torch
from torch import nn
import torch.nn.functional as F


# mobilenet

def _divisible(value, divisor=8):
    new = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return new + divisor if new < 0.9 * value else new

class Conv2dNormActivation(nn.Sequential):
    def __init__(self, i, o, kernel=3, stride=1, groups=1, act=nn.ReLU6):
        layers = [nn.Conv2d(i, o, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False),
                  nn.BatchNorm2d(o)]
        super().__init__(*(layers + ([] if act is None else [act(inplace=True)])))

class InvertedResidual(nn.Module):
    def __init__(self, i, o, stride, expand_ratio):
        super().__init__()
        hidden = int(round(i * expand_ratio))
        self.use_res_connect = stride == 1 and i == o
        layers = [Conv2dNormActivation(i, hidden, 1)] if expand_ratio != 1 else []
        layers += [Conv2dNormActivation(hidden, hidden, 3, stride, hidden),
                   nn.Conv2d(hidden, o, 1, bias=False), nn.BatchNorm2d(o)]
        self.conv = nn.Sequential(*layers)
        self.out_channels = o
    def forward(self, x):
        return x + self.conv(x) if self.use_res_connect else self.conv(x)

class MobileNetV2(nn.Module):
    def __init__(self, num_classes=1000, width_mult=1.0, inverted_residual_setting=None,
                 round_nearest=8, dropout=0.2):
        super().__init__()
        settings = inverted_residual_setting or [
            [1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1],
            [6, 160, 3, 2], [6, 320, 1, 1]]
        channels = _divisible(32 * width_mult, round_nearest)
        self.last_channel = _divisible(1280 * max(1.0, width_mult), round_nearest)
        features = [Conv2dNormActivation(3, channels, 3, 2)]
        for t, c, n, s in settings:
            out = _divisible(c * width_mult, round_nearest)
            for place in range(n):
                features.append(InvertedResidual(channels, out, s if place == 0 else 1, t))
                channels = out
        features.append(Conv2dNormActivation(channels, self.last_channel, 1))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(dropout),
                                        nn.Linear(self.last_channel, num_classes))
    def forward(self, x):
        x = F.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(torch.flatten(x, 1))

def mobilenet_v2(pretrained=None, progress=True, weights=None, **more):
    return MobileNetV2(**more)


# efficientnet and mobilenet v3

class SqueezeExcitation(nn.Module):
    def __init__(self, channels, squeeze, act, gate):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeeze, 1)
        self.fc2 = nn.Conv2d(squeeze, channels, 1)
        self.activation = act()
        self.scale_activation = gate()
    def forward(self, x):
        s = self.fc2(self.activation(self.fc1(self.avgpool(x))))
        return self.scale_activation(s) * x

class MBConv(nn.Module):
    def __init__(self, i, o, kernel, stride, expand):
        super().__init__()
        self.use_res_connect = stride == 1 and i == o
        wide = _divisible(i * expand)
        layers = [] if wide == i else [Conv2dNormActivation(i, wide, 1, act=nn.SiLU)]
        layers += [Conv2dNormActivation(wide, wide, kernel, stride, wide, nn.SiLU),
                   SqueezeExcitation(wide, max(1, i // 4), nn.SiLU, nn.Sigmoid),
                   Conv2dNormActivation(wide, o, 1, act=None)]
        self.block = nn.Sequential(*layers)
        self.out_channels = o
    def forward(self, x):
        return self.block(x) + x if self.use_res_connect else self.block(x)

class EfficientNet(nn.Module):
    def __init__(self, width, depth, dropout, num_classes=1000):
        super().__init__()
        settings = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3),
                    (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)]
        channels = _divisible(32 * width)
        features = [Conv2dNormActivation(3, channels, 3, 2, act=nn.SiLU)]
        for expand, kernel, stride, out, count in settings:
            out, stage = _divisible(out * width), []
            for place in range(int(ceil(count * depth))):
                stage.append(MBConv(channels, out, kernel, 1 if place else stride, expand))
                channels = out
            features.append(nn.Sequential(*stage))
        features.append(Conv2dNormActivation(channels, 4 * channels, 1, act=nn.SiLU))
        self.features = nn.Sequential(*features)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(dropout, inplace=True),
                                        nn.Linear(4 * channels, num_classes))
    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))

def efficientnet_b0(pretrained=None, progress=True, weights=None, **more):
    return EfficientNet(1.0, 1.0, 0.2, **more)
def efficientnet_b1(pretrained=None, progress=True, weights=None, **more):
    return EfficientNet(1.0, 1.1, 0.2, **more)
def efficientnet_b2(pretrained=None, progress=True, weights=None, **more):
    return EfficientNet(1.1, 1.2, 0.3, **more)
def efficientnet_b3(pretrained=None, progress=True, weights=None, **more):
    return EfficientNet(1.2, 1.4, 0.3, **more)
def efficientnet_b4(pretrained=None, progress=True, weights=None, **more):
    return EfficientNet(1.4, 1.8, 0.4, **more)
def efficientnet_b5(pretrained=None, progress=True, weights=None, **more):
    return EfficientNet(1.6, 2.2, 0.4, **more)
def efficientnet_b6(pretrained=None, progress=True, weights=None, **more):
    return EfficientNet(1.8, 2.6, 0.5, **more)
def efficientnet_b7(pretrained=None, progress=True, weights=None, **more):
    return EfficientNet(2.0, 3.1, 0.5, **more)


# mobilenet v3

class ConvNormAct(nn.Sequential):
    def __init__(self, i, o, kernel=3, stride=1, groups=1, act=nn.ReLU, dilation=1):
        if act is None:
            last = []
        else:
            last = [act(inplace=True)]
        super().__init__(nn.Conv2d(i, o, kernel, stride, (kernel - 1) // 2 * dilation, dilation,
                                   groups, bias=False),
                         nn.BatchNorm2d(o, eps=0.001, momentum=0.01), *last)

class InvertedResidualV3(nn.Module):
    def __init__(self, i, kernel, wide, o, gated, act, stride):
        super().__init__()
        self.use_res_connect = stride == 1 and i == o
        layers = [] if wide == i else [ConvNormAct(i, wide, 1, act=act)]
        layers.append(ConvNormAct(wide, wide, kernel, stride, wide, act))
        if gated:
            layers.append(SqueezeExcitation(wide, _divisible(wide // 4), nn.ReLU, nn.Hardsigmoid))
        layers.append(ConvNormAct(wide, o, 1, act=None))
        self.block = nn.Sequential(*layers)
        self.out_channels = o
    def forward(self, x):
        return self.block(x) + x if self.use_res_connect else self.block(x)

class MobileNetV3(nn.Module):
    def __init__(self, settings, last, num_classes=1000, dropout=0.2):
        super().__init__()
        features = [ConvNormAct(3, 16, 3, 2, act=nn.Hardswish)]
        channels = 16
        for kernel, wide, out, gated, act, stride in settings:
            act = nn.Hardswish if act else nn.ReLU
            features.append(InvertedResidualV3(channels, kernel, wide, out, gated, act, stride))
            channels = out
        features.append(ConvNormAct(channels, 6 * channels, 1, act=nn.Hardswish))
        self.features = nn.Sequential(*features)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(6 * channels, last), nn.Hardswish(inplace=True),
            nn.Dropout(p=dropout, inplace=True), nn.Linear(last, num_classes))
    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))

_LARGE = [
    (3, 16, 16, 0, 0, 1), (3, 64, 24, 0, 0, 2), (3, 72, 24, 0, 0, 1), (5, 72, 40, 1, 0, 2),
    (5, 120, 40, 1, 0, 1), (5, 120, 40, 1, 0, 1), (3, 240, 80, 0, 1, 2), (3, 200, 80, 0, 1, 1),
    (3, 184, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 480, 112, 1, 1, 1), (3, 672, 112, 1, 1, 1),
    (5, 672, 160, 1, 1, 2), (5, 960, 160, 1, 1, 1), (5, 960, 160, 1, 1, 1)]
_SMALL = [
    (3, 16, 16, 1, 0, 2), (3, 72, 24, 0, 0, 2), (3, 88, 24, 0, 0, 1), (5, 96, 40, 1, 1, 2),
    (5, 240, 40, 1, 1, 1), (5, 240, 40, 1, 1, 1), (5, 120, 48, 1, 1, 1), (5, 144, 48, 1, 1, 1),
    (5, 288, 96, 1, 1, 2), (5, 576, 96, 1, 1, 1), (5, 576, 96, 1, 1, 1)]

#: Where a convolution is dilated instead, one step less is made.
_DILATED = [(*each[:5], 1) if place == 12 else each for place, each in enumerate(_LARGE)]

def mobilenet_v3_large(pretrained=None, progress=True, weights=None, dilated=False, **more):
    return MobileNetV3(_DILATED if dilated else _LARGE, 1280, **more)
def mobilenet_v3_small(pretrained=None, progress=True, weights=None, **more):
    return MobileNetV3(_SMALL, 1024, **more)
"""
