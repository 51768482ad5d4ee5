"""Phrases that no handler should say: promises, admissions, accusations, blame."""

from __future__ import annotations

import re

__all__ = ["PHRASE_RULES", "forbidden_phrases"]

PHRASE_RULES = {
    "promise": (
        r"(?:保证|一定(?:会|能)?|肯定(?:会|能)?|绝对|必定|百分之百|百分百|包您|包在我)[^，。；！？、]{0,8}"
        r"(?:退|赔|补偿|解决|办好|办妥|通过|满意|减免|到账)",
        r"(?:我|我们|公司|这边|马上|立刻|这就|今天|明天)(?:会|就|可以|能)?(?:全额|先|直接)?(?:给您|为您|帮您)?"
        r"(?:全额|先|直接)?(?:退款|退钱|退费|退给|赔给|赔偿您|补给|免单|减免|补偿您)",
        r"(?:退|赔|补|送)您(?:\d|全|一|双|这笔)",
        r"(?:答应|同意)(?:您|给您|退|赔)",
        r"(?:承诺|许诺)(?:给您|您|退|赔|会)",
        r"不会再(?:发生|出现|有)",
        r"包赔|必退|全额退(?:还|款)?给您|没问题，?(?:退|赔)",
    ),
    "admission": (
        r"(?:是|都怪|确实是|这是|属于)我(?:们|司|们公司|们这边)?的(?:错|责任|过错|过失|失误|问题)",
        r"我(?:们|司|们公司)?(?:愿意|会|来)?(?:负|承担)(?:全部|全|一切|相应|法律)?责",
        r"我(?:们|司)?(?:确实)?(?:违法|违规|违约|侵权|欺诈|骗)了?",
        r"我(?:们|司)?的?(?:产品|服务|系统|员工)(?:确实)?(?:存在|有)(?:质量)?(?:问题|缺陷|错误|过错)",
        r"(?:我方|我司|我们)(?:全责|理亏|失职)",
    ),
    "accusation": (
        r"您(?:们)?(?:这|这样|这么做|的行为)?(?:就)?(?:是|属于|涉嫌|在)(?:敲诈|勒索|威胁|要挟|讹|碰瓷|恶意|造谣|诽谤|撒谎|骗|无理|捣乱)",
        r"(?:敲诈|讹诈|讹人|碰瓷|刁民|恶意投诉|职业投诉|职业打假|无理取闹|胡搅蛮缠|存心)",
        r"(?:您|你)(?:们)?(?:是不是)?(?:被人指使|收了钱|同行派来|竞争对手)",
    ),
    "blame": (
        r"您(?:自己|当时)?(?:应该|本来就|本该|怎么不|为什么不|没有?看清|没仔细|没有仔细|不看|误解|想多|理解错)",
        r"(?:是|属于)您(?:自己|这边|本人)?的(?:错|责任|问题|原因|疏忽|过失)",
        r"(?:别人|其他客户|别的客户)(?:都|怎么)(?:没|不)",
        r"您(?:先|要|必须)?(?:冷静|别激动|不要激动|消消气|别生气)|请您?(?:先)?冷静",
        r"(?:这|那)不(?:归|是)我(?:们)?(?:管|的事)|您(?:去)?找(?:他们|别人|厂家)(?:去|吧)",
    ),
}
"""Patterns by rule: promise of money or result, admission of liability, accusation, blame."""

_COMPILED = {rule: re.compile("|".join(f"(?:{p})" for p in patterns)) for rule, patterns in PHRASE_RULES.items()}


def forbidden_phrases(text: str) -> tuple[str, ...]:
    """Return what a sentence must not say, as ``rule: words``; empty when nothing is wrong.

    Parameters
    ----------
    text : str
        A sentence that a handler would say, or a headline.

    Examples
    --------
    >>> forbidden_phrases("我们保证今天退款。")
    ('promise: 保证今天退',)
    >>> forbidden_phrases("我先把经过记下来，再去核对。")
    ()
    """
    return tuple(f"{rule}: {match.group()}" for rule, p in _COMPILED.items() for match in p.finditer(text))
