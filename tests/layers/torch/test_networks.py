"""Networks that everybody knows have the shapes and the parameters that PyTorch gives them."""

from __future__ import annotations

import pytest

import shapecalc


def block(channels: int, out: int, stride: int) -> str:
    """A basic block of a ResNet, with a projection where the shape changes."""
    first = f"conv2d:{channels}:{out}:3:s={stride}:p=1:nobias,bn2d:{out},relu"
    main = f"{first},conv2d:{out}:{out}:3:p=1:nobias,bn2d:{out}"
    skip = f"conv2d:{channels}:{out}:1:s={stride}:nobias,bn2d:{out}" if channels != out else ""
    return f"add({main}|{skip}),relu"


def stage(channels: int, out: int, stride: int) -> str:
    return f"{block(channels, out, stride)},{block(out, out, 1)}"


def vgg(*plan: tuple[int, int, int]) -> str:
    steps = []
    for channels, out, count in plan:
        steps += [f"conv2d:{channels if n == 0 else out}:{out}:3:p=1,relu" for n in range(count)]
        steps.append("maxpool2d:2")
    return ",".join(steps)


HEAD = "linear:4096:4096,relu,drop,linear:4096:1000"
NETWORKS = {
    "LeNet": (
        "in:N:1:28:28,conv2d:1:6:5:p=2,sigmoid,avgpool2d:2,conv2d:6:16:5,sigmoid,avgpool2d:2,"
        "flatten,linear:400:120,sigmoid,linear:120:84,sigmoid,linear:84:10",
        ("N", 10),
        61_706,
    ),
    "AlexNet": (
        "in:N:3:224:224,conv2d:3:64:11:s=4:p=2,relu,maxpool2d:3:2,conv2d:64:192:5:p=2,relu,"
        "maxpool2d:3:2,conv2d:192:384:3:p=1,relu,conv2d:384:256:3:p=1,relu,conv2d:256:256:3:p=1,"
        f"relu,maxpool2d:3:2,aap2d:6,flatten,drop,linear:9216:4096,relu,drop,{HEAD}",
        ("N", 1000),
        61_100_840,
    ),
    "VGG16": (
        "in:N:3:224:224,"
        + vgg((3, 64, 2), (64, 128, 2), (128, 256, 3), (256, 512, 3), (512, 512, 3))
        + f",aap2d:7,flatten,linear:25088:4096,relu,drop,{HEAD}",
        ("N", 1000),
        138_357_544,
    ),
    "ResNet-18": (
        "in:N:3:224:224,conv2d:3:64:7:s=2:p=3:nobias,bn2d:64,relu,maxpool2d:3:2:p=1,"
        f"{stage(64, 64, 1)},{stage(64, 128, 2)},{stage(128, 256, 2)},{stage(256, 512, 2)},"
        "aap2d:1,flatten,linear:512:1000",
        ("N", 1000),
        11_689_512,
    ),
    "tagger": (
        "in:N:L,emb:1000:64,lstm:64:128:batch_first:bidirectional,linear:256:9",
        ("N", "L", 9),
        64_000 + 2 * 4 * 128 * (64 + 128 + 2) + 256 * 9 + 9,
    ),
    "transformer encoder": (
        "in:L:N:512,6x-transformerencoderlayer:512:8",
        ("L", "N", 512),
        18_914_304,
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network(name: str) -> None:
    spec, output, params = NETWORKS[name]
    trace = shapecalc.trace(spec, dialect="torch")
    assert tuple(size if isinstance(size, int) else str(size) for size in trace.output) == output
    assert trace.params == params
    assert trace.conditions == []


def test_buffers_are_counted_apart() -> None:
    spec, _, params = NETWORKS["ResNet-18"]
    found = shapecalc.trace(spec, dialect="torch").to_dict()
    assert found["params"] == {
        "total": params, "trainable": params, "non_trainable": 0, "buffers": 9_620,
    }  # fmt: skip


def test_a_unet_says_which_sizes_fit() -> None:
    def level(channels: int, out: int) -> str:
        return f"conv2d:{channels}:{out}:3:p=1,relu,conv2d:{out}:{out}:3:p=1,relu"

    down = ",".join(
        f"{level(a, b)}@d{n},maxpool2d:2" for n, (a, b) in enumerate([(3, 16), (16, 32), (32, 64)])
    )
    up = ",".join(
        f"tconv2d:{2 * n}:{n}:2:s=2,cat:@d{place}:dim=1,{level(2 * n, n)}"
        for place, n in ((2, 64), (1, 32), (0, 16))
    )
    spec = f"in:N:3:H:W,{down},{level(64, 128)},{up},conv2d:16:2:1"
    trace = shapecalc.trace(spec, dialect="torch")
    assert [str(size) for size in trace.output] == ["N", "2", "H", "W"]
    assert trace.conditions == ["H % 8 == 0", "W % 8 == 0"]


def test_a_question_mark_is_found() -> None:
    spec = "in:N:1:28:28,conv2d:1:6:5,maxpool2d:2,flatten,linear:?:10"
    (solution,) = shapecalc.solve(spec, "N,10", dialect="torch")
    assert "864" in str(solution)
