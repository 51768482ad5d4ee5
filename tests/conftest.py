"""Shared fixtures: a tiny model of our own sentences, the analyzer with the shipped model, the corpus."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

import complaint_motive as cm

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "datasets" / "corpus"

settings.register_profile("complaint_motive", deadline=None, max_examples=60)
settings.load_profile("complaint_motive")

LABELLED = [
    ("空调装好第三天就不制冷，请给我退款", "redress", "R", 1, "quality"),
    ("押金到现在没退，麻烦尽快退到我卡上", "redress", "R", 1, "service"),
    ("快递把杯子摔碎了，要求照价赔偿", "redress", "R", 1, "service"),
    ("多扣了我二十块话费，请退还", "redress", "R", 0, "price"),
    ("洗衣机漏水，请派人来维修", "redress", "R", 0, "quality"),
    ("承诺送的礼品没有给，请补发给我", "redress", "R", 1, "integrity"),
    ("宽带断了两天，请尽快恢复并减免费用", "redress", "R", 1, "quality"),
    ("会员被自动续费，要求退款", "redress", "R", 1, "price"),
    ("什么垃圾公司，再也不来了", "scolding", "E", 2, "service"),
    ("难吃得要命，店里又脏又臭，差评", "scolding", "E", 2, "quality"),
    ("呵呵，你们可真会做生意，佩服佩服", "scolding", "E", 2, "integrity"),
    ("贵得离谱，谁买谁傻，大家别上当", "scolding", "RE", 2, "price"),
    ("气死我了，一群骗子！！！", "scolding", "E", 3, "integrity"),
    ("这软件卡得要死，烂透了", "scolding", "RE", 2, "quality"),
    ("建议把取餐口和点餐口分开，排队会快些", "improvement", "R", 0, "service"),
    ("希望末班车能晚半小时，方便大家下夜班", "improvement", "R", 0, "service"),
    ("要是说明书字大一点，老人就能看清了，建议改进", "improvement", "R", 0, "quality"),
    ("建议页面上把收费标准写明白", "improvement", "R", 0, "price"),
    ("希望贵公司完善退票规则，对谁都公平", "improvement", "R", 0, "integrity"),
    ("建议小区门口加一盏路灯", "improvement", "R", 0, "quality"),
    ("打了四次电话没人理我，我就要一个说法", "recognition", "E", 2, "service"),
    ("客服爱答不理，请给我道歉", "recognition", "E", 1, "service"),
    ("推来推去谁也不管，你们把客户当什么", "recognition", "E", 2, "service"),
    ("我写了三封信都没有回复，请重视", "recognition", "RE", 1, "service"),
    ("店长当众说我买不起，必须给我一个道歉", "recognition", "E", 2, "service"),
    ("反映半个月没人回应，希望领导重视", "recognition", "E", 1, "service"),
    ("今天不退钱我就发抖音曝光你们", "coercion", "RE", 2, "service"),
    ("不赔五万就拉横幅堵你们大门", "coercion", "RE", 3, "service"),
    ("再不处理我就让所有媒体来曝光", "coercion", "RE", 2, "quality"),
    ("给我双倍的钱我就删差评，否则天天骂", "coercion", "RE", 2, "price"),
    ("全国人民一起抵制这家黑店，都去买隔壁的", "sabotage", "E", 2, "integrity"),
    ("内部人爆料，这家全是毒，大家转发抵制", "sabotage", "E", 2, "integrity"),
    ("听说这家不行，还是隔壁那家良心，大家抵制", "sabotage", "E", 1, "integrity"),
    ("别买这家，隔壁家又好又便宜，快转发", "sabotage", "E", 1, "quality"),
    ("请问营业厅几点开门", "none", "-", 0, "-"),
    ("谢谢，师傅上门很及时，非常满意", "none", "-", 0, "-"),
    ("想问一下怎么改套餐", "none", "-", 0, "-"),
    ("客服很耐心，点个赞", "none", "-", 0, "-"),
    ("发票在哪里下载", "none", "-", 0, "-"),
    ("包装不错，物流也快，下次再来", "none", "-", 0, "-"),
]


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts tests in the background makes them ignore Ctrl-C, and so would the commands they interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def labelled() -> pd.DataFrame:
    """A few dozen sentences with all labels."""
    return pd.DataFrame(LABELLED, columns=["text", "category", "needs", "intensity", "cause"])


@pytest.fixture(scope="session")
def tiny(labelled):
    """A model of a few dozen sentences, calibrated on two folds."""
    return cm.MotiveClassifier(min_df=1, folds=2).fit(labelled["text"], labelled.drop(columns="text"))


@pytest.fixture(scope="session")
def analyzer():
    """The analyzer with the shipped model and book."""
    return cm.load()


@pytest.fixture(scope="session")
def corpus() -> dict[str, list[dict]]:
    """All records of the corpus by author file."""
    files = sorted(CORPUS.glob("authored_*.jsonl"))
    return {f.stem: [json.loads(line) for line in f.read_text(encoding="utf-8").splitlines()] for f in files}


@pytest.fixture(scope="session")
def held_out(corpus) -> list[str]:
    """The texts of the test split, which no weights were fitted on."""
    return [record["text"] for name in ("authored_06", "authored_07") for record in corpus[name]]


@pytest.fixture(scope="session")
def varied(corpus) -> list[str]:
    """About four hundred texts from all authors of the training split."""
    return [
        record["text"]
        for name, records in corpus.items()
        if name not in {"authored_06", "authored_07"}
        for record in records[::12]
    ]


@pytest.fixture(scope="session")
def outside() -> dict[str, str]:
    """Environment for a child process that imports the package from this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}
