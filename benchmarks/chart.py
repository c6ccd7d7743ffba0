"""A bar chart as SVG, readable on light and dark backgrounds."""

from collections.abc import Sequence
from html import escape

_WIDTH, _ROW, _LABEL, _BAR = 820, 26, 430, 280
_STYLE = "text{font:13px sans-serif;fill:#57606a}.met{fill:#2da44e}.missed{fill:#cf222e}.one{stroke:#8c959f}"


def chart(title: str, bars: Sequence[tuple[str, float, str, bool]]) -> str:
    """The chart: for each bar its label, its ratio, its goal as text, and whether that is met."""
    longest = max([1.0, *(ratio for _, ratio, _, _ in bars)])
    height = _ROW * (len(bars) + 2)
    one = _LABEL + _BAR / longest
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text x="8" y="18" font-weight="bold">{escape(title)}</text>',
        f'<line class="one" x1="{one:.0f}" x2="{one:.0f}" y1="{_ROW}" y2="{height - _ROW // 2}"/>',
    ]
    for number, (label, ratio, goal, is_met) in enumerate(bars, start=1):
        top, length = number * _ROW + 6, max(_BAR * ratio / longest, 1)
        kind = "met" if is_met else "missed"
        lines += [
            f'<text x="8" y="{top + 12}">{escape(label)}</text>',
            f'<rect class="{kind}" x="{_LABEL}" y="{top}" width="{length:.1f}" height="16"/>',
            f'<text x="{_LABEL + length + 6:.0f}" y="{top + 12}">{ratio:.2f} ({escape(goal)})</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"
