"""Facts that are words: parties by role, emotions, remedies demanded, places, products."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from complaint_motive.analysis import Fact
from complaint_motive.errors import ResourceError
from complaint_motive.features.cue_literals import LiteralScan
from complaint_motive.features.cue_syntax import guarded
from complaint_motive.features.document import Documents
from complaint_motive.features.fact_kinds import HAN, make_fact
from complaint_motive.features.numerals import HAN_NUMERALS, NUMBER
from complaint_motive.features.runs import runs

__all__ = [
    "batch_remedy_words",
    "demanded_remedies",
    "find_places",
    "find_products",
    "find_remedies",
    "find_roles_and_emotions",
]

_NO_EMOTION = re.compile(
    r"(?:(?<!能)(?<!得)不(?:会|用|要|必|太|是很|至于|那么)?|没(?:有|什么)?|别|无需|免得|以免"
    r"|莫)(?:太|再|让[^,。]{0,3}|感到|觉得)?$"
)
_REQUEST = (
    r"(?:要求|诉求|请(?!了|假|问)|希望|盼望?|望(?!着|去|见)|麻烦|拜托|恳求|给(?=我|俺|咱|客户"
    r"|用户|本人|大家|个|一个|回|退|换|修|赔|说法|予|不)|帮|赶紧|赶快|尽快|马上|立即|立刻|必须"
    r"|务必|能不能|能否|可否|可不可以|是否(?:可以|能)|我?要(?!么慢|不是|是再)|想要?|申请|应该"
    r"|应当|得(?=退|赔|给)|建议"
    r"|速|早日|及时|责令|督促|敦促|让(?=你们|商家|他们|物业)|等(?=你们|回复|答复)|需要?|什么时候"
    r"|何时|凭什么不|为什么不|为何不|怎么不|不(?=退|赔|给|肯|予|解决|发货)|拒不?|拒绝|不(?:愿"
    r"|肯|给|让|能)|没(?=退|赔|道歉|回复|答复|发货|到账|人)|未|迟迟|一直|把|再不|限|[天时班日底号之](?:内"
    r"|前)|欠我?|说法|坚持|主张|支持|同意|补|全额|至少|只求|求|诚恳|没有?)"
    r"[^。!?;\n]{0,16}$"
)
_UNWANTED = re.compile(
    r"(?:不(?:是(?:为了|要|想要?|图)?|用|要(?!求)|想要?|需要?|必|求|指望|稀罕|打算|图|为)|没(?:有)?(?:要"
    r"|想|要求|提)|无需|不再|懒得|别(?=退|换|赔)|已经?|刚|成功|自动)(?:你们?|您|再)?(?:什么|任何"
    r"|这点|那点|全额)?$"
)
_DONE = re.compile(
    r"(?:款|费|货|钱|保)?(?:成功|完成|(?:给我)?了(?!吗|没|吧|算|事)|已到账|给我了|过的?|部门"
    r"|热线|中心|师傅|人员|工人|店|点(?!钱)|时效|费(?!用)|流程|规则|政策|界面|按钮|时间|速度"
    r"|慢|快|就好|员|期|员工|公司|条款|险|单|页面|基金|款项目)"
)
_LONGER = frozenset("站库牌间商场店费价员号壳膜主")
_BOUND = r"[,。!?;:、\n\s“”《》()]"
_CLAUSE_BEGINS, _CLAUSE_ENDS = re.compile(_BOUND), re.compile(rf"$|吧|{_BOUND}|我|给我")


@lru_cache(maxsize=1)
def _request() -> re.Pattern[str]:
    return re.compile(guarded(_REQUEST))


class _Lexicon(NamedTuple):
    """Words of some tables in one automaton; the kind is empty for words that only hide shorter ones."""

    automaton: AhoCorasick
    words: tuple[str, ...]
    entries: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Any]:
    """Return the tables of ``facts.toml``.

    Raises
    ------
    ResourceError
        If a table is missing or a value is not a text.
    """
    resource = files("complaint_motive") / "resources" / "facts.toml"
    tables = tomllib.loads(resource.read_text(encoding="utf-8"))
    for name in ("party", "ignore", "emotion", "remedy", "place", "product"):
        rows = tables.get(name)
        if not isinstance(rows, dict) or not all(isinstance(words, str) for words in rows.values()):
            raise ResourceError(f"facts.toml: table [{name}] must give a text of words for every key, got {rows!r}")
    return tables


def _lexicon(*kinds: str) -> _Lexicon:
    tables = _tables()
    words: dict[str, tuple[str, str]] = {}
    for kind in kinds:
        for value, row in tables[kind].items():
            words.update((word, (kind, value)) for word in row.split())
        words.update((word, ("", "")) for word in tables["ignore"].get(kind, "").split() if word not in words)
    automaton = AhoCorasick(list(words), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)
    return _Lexicon(automaton, tuple(words), tuple(words.values()))


@lru_cache(maxsize=1)
def _roles() -> _Lexicon:
    return _lexicon("party", "emotion")


@lru_cache(maxsize=1)
def _remedies() -> _Lexicon:
    return _lexicon("remedy")


@lru_cache(maxsize=1)
def _remedy_scan() -> LiteralScan:
    return LiteralScan(list(_remedies().words))


def find_roles_and_emotions(text: str) -> Iterator[Fact]:
    """Yield parties named by role and words of emotion that are not negated; the value is their group's id.

    Examples
    --------
    >>> [(f.kind, f.text, f.value) for f in find_roles_and_emotions("店长的话让我妈很寒心,我没生气")]
    [('party', '店长', 'management'), ('party', '我妈', 'family'), ('emotion', '寒心', 'disappointed')]
    """
    lexicon = _roles()
    for index, start, end in lexicon.automaton.find_matches_as_indexes(text):
        kind, value = lexicon.entries[index]
        if kind == "emotion" and _NO_EMOTION.search(text, max(0, start - 6), start):
            continue
        if kind:
            yield make_fact(kind, text, start, end, value)


def find_remedies(text: str) -> Iterator[Fact]:
    """Yield the remedies demanded, the value being one of the ids in table ``[remedy]`` of ``facts.toml``.

    A remedy counts where a word of request, refusal or waiting stands before it in the sentence, or where it makes a
    clause of its own; remedies that are declined or already given do not.

    Examples
    --------
    >>> [(f.text, f.value) for f in find_remedies("不是要赔偿,要求退款并道歉,维修师傅来过")]
    [('退款', 'refund'), ('道歉', 'apology')]
    """
    yield from demanded_remedies(text, _remedies().automaton.find_matches_as_indexes(text))


def batch_remedy_words(
    documents: Documents, chosen: Sequence[bool] | None = None
) -> Iterator[tuple[int, list[tuple[int, int, int]]]]:
    """Yield the documents that hold words for remedies, demanded or not, with entry, start and end of each word.

    Parameters
    ----------
    documents : Documents
        The batch.
    chosen : sequence of bool, optional
        Which documents to look at; default: all.
    """
    codes = np.minimum(documents.codes, 0xFFFF).astype(np.uint16)
    entries, starts, ends = _remedy_scan().find(documents.text, codes)
    own = np.searchsorted(documents.bounds, starts, side="right") - 1
    rows = np.lexsort((-ends, starts))
    if chosen is not None:
        rows = rows[np.array(chosen, dtype=np.bool_)[own[rows]]]
    own, shifts = own[rows], documents.bounds[own[rows]]
    hits = zip(entries[rows].tolist(), (starts[rows] - shifts).tolist(), (ends[rows] - shifts).tolist(), strict=True)
    for k, first, end in runs(own):
        yield k, list(_leftmost_longest(islice(hits, end - first)))


def _leftmost_longest(hits: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Yield hits that do not overlap, given in the order of their starts, the longest of one start first."""
    behind = 0
    for hit in hits:
        if hit[1] >= behind:
            behind = hit[2]
            yield hit


