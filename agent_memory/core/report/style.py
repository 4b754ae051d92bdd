"""The style of the report: light and dark, wide and narrow, on a screen and on paper."""

from __future__ import annotations

from agent_memory.core.picture.svg import DARK, LIGHT
from agent_memory.core.picture.svg import STYLE as DRAWING

_PAGE = """
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",sans-serif}
header,main,footer{max-width:1080px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
footer{padding-top:8px;padding-bottom:40px;color:var(--quiet);font-size:13px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:19px;line-height:1.3;margin:0 0 4px}
h3{font-size:15px;margin:20px 0 6px}
p{margin:0 0 10px;overflow-wrap:anywhere}
code,td.place{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em;
overflow-wrap:anywhere}
.soft{color:var(--quiet)}
.secret{border:1px solid var(--over);border-left-width:5px;border-radius:9px;padding:9px 14px;
margin:16px 0;background:var(--disc)}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:0;padding:0}
nav a{color:inherit;text-decoration-color:var(--line);text-underline-offset:4px;
display:inline-block;padding:6px 0}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--fine);
outline-offset:2px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:12px;
margin:18px 0}
.tiles>div{background:var(--disc);border:1px solid var(--guide);border-radius:12px;
padding:12px 16px}
.tiles dt{color:var(--quiet);font-size:13px}
.tiles dd{margin:0;font-size:24px;font-weight:650;line-height:1.25}
.tiles .soft{font-size:13px;font-weight:400;line-height:1.4}
section{border-top:1px solid var(--guide);margin-top:26px;padding-top:22px}
.meter{margin:12px 0}
.meter p{margin:0 0 4px}
.meter svg{width:100%;height:12px;display:block}
.meter .track{fill:var(--guide)}.meter .full{fill:var(--fine)}.meter .past{fill:var(--broken)}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
table{border-collapse:collapse;width:100%;margin:10px 0}
caption{text-align:left;color:var(--quiet);padding-bottom:4px}
th{text-align:left;font-size:13px;font-weight:600;color:var(--quiet);
border-bottom:1px solid var(--line)}
th,td{padding:6px 14px 6px 0;vertical-align:top}
th:last-child,td:last-child{padding-right:0}
th.number{text-align:right}
td{border-bottom:1px solid var(--guide);overflow-wrap:anywhere}
td.name{min-width:8em}
td .hint{display:block;color:var(--quiet);font-size:13px}
.when{white-space:nowrap;font-variant-numeric:tabular-nums}
.badge{display:inline-block;border:1.5px solid var(--line);border-radius:99px;
padding:0 9px;font-size:13px;line-height:1.5;white-space:nowrap}
.badge.bad{border-color:var(--broken);border-left-width:8px}
.badge.warn{border-color:var(--over);border-left-width:8px}
.badge.good{border-color:var(--fine)}
.evidence{margin:4px 0 0;padding:0;list-style:none;font-size:14px}
.evidence li{padding:2px 0 2px 14px;border-left:3px solid var(--guide)}
.evidence .stale{border-color:var(--broken)}.evidence .suspect{border-color:var(--over)}
.notice{border-left:5px solid var(--over);padding:4px 12px;margin:10px 0}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:12px 28px}
figure{margin:8px 0}
figcaption{color:var(--quiet);font-size:13px}
.chart{width:100%;height:auto;display:block}
.chart text{fill:var(--quiet);font-size:11px;font-family:inherit}
.chart .grid{stroke:var(--guide)}
.chart .line{fill:none;stroke:var(--fine);stroke-width:2;stroke-linejoin:round}
.chart .area{fill:var(--fine);fill-opacity:.13}
.chart .now{fill:var(--fine)}
summary{cursor:pointer;padding:6px 0;color:var(--quiet)}
.scroll{overflow:auto;border:1px solid var(--guide);border-radius:12px;background:var(--paper)}
.scroll svg{display:block;margin:0 auto;max-width:100%;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:8px 0;
font-size:13px}
.legend li{display:flex;align-items:center;gap:6px}
.legend svg{width:20px;height:20px}
@media(max-width:700px){
header,main,footer{padding-left:16px;padding-right:16px}
header{padding-top:20px}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
nav a{padding:9px 0}
.stack,.stack tbody,.stack tr,.stack td,.stack caption{display:block;width:100%}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack tr{border-bottom:1px solid var(--line);padding:9px 0}
.stack td{border:0;padding:1px 0;text-align:left;white-space:normal}
.stack td[data-name]::before{content:attr(data-name) "\\00a0 ";color:var(--quiet);
font:13px ui-sans-serif,system-ui,-apple-system,"Segoe UI",sans-serif}
.stack td:empty{display:none}
.stack td.number,.stack td.when{display:inline-block;width:auto;margin-right:16px}
.stack td.name{min-width:0}
.scroll svg{max-width:none;width:max(100%,720px)}
}
@media print{
html{color-scheme:light}
body{font-size:11px;background:#fff}
nav,.screen{display:none}
header,main,footer{max-width:none;padding:0}
section{break-inside:auto;margin-top:14px;padding-top:10px}
h2,h3,caption{break-after:avoid}
tr,figure,.tiles,.secret{break-inside:avoid}
thead{display:table-header-group}
.scroll{overflow:visible;border:0}
}
"""
STYLE = (
    f":root{{{LIGHT}}}@media screen and (prefers-color-scheme:dark){{:root{{{DARK}}}}}"
    f"{DRAWING}{_PAGE}"
)
