/**
 * Colors of Okabe and Ito's palette, which remain distinct under all common forms of color blindness. Lighter
 * ones are used in dark mode.
 */
export const style = `
:root { color-scheme: light dark; --text: #1b1f24; --muted: #59636e; --line: #d8dee4; --page: #ffffff; --panel: #f6f8fa;
  --first: #0072b2; --second: #d55e00; --third: #007f5f; --note: #8a5a00; --note-panel: #fff6e0; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --muted: #9aa5b1; --line: #30363d; --page: #0f1318; --panel: #171c22;
  --first: #56b4e9; --second: #e69f00; --third: #35c99a; --note: #f0c674; --note-panel: #2a2415; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
.about { color: var(--muted); margin: 0 0 1.5rem; }
.headline { font-size: 1.1rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
.tiles b { display: block; font-size: 1.7rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--muted); font-size: .85rem; display: block; }
.notes { background: var(--note-panel); border-left: 4px solid var(--note); border-radius: .25rem; padding: .75rem 1rem .75rem 2rem; margin: 1.25rem 0; }
.scroll { overflow-x: auto; margin: 0 0 1.25rem; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; width: 100%; }
caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--muted); font-weight: 600; border-bottom-color: var(--muted); }
tbody th { font-weight: 500; min-width: 8rem; }
.number { text-align: right; white-space: nowrap; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(25rem, 100%), 1fr)); gap: 1.5rem; }
figure { margin: 0 0 1rem; min-width: 0; }
.narrow { max-width: 30rem; }
figure svg { width: 100%; height: auto; display: block; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; margin: 0 0 .25rem; padding: 0 0 0 2.5rem; font-size: .85rem; }
.legend svg { display: inline; width: 28px; vertical-align: -1px; }
details { margin: .25rem 0 1rem; font-size: .9rem; }
summary { cursor: pointer; color: var(--muted); }
.matrices { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.5rem; }
.matrix td { text-align: center; font-size: 1.1rem; border: 2px solid var(--page); }
.matrix td small { display: block; color: inherit; font-size: .8rem; }
.provenance td, .provenance th { overflow-wrap: anywhere; }
@media print { details { display: none; } main { max-width: none; } }
`;
