/** How the panel looks: Home Assistant's colours, light and dark, from a phone to a wall. */

export const STYLE = `
:host {
  --bg: var(--primary-background-color, #fafafa);
  --card: var(--ha-card-background, var(--card-background-color, #fff));
  --text: var(--primary-text-color, #1c1c1c);
  --soft: var(--secondary-text-color, #616161);
  --line: var(--divider-color, rgb(0 0 0 / 12%));
  --primary: var(--primary-color, #009ac7);
  --notice: #93a4ba;
  --understand: #3f8fe0;
  --think: #8f6df2;
  --voice: #16a98f;
  --tint: var(--primary);
  --top: var(--safe-area-inset-top, env(safe-area-inset-top, 0px));
  --bottom: var(--safe-area-inset-bottom, env(safe-area-inset-bottom, 0px));
  --left: var(--safe-area-inset-left, env(safe-area-inset-left, 0px));
  --right: var(--safe-area-inset-right, env(safe-area-inset-right, 0px));
  display: block; height: 100vh; height: 100dvh; overflow: hidden;
  color: var(--text); background: var(--bg);
  font-family: var(--ha-font-family-body, Roboto, "Noto Sans", system-ui, sans-serif);
  font-size: 16px; line-height: 1.45; -webkit-font-smoothing: antialiased;
}
:host([data-mood="thinking"]) { --tint: #7c5cf5; }
:host([data-mood="speaking"]) { --tint: #12a98c; }
:host([data-mood="interrupted"]) { --tint: #f09a2e; }
:host([data-mood="reconnecting"]), :host([data-mood="muted"]), :host([data-mood="ended"]) { --tint: #8a94a6; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul { list-style: none; }
button, select, input { font: inherit; color: inherit; }
button { all: unset; box-sizing: border-box; cursor: pointer; -webkit-tap-highlight-color: transparent; }
button:focus-visible, select:focus-visible, .captions:focus-visible, .segments input:focus-visible + span {
  outline: 3px solid var(--primary); outline-offset: 2px; }
svg { width: 24px; height: 24px; fill: currentColor; flex: none; display: block; }
ha-icon { --mdc-icon-size: 18px; display: inline-flex; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.room { position: relative; display: flex; flex-direction: column; height: 100%;
  padding: var(--top) var(--right) 0 var(--left); }
.room::before { content: ""; position: absolute; inset: 0; pointer-events: none; opacity: .1;
  background: radial-gradient(60% 55% at var(--glow-x, 50%) 40%, var(--tint), transparent 75%);
  transition: opacity .6s; }
header { position: relative; display: flex; align-items: center; gap: 4px; min-height: var(--header-height, 56px);
  padding: 0 12px 0 20px; flex: none; }
h1 { flex: 1; font-size: 20px; font-weight: 500; letter-spacing: .1px; }
.tool { display: grid; place-items: center; width: 44px; height: 44px; border-radius: 50%; color: var(--soft); }
.tool:hover { background: color-mix(in srgb, var(--text) 8%, transparent); color: var(--text); }
.menu { display: none; margin-inline-start: -14px; color: var(--text); }
:host([data-narrow]) .menu { display: grid; }

main { position: relative; flex: 1; min-height: 0; display: flex; justify-content: center; }
.stage { position: relative; flex: 1; min-width: 0; display: flex; flex-direction: column; align-items: center;
  padding: 0 24px calc(24px + var(--bottom)); }
.status { display: flex; align-items: center; justify-content: center; flex-wrap: wrap; gap: 6px 14px; min-height: 28px;
  font-size: 14px; color: var(--soft); }
.status > :empty { display: none; }
.clock { font-variant-numeric: tabular-nums; }
.recording { display: inline-flex; align-items: center; gap: 7px; padding: 3px 12px 3px 10px; border-radius: 14px;
  background: #c5221f; color: #fff; font-weight: 500; font-size: 13px; }
.recording i { width: 9px; height: 9px; border-radius: 50%; background: #fff; animation: beat 1.4s infinite; }
.middle { flex: 1; min-height: 0; width: 100%; display: flex; flex-direction: column; align-items: center; justify-content: safe center;
  text-align: center; overflow-y: auto; scrollbar-width: none; }
.orb { position: relative; display: block; width: min(46vh, 400px, 84vw); aspect-ratio: 1; border-radius: 50%; flex: none;
  margin: -1.5vh 0 -2.5vh; transition: width .45s cubic-bezier(.3, .8, .3, 1); }
.orb:disabled { cursor: default; }
.orb:focus-visible { outline-offset: -12%; }
.orb:not(:disabled):active canvas { transform: scale(.97); }
canvas { display: block; width: 100%; height: 100%; color: var(--primary); transition: transform .15s; }
.glyph { position: absolute; inset: 0; display: grid; place-items: center; color: #fff; opacity: 0; transition: opacity .25s; }
.glyph svg { width: 16%; height: 16%; }
:host([data-mood="muted"]) .glyph { opacity: 1; }
.state { position: relative; font-size: 26px; font-weight: 500; letter-spacing: -.2px; line-height: 1.25; text-wrap: balance; }
.hint { position: relative; max-width: 44ch; margin-top: 6px; color: var(--soft); min-height: 1.45em; text-wrap: pretty; }
:host([data-mood="ended"]) .orb { width: min(30vh, 240px); }
:host([data-blocked]) .orb { width: min(22vh, 170px); margin-bottom: 0; }
.middle > * { flex: none; }

.card-place { position: relative; width: 100%; max-width: 520px; }
.card-place:has(.examples) { max-width: 860px; }
.examples { display: flex; flex-wrap: wrap; justify-content: center; gap: 10px; margin-top: 24px; }
.examples li { padding: 8px 16px; border-radius: 20px; font-size: 15px; color: var(--soft);
  background: color-mix(in srgb, var(--card) 80%, transparent); border: 1px solid var(--line); }
.steps { counter-reset: step; margin-top: 20px; padding: 8px 20px; border-radius: 20px; text-align: start; list-style: none;
  background: var(--card); border: 1px solid var(--line); }
.steps li { counter-increment: step; display: flex; gap: 14px; padding: 12px 0; }
.steps li + li { border-top: 1px solid var(--line); }
.steps li::before { content: counter(step); display: grid; place-items: center; flex: none; width: 26px; height: 26px;
  border-radius: 50%; font-size: 14px; font-weight: 600; color: var(--primary);
  background: color-mix(in srgb, var(--primary) 14%, transparent); }
.note-card { display: flex; align-items: center; gap: 14px; margin: 16px auto 0; padding: 8px 16px; min-height: 56px; width: fit-content; max-width: 100%; border-radius: 18px; text-align: start;
  font-size: 14px; background: var(--card); border: 1px solid var(--line); }
.note-card p { flex: 1; }
.note-card > svg { color: var(--tint); }
.note-card.bad > svg { color: var(--error-color, #c5221f); }

.controls { position: relative; display: flex; align-items: flex-start; justify-content: center; flex-wrap: wrap; gap: 12px 28px;
  min-height: 100px; padding-top: 12px; flex: none; }
.controls:empty { min-height: 0; padding: 0; }
.round { display: flex; flex-direction: column; align-items: center; gap: 8px; min-width: 84px; border-radius: 24px;
  font-size: 14px; color: var(--soft); text-align: center; }
.disc { display: grid; place-items: center; width: 64px; height: 64px; margin: 4px 0; border-radius: 50%; color: var(--text);
  background: var(--card); border: 1px solid var(--line); transition: background .2s, transform .12s; }
.round:hover .disc { background: color-mix(in srgb, var(--text) 7%, var(--card)); }
.round:active .disc { transform: scale(.94); }
.round:focus-visible { outline: none; }
.round:focus-visible .disc { outline: 3px solid var(--primary); outline-offset: 3px; }
.round[aria-pressed="true"] .disc { background: var(--text); color: var(--bg); border-color: transparent; }
.round[aria-pressed="true"] .label { color: var(--text); font-weight: 500; }
.red .disc, .green .disc { color: #fff; border: 0; width: 72px; height: 72px; margin: 0; box-shadow: 0 6px 20px rgb(0 0 0 / 18%); }
.red .disc { background: #d0281c; } .red:hover .disc { background: #b81f14; }
.green .disc { background: #15803d; } .green:hover .disc { background: #116b33; }
.red .disc svg, .green .disc svg { width: 30px; height: 30px; }
.tonal, .plain, .danger { display: inline-flex; align-items: center; justify-content: center; gap: 10px; min-height: 44px; padding: 0 20px;
  border-radius: 22px; font-weight: 500; font-size: 15px; }
.tonal { color: var(--text); background: color-mix(in srgb, var(--primary) 18%, var(--card)); }
.tonal:hover { background: color-mix(in srgb, var(--primary) 28%, var(--card)); }
.tonal svg, .plain svg { width: 20px; height: 20px; }
.controls:has(.tonal) { flex-direction: column; align-items: center; flex-wrap: nowrap; gap: 18px; }
.plain { color: var(--soft); padding: 0 14px; }
.plain:hover { background: color-mix(in srgb, var(--text) 8%, transparent); color: var(--text); }
.danger { color: #fff; background: #c5221f; }

/* --- what is being said */
.captions { display: none; overflow-y: auto; overscroll-behavior: contain; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
:host([data-talk]) .captions { display: flex; flex-direction: column; }
.captions .turn:first-child { margin-top: auto; }
.captions[data-empty]::before { content: attr(data-empty); display: grid; place-items: center; flex: 1; padding: 24px; text-align: center;
  color: var(--soft); }
.turn { display: flex; flex-direction: column; gap: 10px; padding: 14px 0; }
.turn > * { max-width: 100%; overflow-wrap: anywhere; }
.who { display: block; font-size: 12.5px; font-weight: 500; color: var(--soft); margin-bottom: 2px; }
.said { align-self: flex-end; }
.turn > .said { max-width: 88%; padding: 9px 16px 11px; border-radius: 20px 20px 6px 20px;
  background: color-mix(in srgb, var(--primary) 15%, var(--card)); animation: rise .25s ease-out; }
.said.partial .words { color: var(--soft); font-weight: 300; }
.said.partial .words::after { content: ""; display: inline-block; width: 2px; height: 1em; margin-inline-start: 3px; vertical-align: -2px;
  background: var(--primary); animation: beat 1s infinite; }
.answer { align-self: flex-start; font-size: 18px; line-height: 1.5; padding-inline-end: 8px; animation: rise .25s ease-out; }
.sentence { white-space: pre-wrap; border-radius: 6px; transition: color .3s, background-color .3s; }
.sounding .sentence { color: color-mix(in srgb, var(--text) 78%, transparent); }
.sounding .sentence.later { color: color-mix(in srgb, var(--text) 58%, transparent); }
.sounding .sentence.now { color: var(--text); background: color-mix(in srgb, #12a98c 20%, transparent);
  box-shadow: 0 0 0 3px color-mix(in srgb, #12a98c 20%, transparent); -webkit-box-decoration-break: clone; box-decoration-break: clone; }
.sentence.unheard { color: color-mix(in srgb, var(--soft) 80%, transparent); text-decoration: line-through; text-decoration-thickness: 1px; }
.answer.error { color: var(--error-color, #b3261e); }
.tag { display: inline-block; margin-inline-start: 8px; padding: 1px 10px; border-radius: 10px; font-size: 12.5px; vertical-align: 2px;
  color: var(--text); background: color-mix(in srgb, #f09a2e 26%, transparent); }
.deeds { display: flex; flex-wrap: wrap; gap: 8px; }
.chip { display: inline-flex; align-items: center; gap: 8px; max-width: 100%; padding: 6px 14px 6px 10px; border-radius: 18px; font-size: 14px;
  background: var(--card); border: 1px solid var(--line); animation: rise .3s ease-out; }
.chip svg { width: 18px; height: 18px; } .chip svg, .chip ha-icon { color: var(--soft); }
.chip.on svg, .chip.on ha-icon { color: var(--state-active-color, #e08a00); }
.chip .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chip .value { color: var(--soft); white-space: nowrap; }
.mini { display: inline-flex; align-items: center; gap: 10px; font-size: 12.5px; color: var(--soft); }
.mini .bar { width: 72px; height: 5px; }
.bar { display: flex; gap: 2px; height: 14px; border-radius: 8px; overflow: hidden; }
.bar i { flex: 1 1 0; min-width: 2px; } .notice { background: var(--notice); } .understand { background: var(--understand); } .think { background: var(--think); } .voice { background: var(--voice); }

/* --- the drawer */
.drawer { position: fixed; inset: 0 0 0 auto; width: min(460px, 100vw); height: 100vh; height: 100dvh; max-width: none; max-height: none; margin: 0; padding: 0;
  border: 0; color: var(--text); background: var(--card); box-shadow: -8px 0 40px rgb(0 0 0 / 22%); border-radius: 28px 0 0 28px; }
.drawer[open] { animation: slide .28s cubic-bezier(.2, .8, .2, 1); }
.drawer::backdrop { background: rgb(0 0 0 / 38%); animation: fade .25s; }
.drawer-inside { display: flex; flex-direction: column; height: 100%; padding: var(--top) var(--right) 0 0; }
.drawer-head { display: flex; align-items: center; gap: 8px; padding: 10px 12px 0 16px; }
[role="tablist"] { flex: 1; display: flex; gap: 4px; min-width: 0; }
[role="tab"] { padding: 12px; font-size: 15px; font-weight: 500; color: var(--soft); white-space: nowrap; border-bottom: 3px solid transparent; }
[role="tab"]:hover { color: var(--text); }
[role="tab"][aria-selected="true"] { color: var(--text); border-bottom-color: var(--primary); }
[role="tab"]:focus-visible { outline-offset: -4px; border-radius: 12px; }
.page-place { flex: 1; min-height: 0; overflow-y: auto; border-top: 1px solid var(--line); scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.page { padding: 20px 24px calc(32px + var(--bottom)); }
.page h3 { margin: 24px 0 8px; font-size: 14px; font-weight: 500; color: var(--soft); }
.page h3::first-letter { text-transform: uppercase; }
.page h3:first-child { margin-top: 0; }
.muted, .empty, small { color: var(--soft); } small { font-size: 14px; line-height: 1.4; }
.empty { display: grid; justify-items: center; gap: 12px; padding: 56px 24px; text-align: center; }
.empty svg { width: 40px; height: 40px; opacity: .5; }
.failure { color: var(--error-color, #b3261e); }
.sessions { margin: 0 -12px; }
.session { display: flex; align-items: center; gap: 14px; width: 100%; min-height: 64px; padding: 8px 12px; border-radius: 16px; }
.session:hover { background: color-mix(in srgb, var(--text) 6%, transparent); }
.session > svg { color: var(--soft); }
.session strong { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.recorded { display: grid; grid-template-columns: 1fr auto; align-items: center; padding: 6px 0 12px; }
.recorded .listener { grid-column: 1 / -1; }
.recorded audio { width: 100%; height: 44px; }
.badge { flex: none; display: grid; place-items: center; width: 40px; height: 40px; border-radius: 50%; color: var(--primary);
  background: color-mix(in srgb, var(--primary) 14%, transparent); }
.badge svg { width: 20px; height: 20px; }
.lines { flex: 1; min-width: 0; display: grid; gap: 1px; } .lines strong, .setting strong, .setting legend { font-weight: 500; font-size: 16px; }
.bar-of-one { display: flex; align-items: center; justify-content: space-between; margin: -8px 0 4px -12px; }
.back { display: inline-flex; align-items: center; gap: 8px; min-height: 44px; padding: 0 16px 0 12px; border-radius: 22px; font-weight: 500; }
.back:hover { background: color-mix(in srgb, var(--text) 7%, transparent); }
.actions { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; justify-content: space-between; margin-top: 16px; padding-top: 16px; border-top: 1px solid var(--line); }
.remover { display: inline-flex; gap: 4px; }
.total { font-size: 52px; font-weight: 300; letter-spacing: -1.5px; line-height: 1.2; margin: 12px 0 12px; font-variant-numeric: tabular-nums; }
.stretch { display: grid; grid-template-columns: 1fr auto; gap: 0 12px; padding: 14px 0; border-bottom: 1px solid var(--line); }
.stretch dt { display: flex; align-items: center; gap: 10px; font-weight: 500; }
.dot { width: 12px; height: 12px; border-radius: 50%; } .ms { font-variant-numeric: tabular-nums; }
.why { grid-column: 1 / -1; padding-inline-start: 22px; font-size: 14px; color: var(--soft); }
.times dl { margin-top: 8px; }
.earlier { display: grid; grid-template-columns: 1fr auto; gap: 4px 12px; padding: 8px 0; font-size: 14px; color: var(--soft); }
.earlier .said { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; justify-self: start; max-width: 100%; }
.scale { grid-column: 1 / -1; } .scale .bar { height: 6px; }
.setting { display: grid; gap: 6px; margin: 0; padding: 18px 0; border: 0; border-bottom: 1px solid var(--line); min-width: 0; }
.setting:first-of-type { padding-top: 4px; } .setting:last-child { border-bottom: 0; }
.setting legend { padding: 0; float: left; margin-bottom: 6px; } .setting legend + * { clear: both; }
.note { padding: 12px 16px; border-radius: 14px; font-size: 14px; margin-bottom: 16px; background: color-mix(in srgb, var(--primary) 12%, transparent); }
.select { position: relative; display: block; margin-top: 6px; }
.select svg { position: absolute; inset-inline-end: 12px; top: 12px; transform: rotate(90deg); pointer-events: none; color: var(--soft); }
select { appearance: none; width: 100%; height: 48px; padding: 0 44px 0 16px; border-radius: 14px; border: 1px solid var(--line); background: var(--bg); }
select option { color: #111; background: #fff; }
.segments { display: flex; gap: 4px; padding: 4px; border-radius: 16px; background: color-mix(in srgb, var(--text) 7%, transparent); }
.segments label { flex: 1 1 auto; position: relative; }
.segments input { position: absolute; opacity: 0; inset: 0; margin: 0; width: 100%; height: 100%; cursor: pointer; }
.segments span { display: grid; place-items: center; min-height: 40px; padding: 0 8px; border-radius: 12px; font-size: 14px; text-align: center; white-space: nowrap; }
.segments input:checked + span { background: var(--card); font-weight: 500; box-shadow: 0 1px 4px rgb(0 0 0 / 20%); }
.switch { grid-template-columns: 1fr auto; align-items: center; gap: 16px; cursor: pointer; }
.switch input { appearance: none; position: relative; width: 52px; height: 32px; margin: 0; border-radius: 16px; cursor: pointer; transition: background .2s;
  background: color-mix(in srgb, var(--text) 26%, transparent); }
.switch input::after { content: ""; position: absolute; inset: 4px auto auto 4px; width: 24px; height: 24px; border-radius: 50%; background: #fff;
  box-shadow: 0 1px 3px rgb(0 0 0 / 30%); transition: transform .2s; }
.switch input:checked { background: var(--primary); } .switch.record input:checked { background: #c5221f; }
.switch input:checked::after { transform: translateX(20px); }
.switch input:focus-visible { outline: 3px solid var(--primary); outline-offset: 2px; }
.keys p { display: flex; justify-content: space-between; gap: 12px; font-size: 14px; color: var(--soft); padding: 3px 0; }
kbd { display: inline-block; min-width: 28px; padding: 2px 8px; margin-inline-end: 6px; border-radius: 7px; text-align: center; font: inherit; font-size: 13px; color: var(--text);
  border: 1px solid var(--line); border-bottom-width: 2px; background: var(--bg); }
.transcript .turn:first-child { padding-top: 4px; } .transcript .answer { font-size: 16px; }

@keyframes beat { 50% { opacity: .25; } }
@keyframes rise { from { opacity: 0; transform: translateY(6px); } }
@keyframes slide { from { transform: translateX(48px); opacity: 0; } }
@keyframes fade { from { opacity: 0; } }

@media (min-width: 900px) {
  :host([data-talk]) { --glow-x: 30%; }
  :host([data-talk]) .captions { flex: 0 0 min(46%, 640px); margin: 0 24px calc(24px + var(--bottom)) 0; padding: 12px 28px; border-radius: 28px;
    background: var(--card); border: 1px solid var(--line); }
}
@media (max-width: 899.9px) {
  main { flex-direction: column; align-items: stretch; justify-content: flex-start; }
  :host([data-talk]) .stage { display: contents; }
  :host([data-talk]) .status { order: 0; } :host([data-talk]) .middle { order: 1; flex: none; padding: 0 24px; }
  :host([data-talk]) .captions { order: 2; flex: 1; min-height: 0; padding: 4px 20px; margin-top: 6px;
    mask-image: linear-gradient(transparent, #000 22px); }
  :host([data-talk]) .controls { order: 3; padding: 14px 16px calc(14px + var(--bottom)); min-height: 0; border-top: 1px solid var(--line); background: var(--card); }
  :host([data-talk]) .orb { width: min(25vh, 200px); margin: -2.4vh 0 -2vh; }
  :host([data-talk]) .state { font-size: 21px; } :host([data-talk]) .hint { font-size: 14.5px; margin-top: 2px; }
  :host([data-talk]) .card-place > * { margin-top: 10px; }
  .drawer { inset: auto 0 0; width: 100vw; height: 92vh; height: 92dvh; border-radius: 28px 28px 0 0; }
  .drawer-inside { padding: 0 var(--right) 0 var(--left); }
  .drawer[open] { animation-name: lift; }
  .page { padding-inline: 20px; }
  .drawer-head { padding-inline-start: 10px; } [role="tab"] { padding-inline: 9px; }
}
@keyframes lift { from { transform: translateY(60px); opacity: 0; } }
@media (max-width: 899.9px) and (max-height: 520px) {
  :host([data-talk]) .orb { width: 96px; margin: 0; } :host([data-talk]) .hint { display: none; }
  .orb { width: 30vh; } .round { flex-direction: row; }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; }
}
`;
