"""A bill as a chart: one SVG file without scripts, fonts or network requests. Korean and English."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from marketday.capacity.cost.model import Bill, Line

WIDTH, BAR_HEIGHT, LEFT, RIGHT = 760, 34, 24, 24
_ROW = 74
_LEGEND_ROW = 24
_GROUPS = {
    "database": ("aws_db_",),
    "cache": ("aws_elasticache_",),
    "compute": ("aws_ecs_service", "aws_instance", "aws_launch_template", "aws_lambda_"),
    "network": ("aws_nat_", "aws_eip", "aws_lb", "aws_vpc_"),
    "edge": ("aws_cloudfront", "aws_wafv2_", "aws_route53_"),
    "stream": ("aws_kinesis_", "aws_s3_", "aws_athena_"),
    "watching": ("aws_cloudwatch_", "aws_ecs_cluster", "aws_sns_", "aws_sqs_"),
    "link": ("aws_dms_",),
    "keys": ("",),
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "What {drop} costs, {drops} times a year",
        "always_on": "always on: ${usd} a year",
        "per_year": "built for each drop: ${usd} a year, {saving} % saved",
        "per_drop": "one drop: ${usd}",
        "at_least": "at least",
        "database": "database",
        "cache": "Valkey",
        "compute": "services",
        "network": "network",
        "edge": "edge and WAF",
        "stream": "stream and archive",
        "watching": "logs and alarms",
        "link": "link (DMS)",
        "keys": "keys, secrets, images",
        "legend": "{group}, ${usd} a drop",
    },
    "ko": {
        "title": "{drop}의 비용, 한 해 {drops}회",
        "always_on": "상시 운영: 한 해 ${usd}",
        "per_year": "드롭마다 새로 구축: 한 해 ${usd}, {saving} % 절감",
        "per_drop": "드롭 한 번: ${usd}",
        "at_least": "최소",
        "database": "데이터베이스",
        "cache": "Valkey",
        "compute": "서비스",
        "network": "네트워크",
        "edge": "엣지와 WAF",
        "stream": "스트림과 보관",
        "watching": "로그와 알람",
        "link": "링크 (DMS)",
        "keys": "키, 시크릿, 이미지",
        "legend": "{group}, 드롭당 ${usd}",
    },
}
_STYLE = (
    "svg{font:14px system-ui,-apple-system,'Apple SD Gothic Neo','Noto Sans KR',sans-serif;background:#fff}"
    "text{fill:#211a1d}.title{font-size:19px;font-weight:700}.note{font-size:13px;fill:#6b5f63}.rest{fill:#f3ede8}"
    ".database{fill:#b0234f}.cache{fill:#e0708f}.compute{fill:#2f6f9f}.network{fill:#6aa9d8}.edge{fill:#176a47}"
    ".stream{fill:#64b48c}.watching{fill:#8a4b00}.link{fill:#d29a4a}.keys{fill:#85767b}"
)


def draw(bill: Bill, drop: str, language: str) -> str:
    """Return the text of an SVG with three bars: always on, a year of drops, and a single drop."""
    words = _WORDS[language]
    drops = _by_group(bill.lines, [line.per_drop for line in bill.lines])
    years = _by_group(bill.lines, [line.per_year for line in bill.lines])
    whole = _by_group(bill.lines, [line.always_on for line in bill.lines])
    least = f" ({words['at_least']})" if bill.not_priced else ""
    saving = f"{bill.saving * 100:.1f}"
    bars = [
        (words["always_on"].format(usd=f"{bill.always_on:,.0f}") + least, whole, bill.always_on),
        (words["per_year"].format(usd=f"{bill.per_year:,.0f}", saving=saving) + least, years, bill.always_on),
        (words["per_drop"].format(usd=f"{bill.per_drop:,.2f}") + least, drops, bill.per_drop),
    ]
    title = words["title"].format(drop=drop, drops=bill.drops)
    parts = [_text("title", LEFT, 34, title)]
    for row, (label, amounts, scale) in enumerate(bars):
        top = 62 + row * _ROW
        parts += [_text("note", LEFT, top, label), *_bar(top + 8, amounts, scale, words)]
    top = 62 + len(bars) * _ROW + 4
    shown = [group for group in _GROUPS if drops.get(group)]
    for place, group in enumerate(shown):
        parts += _legend(place, top, group, words["legend"].format(group=words[group], usd=f"{drops[group]:,.2f}"))
    height = top + (len(shown) + 1) // 2 * _LEGEND_ROW + 8
    head = Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-label="{}" lang="{}">')
    body = Markup("").join([head.format(WIDTH, height, title, language), _style(), *parts, Markup("</svg>\n")])
    return str(body)


def _group(type_: str) -> str:
    return next(group for group, beginnings in _GROUPS.items() if type_.startswith(beginnings))


def _by_group(lines: Sequence[Line], amounts: Sequence[float]) -> dict[str, float]:
    sums = dict.fromkeys(_GROUPS, 0.0)
    for line, amount in zip(lines, amounts, strict=True):
        sums[_group(line.resource.type)] += amount
    return sums


def _bar(top: int, amounts: Mapping[str, float], scale: float, words: Mapping[str, str]) -> list[Markup]:
    room = WIDTH - LEFT - RIGHT
    parts = [_rect("rest", LEFT, top, room, "")]
    x = float(LEFT)
    for group, amount in amounts.items():
        width = room * amount / scale if scale else 0.0
        if width:
            parts.append(_rect(group, x, top, width, f"{words[group]}: ${amount:,.2f}"))
        x += width
    return parts


def _rect(style: str, x: float, top: int, width: float, title: str) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"><title>{}</title></rect>').format(
        style, x, top, width, BAR_HEIGHT, title
    )


def _text(style: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(style, x, y, text)


def _legend(place: int, top: int, group: str, text: str) -> list[Markup]:
    x, y = LEFT + place % 2 * (WIDTH - LEFT - RIGHT) // 2, top + place // 2 * _LEGEND_ROW
    square = Markup('<rect class="{}" x="{}" y="{}" width="12" height="12" rx="2"/>').format(group, x, y)
    return [square, _text("note", x + 20, y + 11, text)]


def _style() -> Markup:
    return Markup("<style>" + _STYLE + "</style>")  # noqa: S704 (a constant)
