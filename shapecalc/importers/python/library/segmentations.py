"""torchvision's networks that label each pixel, as a program, which is read as any other."""

from __future__ import annotations

from typing import Final

SOURCE: Final = """
from collections import OrderedDict
import torch
from torch import nn
import torch.nn.functional as F
from torchvision.models import resnet50, resnet101, mobilenet_v3_large


class IntermediateLayerGetter(nn.ModuleDict):
    def __init__(self, model, return_layers):
        wanted = dict(return_layers)
        super().__init__()
        for name, part in model.named_children():
            self[name] = part
            if name in wanted:
                del wanted[name]
            if not wanted:
                break
        self.return_layers = return_layers
    def forward(self, x):
        found = OrderedDict()
        for name, part in self.items():
            x = part(x)
            if name in self.return_layers:
                found[self.return_layers[name]] = x
        return found

class _SimpleSegmentationModel(nn.Module):
    def __init__(self, backbone, classifier, aux_classifier=None):
        super().__init__()
        self.backbone = backbone
        self.classifier = classifier
        self.aux_classifier = aux_classifier
    def forward(self, x):
        size = x.shape[-2:]
        features = self.backbone(x)
        found = OrderedDict()
        found["out"] = F.interpolate(self.classifier(features["out"]), size=size, mode="bilinear")
        if self.aux_classifier is not None:
            found["aux"] = F.interpolate(self.aux_classifier(features["aux"]), size=size,
                                         mode="bilinear")
        return found

class FCN(_SimpleSegmentationModel):
    pass

class DeepLabV3(_SimpleSegmentationModel):
    pass

class FCNHead(nn.Sequential):
    def __init__(self, in_channels, channels):
        inner = in_channels // 4
        super().__init__(nn.Conv2d(in_channels, inner, 3, padding=1, bias=False),
                         nn.BatchNorm2d(inner), nn.ReLU(), nn.Dropout(0.1),
                         nn.Conv2d(inner, channels, 1))

def _unit(i, o, kernel=1, dilation=1):
    padding = dilation if kernel > 1 else 0
    return [nn.Conv2d(i, o, kernel, 1, padding, dilation, bias=False), nn.BatchNorm2d(o),
            nn.ReLU()]

class ASPPConv(nn.Sequential):
    def __init__(self, in_channels, out_channels, dilation):
        super().__init__(*_unit(in_channels, out_channels, 3, dilation))

class ASPPPooling(nn.Sequential):
    def __init__(self, in_channels, out_channels):
        super().__init__(nn.AdaptiveAvgPool2d(1), *_unit(in_channels, out_channels))
    def forward(self, x):
        size = x.shape[-2:]
        for part in self:
            x = part(x)
        return F.interpolate(x, size=size, mode="bilinear")

class ASPP(nn.Module):
    def __init__(self, in_channels, atrous_rates, out_channels=256):
        super().__init__()
        self.convs = nn.ModuleList([
            nn.Sequential(*_unit(in_channels, out_channels)),
            *[ASPPConv(in_channels, out_channels, rate) for rate in atrous_rates],
            ASPPPooling(in_channels, out_channels)])
        self.project = nn.Sequential(*_unit(len(self.convs) * out_channels, out_channels),
                                     nn.Dropout(0.5))
    def forward(self, x):
        return self.project(torch.cat([part(x) for part in self.convs], dim=1))

class DeepLabHead(nn.Sequential):
    def __init__(self, in_channels, num_classes, atrous_rates=(12, 24, 36)):
        super().__init__(ASPP(in_channels, atrous_rates), *_unit(256, 256, 3),
                         nn.Conv2d(256, num_classes, 1))

def _labels(weights, pretrained, num_classes, aux_loss):
    loaded = bool(weights or pretrained)
    return num_classes or 21, loaded if aux_loss is None else aux_loss

def _of_resnet(made, model, head, weights, pretrained, num_classes, aux_loss):
    classes, aux = _labels(weights, pretrained, num_classes, aux_loss)
    named = {"layer4": "out"}
    if aux:
        named["layer3"] = "aux"
    backbone = made(replace_stride_with_dilation=[False, True, True])
    return model(IntermediateLayerGetter(backbone, named), head(2048, classes),
                 FCNHead(1024, classes) if aux else None)

def fcn_resnet50(pretrained=None, progress=True, num_classes=None, aux_loss=None, weights=None,
                 **more):
    return _of_resnet(resnet50, FCN, FCNHead, weights, pretrained, num_classes, aux_loss)
def fcn_resnet101(pretrained=None, progress=True, num_classes=None, aux_loss=None, weights=None,
                  **more):
    return _of_resnet(resnet101, FCN, FCNHead, weights, pretrained, num_classes, aux_loss)
def deeplabv3_resnet50(pretrained=None, progress=True, num_classes=None, aux_loss=None,
                       weights=None, **more):
    return _of_resnet(resnet50, DeepLabV3, DeepLabHead, weights, pretrained, num_classes, aux_loss)
def deeplabv3_resnet101(pretrained=None, progress=True, num_classes=None, aux_loss=None,
                        weights=None, **more):
    return _of_resnet(resnet101, DeepLabV3, DeepLabHead, weights, pretrained, num_classes,
                      aux_loss)

def deeplabv3_mobilenet_v3_large(pretrained=None, progress=True, num_classes=None, aux_loss=None,
                                 weights=None, **more):
    classes, aux = _labels(weights, pretrained, num_classes, aux_loss)
    named = {"16": "out"}
    if aux:
        named["4"] = "aux"
    backbone = IntermediateLayerGetter(mobilenet_v3_large(dilated=True).features, named)
    return DeepLabV3(backbone, DeepLabHead(960, classes), FCNHead(40, classes) if aux else None)


class LRASPPHead(nn.Module):
    def __init__(self, low_channels, high_channels, num_classes, inter_channels):
        super().__init__()
        self.cbr = nn.Sequential(*_unit(high_channels, inter_channels))
        self.scale = nn.Sequential(nn.AdaptiveAvgPool2d(1),
                                   nn.Conv2d(high_channels, inter_channels, 1, bias=False),
                                   nn.Sigmoid())
        self.low_classifier = nn.Conv2d(low_channels, num_classes, 1)
        self.high_classifier = nn.Conv2d(inter_channels, num_classes, 1)
    def forward(self, input):
        low, high = input["low"], input["high"]
        x = self.cbr(high) * self.scale(high)
        x = F.interpolate(x, size=low.shape[-2:], mode="bilinear")
        return self.low_classifier(low) + self.high_classifier(x)

class LRASPP(nn.Module):
    def __init__(self, backbone, low_channels, high_channels, num_classes, inter_channels=128):
        super().__init__()
        self.backbone = backbone
        self.classifier = LRASPPHead(low_channels, high_channels, num_classes, inter_channels)
    def forward(self, input):
        out = self.classifier(self.backbone(input))
        return OrderedDict(out=F.interpolate(out, size=input.shape[-2:], mode="bilinear"))

def lraspp_mobilenet_v3_large(pretrained=None, progress=True, num_classes=None, weights=None,
                              **more):
    features = mobilenet_v3_large(dilated=True).features
    backbone = IntermediateLayerGetter(features, {"4": "low", "16": "high"})
    return LRASPP(backbone, 40, 960, num_classes or 21)
"""