def demanded_remedies(text: str, hits: Iterable[tuple[int, int, int]]) -> Iterator[Fact]:
    """Yield those of the words for remedies that :func:`find_remedies` yields.

    Parameters
    ----------
    text : str
        One normalised text.
    hits : iterable of (int, int, int)
        Entry, start and end of the words.
    """
    for index, start, end in hits:
        if _is_demanded(text, start, end):
            yield make_fact("remedy", text, start, end, _remedies().entries[index][1])


def _is_demanded(text: str, start: int, end: int) -> bool:
    if _UNWANTED.search(text, max(0, start - 9), start) or _DONE.match(text, end):
        return False
    if _request().search(text, max(0, start - 26), start):
        return True
    own_clause = start == 0 or _CLAUSE_BEGINS.match(text, start - 1) is not None
    return own_clause and _CLAUSE_ENDS.match(text, end) is not None


_NOT_IN_PLACE = (
    "我你他她它您们在到去从了的是和与跟被把给向对不没有就都也还又很这那个一每某各本该整全另外内里来进出回说看"
    "找问买住坐开及以之或则并但而因为于等请叫让将据自由经过由打家几两上下烂绕翻指占用走延追查责批询违未得原断"
    "视订多么靠致贵段间至跨"
)
_NO_PLACE = (
    "思路 网路 电路 线路 铁路 道路 半路 一路 套路 修路 走路 城市 超市 上市 股市 全市 "
    "都市 地区 片区 误区 专区 城区 市区 辖区 灾区 山区 禁区 分区 评论区 农村 乡村 城镇"
    " 乡镇 网店 商店 开店 实体店"
)
_ACTS = "反映|咨询|举报|投诉|请求|关于|影响|破坏|严重|办理|建设|无法|只要|弄成|整改|网点|播放"
_HOUSE = rf"(?<![a-z\d])[a-z]?[\d{HAN_NUMERALS}]{{1,4}}(?:号楼|栋|单元)"
_PLACE_GATE = re.compile(
    "[区店院路街市县镇村楼栋园行厅站场校学馆厦所道库房寓间台网口]|单元|广场|超市|公寓|急诊|门诊|宿舍|电梯|驿站|银行"
)


