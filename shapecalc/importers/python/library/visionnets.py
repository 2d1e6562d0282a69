"""torchvision's residual, dense and plain networks as a program, which is read as any other."""

from __future__ import annotations

from typing import Final

SOURCE: Final = """
from collections import OrderedDict, namedtuple
from math import ceil
import torch
from torch import nn
import torch.nn.functional as F


# resnet

def conv3x3(i, o, stride=1, groups=1, dilation=1):
    return nn.Conv2d(i, o, 3, stride, dilation, dilation, groups, bias=False)

def conv1x1(i, o, stride=1):
    return nn.Conv2d(i, o, 1, stride, bias=False)

class BasicBlock(nn.Module):
    expansion = 1
    def __init__(self, inplanes, planes, stride=1, downsample=None, groups=1, base_width=64,
                 dilation=1, norm_layer=nn.BatchNorm2d):
        super().__init__()
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = norm_layer(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = norm_layer(planes)
        self.downsample = downsample
        self.stride = stride
    def forward(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out = out + identity
        return self.relu(out)

class Bottleneck(nn.Module):
    expansion = 4
    def __init__(self, inplanes, planes, stride=1, downsample=None, groups=1, base_width=64,
                 dilation=1, norm_layer=nn.BatchNorm2d):
        super().__init__()
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = norm_layer(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = norm_layer(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = norm_layer(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample
        self.stride = stride
    def forward(self, x):
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out = out + identity
        return self.relu(out)

class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=1000, zero_init_residual=False, groups=1,
                 width_per_group=64, replace_stride_with_dilation=None, norm_layer=None):
        super().__init__()
        self._norm_layer = norm_layer or nn.BatchNorm2d
        self.inplanes = 64
        self.dilation = 1
        dilated = replace_stride_with_dilation or [False, False, False]
        self.groups = groups
        self.base_width = width_per_group
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = self._norm_layer(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], 2, dilated[0])
        self.layer3 = self._make_layer(block, 256, layers[2], 2, dilated[1])
        self.layer4 = self._make_layer(block, 512, layers[3], 2, dilated[2])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, num_classes)
    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        downsample = None
        before = self.dilation
        if dilate:
            self.dilation *= stride
            stride = 1
        if stride != 1 or self.inplanes != planes * block.expansion:
            downsample = nn.Sequential(conv1x1(self.inplanes, planes * block.expansion, stride),
                                       self._norm_layer(planes * block.expansion))
        layers = [block(self.inplanes, planes, stride, downsample, self.groups, self.base_width,
                        before, self._norm_layer)]
        self.inplanes = planes * block.expansion
        for _ in range(1, blocks):
            layers.append(block(self.inplanes, planes, groups=self.groups,
                                base_width=self.base_width, dilation=self.dilation,
                                norm_layer=self._norm_layer))
        return nn.Sequential(*layers)
    def _forward_impl(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))
    def forward(self, x):
        return self._forward_impl(x)

def resnet18(pretrained=None, progress=True, weights=None, **more):
    return ResNet(BasicBlock, [2, 2, 2, 2], **more)
def resnet34(pretrained=None, progress=True, weights=None, **more):
    return ResNet(BasicBlock, [3, 4, 6, 3], **more)
def resnet50(pretrained=None, progress=True, weights=None, **more):
    return ResNet(Bottleneck, [3, 4, 6, 3], **more)
def resnet101(pretrained=None, progress=True, weights=None, **more):
    return ResNet(Bottleneck, [3, 4, 23, 3], **more)
def resnet152(pretrained=None, progress=True, weights=None, **more):
    return ResNet(Bottleneck, [3, 8, 36, 3], **more)
def resnext50_32x4d(pretrained=None, progress=True, weights=None, **more):
    return ResNet(Bottleneck, [3, 4, 6, 3], groups=32, width_per_group=4, **more)
def resnext101_32x8d(pretrained=None, progress=True, weights=None, **more):
    return ResNet(Bottleneck, [3, 4, 23, 3], groups=32, width_per_group=8, **more)
def resnext101_64x4d(pretrained=None, progress=True, weights=None, **more):
    return ResNet(Bottleneck, [3, 4, 23, 3], groups=64, width_per_group=4, **more)
def wide_resnet50_2(pretrained=None, progress=True, weights=None, **more):
    return ResNet(Bottleneck, [3, 4, 6, 3], width_per_group=128, **more)
def wide_resnet101_2(pretrained=None, progress=True, weights=None, **more):
    return ResNet(Bottleneck, [3, 4, 23, 3], width_per_group=128, **more)


# vgg

class VGG(nn.Module):
    def __init__(self, features, num_classes=1000, init_weights=True, dropout=0.5):
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096), nn.ReLU(True), nn.Dropout(p=dropout),
            nn.Linear(4096, 4096), nn.ReLU(True), nn.Dropout(p=dropout),
            nn.Linear(4096, num_classes))
    def forward(self, x):
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))

_VGG = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}

def _vgg(depth, norm, more):
    layers, channels = [], 3
    for count, width in zip(_VGG[depth], (64, 128, 256, 512, 512)):
        for _ in range(count):
            layers.append(nn.Conv2d(channels, width, 3, padding=1))
            if norm:
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.ReLU(inplace=True))
            channels = width
        layers.append(nn.MaxPool2d(2, 2))
    return VGG(nn.Sequential(*layers), **more)

def vgg11(pretrained=None, progress=True, weights=None, **more): return _vgg(11, False, more)
def vgg13(pretrained=None, progress=True, weights=None, **more): return _vgg(13, False, more)
def vgg16(pretrained=None, progress=True, weights=None, **more): return _vgg(16, False, more)
def vgg19(pretrained=None, progress=True, weights=None, **more): return _vgg(19, False, more)
def vgg11_bn(pretrained=None, progress=True, weights=None, **more): return _vgg(11, True, more)
def vgg13_bn(pretrained=None, progress=True, weights=None, **more): return _vgg(13, True, more)
def vgg16_bn(pretrained=None, progress=True, weights=None, **more): return _vgg(16, True, more)
def vgg19_bn(pretrained=None, progress=True, weights=None, **more): return _vgg(19, True, more)


# alexnet

class AlexNet(nn.Module):
    def __init__(self, num_classes=1000, dropout=0.5):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(True), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(True), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(True),
            nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(True),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(3, 2))
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(256 * 6 * 6, 4096), nn.ReLU(True),
            nn.Dropout(dropout), nn.Linear(4096, 4096), nn.ReLU(True),
            nn.Linear(4096, num_classes))
    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))

def alexnet(pretrained=None, progress=True, weights=None, **more):
    return AlexNet(**more)


# squeezenet

class Fire(nn.Module):
    def __init__(self, inplanes, squeeze, wide1, wide3):
        super().__init__()
        self.squeeze = nn.Conv2d(inplanes, squeeze, 1)
        self.squeeze_activation = nn.ReLU(True)
        self.expand1x1 = nn.Conv2d(squeeze, wide1, 1)
        self.expand1x1_activation = nn.ReLU(True)
        self.expand3x3 = nn.Conv2d(squeeze, wide3, 3, padding=1)
        self.expand3x3_activation = nn.ReLU(True)
    def forward(self, x):
        x = self.squeeze_activation(self.squeeze(x))
        return torch.cat([self.expand1x1_activation(self.expand1x1(x)),
                          self.expand3x3_activation(self.expand3x3(x))], 1)

class SqueezeNet(nn.Module):
    def __init__(self, version="1_0", num_classes=1000, dropout=0.5):
        super().__init__()
        self.num_classes = num_classes
        def pool():
            return nn.MaxPool2d(3, 2, ceil_mode=True)
        if version == "1_0":
            self.features = nn.Sequential(
                nn.Conv2d(3, 96, 7, 2), nn.ReLU(True), pool(), Fire(96, 16, 64, 64),
                Fire(128, 16, 64, 64), Fire(128, 32, 128, 128), pool(), Fire(256, 32, 128, 128),
                Fire(256, 48, 192, 192), Fire(384, 48, 192, 192), Fire(384, 64, 256, 256), pool(),
                Fire(512, 64, 256, 256))
        else:
            self.features = nn.Sequential(
                nn.Conv2d(3, 64, 3, 2), nn.ReLU(True), pool(), Fire(64, 16, 64, 64),
                Fire(128, 16, 64, 64), pool(), Fire(128, 32, 128, 128), Fire(256, 32, 128, 128),
                pool(), Fire(256, 48, 192, 192), Fire(384, 48, 192, 192), Fire(384, 64, 256, 256),
                Fire(512, 64, 256, 256))
        self.classifier = nn.Sequential(
            nn.Dropout(dropout), nn.Conv2d(512, num_classes, 1), nn.ReLU(True),
            nn.AdaptiveAvgPool2d((1, 1)))
    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)

def squeezenet1_0(pretrained=None, progress=True, weights=None, **more):
    return SqueezeNet("1_0", **more)
def squeezenet1_1(pretrained=None, progress=True, weights=None, **more):
    return SqueezeNet("1_1", **more)


# densenet

class _DenseLayer(nn.Module):
    def __init__(self, channels, growth, width, drop):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(channels, width * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width * growth)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width * growth, growth, 3, padding=1, bias=False)
        self.drop_rate = float(drop)
    def forward(self, before):
        x = self.conv1(self.relu1(self.norm1(torch.cat(before, 1))))
        x = self.conv2(self.relu2(self.norm2(x)))
        if self.drop_rate > 0:
            x = F.dropout(x, p=self.drop_rate)
        return x

class _DenseBlock(nn.ModuleDict):
    def __init__(self, count, channels, width, growth, drop):
        super().__init__()
        for place in range(count):
            self.add_module("denselayer%d" % (place + 1),
                            _DenseLayer(channels + place * growth, growth, width, drop))
    def forward(self, x):
        features = [x]
        for name, layer in self.items():
            features.append(layer(features))
        return torch.cat(features, 1)

class _Transition(nn.Sequential):
    def __init__(self, channels, out):
        super().__init__(OrderedDict([
            ("norm", nn.BatchNorm2d(channels)), ("relu", nn.ReLU(inplace=True)),
            ("conv", nn.Conv2d(channels, out, 1, bias=False)), ("pool", nn.AvgPool2d(2, 2))]))

class DenseNet(nn.Module):
    def __init__(self, growth_rate=32, block_config=(6, 12, 24, 16), num_init_features=64,
                 bn_size=4, drop_rate=0, num_classes=1000, memory_efficient=False):
        super().__init__()
        self.features = nn.Sequential(OrderedDict([
            ("conv0", nn.Conv2d(3, num_init_features, 7, 2, 3, bias=False)),
            ("norm0", nn.BatchNorm2d(num_init_features)), ("relu0", nn.ReLU(inplace=True)),
            ("pool0", nn.MaxPool2d(3, 2, 1))]))
        channels = num_init_features
        for place, count in enumerate(block_config):
            self.features.add_module("denseblock%d" % (place + 1),
                                     _DenseBlock(count, channels, bn_size, growth_rate, drop_rate))
            channels = channels + count * growth_rate
            if place != len(block_config) - 1:
                self.features.add_module("transition%d" % (place + 1),
                                         _Transition(channels, channels // 2))
                channels = channels // 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, num_classes)
    def forward(self, x):
        x = F.relu(self.features(x), inplace=True)
        return self.classifier(torch.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1))

def densenet121(pretrained=None, progress=True, weights=None, **more):
    return DenseNet(32, (6, 12, 24, 16), 64, **more)
def densenet161(pretrained=None, progress=True, weights=None, **more):
    return DenseNet(48, (6, 12, 36, 24), 96, **more)
def densenet169(pretrained=None, progress=True, weights=None, **more):
    return DenseNet(32, (6, 12, 32, 32), 64, **more)
def densenet201(pretrained=None, progress=True, weights=None, **more):
    return DenseNet(32, (6, 12, 48, 32), 64, **more)
"""
