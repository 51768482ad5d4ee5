"""Make ``complaint_motive/resources/sample_log.csv``: 300 complaints of the test split as a plausible log.

The texts are exact; time, city, channel, product line, customer and handler are invented. Same input, same bytes.
Run from the repository's root: ``python datasets/make_sample_log.py``.
"""

from __future__ import annotations

import csv
import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SPLIT = ("authored_06.jsonl", "authored_07.jsonl")
OUT = ROOT / "complaint_motive" / "resources" / "sample_log.csv"
ROWS = 300
COLUMNS = ("time", "city", "channel", "product_line", "customer_id", "handler", "text")
CITIES = ("北京", "上海", "广州", "深圳", "成都", "杭州", "武汉", "西安", "南京", "重庆", "郑州", "长沙", "沈阳")
CHANNELS = {
    "review": "网页评价",
    "message_board": "留言板",
    "platform": "投诉平台",
    "app_store": "应用商店",
    "ticket": "工单",
    "chat": "在线客服",
    "email": "邮件",
    "call": "电话",
}
HANDLERS = tuple(f"{team}组{seat:02d}" for team in "ABC" for seat in range(1, 7))
START, DAYS = datetime(2025, 9, 1), 30
HOUR_WEIGHTS = (2, 1, 1, 0, 0, 1, 2, 4, 7, 11, 12, 10, 7, 7, 9, 10, 10, 9, 8, 9, 10, 9, 6, 4)


def read_split() -> list[dict[str, Any]]:
    """Return the records of the test split in file order."""
    rows = []
    for name in SPLIT:
        lines = (ROOT / "datasets" / "corpus" / name).read_text(encoding="utf-8").splitlines()
        rows += [json.loads(line) for line in lines]
    return rows


def sample_rows(records: list[dict[str, Any]], seed: int = 2025) -> list[dict[str, str]]:
    """Return `ROWS` log rows in order of time; some customers write more than once."""
    draw = random.Random(seed)
    hours = draw.choices(range(24), weights=HOUR_WEIGHTS, k=ROWS)
    times = sorted(
        START + timedelta(days=draw.randrange(DAYS), hours=hour, minutes=draw.randrange(60), seconds=draw.randrange(60))
        for hour in hours
    )
    customers = [f"C{number}" for number in draw.sample(range(100_000, 1_000_000), ROWS - 30)]
    ids = [*customers, *draw.choices(customers, k=30)]
    draw.shuffle(ids)
    home = {customer: draw.choice(CITIES) for customer in customers}
    return [
        {
            "time": time.isoformat(sep=" "),
            "city": home[customer],
            "channel": CHANNELS[record["channel"]],
            "product_line": record["industry"],
            "customer_id": customer,
            "handler": draw.choice(HANDLERS),
            "text": record["text"],
        }
        for time, customer, record in zip(times, ids, draw.sample(records, ROWS), strict=True)
    ]


def main() -> None:
    """Write the file."""
    with OUT.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sample_rows(read_split()))


if __name__ == "__main__":
    main()