@lru_cache(maxsize=1)
def _place() -> re.Pattern[str]:
    rows = _tables()["place"]
    plain, suffix = ("|".join(sorted(rows[key].split(), key=len, reverse=True)) for key in ("plain", "suffix"))
    stop = f"[{_NOT_IN_PLACE}]|{_ACTS}"
    name = rf"(?!{stop})[{HAN}a-z\d](?:(?!{stop}|[a-z]\d{{0,2}}[市县区])[{HAN}a-z\d]){{0,7}}?"
    after = "".join(f"(?<!{word})" for word in _NO_PLACE.split()) + (
        "(?!别|分|域|块|间|场|民|面|值|价|费|长|员|主|家|铺|人|线|由|程|过|上|边|口(?!店)|道(?!口"
        "|办)|里|内|局|政府|委|干部|支书|监|区|灯|况|名|数|方|公里|级|医|立|民政|住建|管|教育"
        "|法院|公安|人民|交通|人社|城管|规划|自来|运|径|费用|基|坑|障|牌|标|考|试|虎)"
    )
    return re.compile(
        rf"(?:(?P<named>{name}(?:{suffix}){after}|{_HOUSE})|(?P<plain>{plain})(?!费|卡|证|级|生|名|长"
        rf"|员|经理|们|通知|广播|按钮|老板|都|系统|平台|方))"
    )


def find_places(text: str) -> Iterator[Fact]:
    """Yield places, by the word that places end in; generic, without a gazetteer.

    Examples
    --------
    >>> [f.text for f in find_places("我在城东中心医院门口和小区里都看到了")]
    ['城东中心医院', '小区']
    """
    if _PLACE_GATE.search(text):
        for match in _place().finditer(text):
            yield make_fact("place", text, match.start(), match.end(), None)


@lru_cache(maxsize=1)
def _product() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a purchase with the phrase behind it, and of a phrase that ends in a product's name."""
    measure = "台部件双个张条瓶箱套辆份款只把盒袋块斤包桶本间次节床副支根罐提批顿杯幅盆棵单期年晚天片对串克公斤瓶位顶枚"
    stop = "我你他她它您的了就才没不在到还和也都又很太被说要给去这那吗吧呢啊过着后前却只让想跟比等花把是"
    verbs = (
        "购买|买|购入|购得|购|下单|订购|办理|办|开通|预[订定]|入手|拍下|拍|租|报名|报(?!修|警"
        "|销|价|给|告)|订(?!单)|充值|定制|装(?!修|作)|抢到?|团购|收到|投保"
    )
    heads = "|".join(sorted(_tables()["product"]["heads"].split(), key=len, reverse=True))
    return (
        re.compile(
            rf"(?<![举汇申通播海民承])(?:{verbs})(?!家|方|断|账|单|错|主|卖|房人|回|贵|好|证|学|法|完|事|房及|物|置|售|客|金)(?:了|过|的(?!时)|到|回)?(?:你们?家?"
            rf"|贵\w{{1,2}}|店里|他们?家?)?(?:的(?!时))?(?:{NUMBER}[多来]?(?:元|块)?的?(?=[{measure}])"
            rf"|(?=[{measure}]))?(?:(?:[{measure}]|平方|公斤)(?:的)?)?"
            rf"(?P<phrase>(?:(?![{stop}]|发现|结果|收到|回来|打开|使用|用了|现在|今天|昨天|时候"
            rf"|商品|东西|以后|之前|因为|怎么)[{HAN}a-z\d]){{1,12}})"
        ),
        re.compile(rf"[{HAN}a-z\d]*?(?:{heads})(?=$)|[{HAN}a-z\d]{{0,6}}(?:{heads})"),
    )


def find_products(text: str) -> Iterator[Fact]:
    """Yield products and services named after a verb of buying: 买了双运动鞋, 办的健身年卡.

    Examples
    --------
    >>> [f.text for f in find_products("花三百买了一双运动鞋,穿两天开胶")]
    ['运动鞋']
    """
    purchase, named = _product()
    for match in purchase.finditer(text):
        name = named.match(match["phrase"])
        start = match.start("phrase")
        if name is not None and len(name[0]) >= 2 and text[start + name.end() : start + name.end() + 1] not in _LONGER:
            yield make_fact("product", text, start, start + name.end(), None)
