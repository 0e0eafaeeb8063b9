// Plays a recorded shift: units drive along the streets, calls wait and are served, decisions are explained on request.

// The map

// Where nearly everything happens: a street far outside must not make the rest too small to see.
const busy = [...calls.map((call) => call.node), ...units.flatMap((unit) => unit.nodes)];
function inView(values) {
  const sorted = busy.map((node) => values[node]).sort((a, b) => a - b), last = sorted.length - 1;
  const low = sorted[Math.floor(0.01 * last)], high = sorted[Math.ceil(0.99 * last)];
  const more = Math.max(0.05 * (high - low), 50);
  return [low - more, high + more];
}
function fit() {
  const width = canvas.clientWidth;
  if (!width) return; // not shown: the page is being printed
  ratio = window.devicePixelRatio || 1;
  const [left, right] = inView(data.x), [bottom, top] = inView(data.y);
  const height = Math.min(Math.max(width * (top - bottom) / (right - left), 260), 640);
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const margin = 18;
  scale = Math.min((width - 2 * margin) / (right - left), (height - 2 * margin) / (top - bottom));
  offset = [(width - scale * (right + left)) / 2, (height + scale * (top + bottom)) / 2];
  streets = document.createElement("canvas");
  streets.width = canvas.width;
  streets.height = canvas.height;
  const ink = streets.getContext("2d");
  ink.scale(ratio, ratio);
  ink.lineCap = "round";
  ink.strokeStyle = ROAD;
  ink.lineWidth = Math.min(Math.max(60 / Math.sqrt(data.roads.length), 0.5), 2.5);
  ink.beginPath();
  for (let k = 0; k < data.roads.length; k += 2) {
    ink.moveTo(...at([data.x[data.roads[k]], data.y[data.roads[k]]]));
    ink.lineTo(...at([data.x[data.roads[k + 1]], data.y[data.roads[k + 1]]]));
  }
  ink.stroke();
  ink.strokeStyle = "#9aa1a8";
  ink.lineWidth = 1;
  ink.setLineDash([4, 3]);
  for (const corners of data.outlines) {
    ink.beginPath();
    for (let k = 0; k < corners.length; k += 2) ink.lineTo(...at([corners[k], corners[k + 1]]));
    ink.stroke();
  }
  draw();
}
const at = ([x, y]) => [offset[0] + scale * x, offset[1] - scale * y];
function draw() {
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(streets, 0, 0);
  pen.scale(ratio, ratio);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const call of calls) if (isOpen(call)) drawCall(call);
  const crowd = new Map();
  for (const unit of units) drawUnit(unit, crowd);
  const marks = selected ? selected.places() : [];
  pen.strokeStyle = "#000";
  pen.lineWidth = 2;
  for (const spot of marks) ring(at(spot), 15);
}
function ring([x, y], radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.stroke();
}
function drawCall(call) {
  const spot = at([data.x[call.node], data.y[call.node]]), waits = isWaiting(call);
  pen.fillStyle = waits ? WAITING : SERVED;
  pen.strokeStyle = WAITING;
  pen.beginPath();
  pen.arc(...spot, 8, 0, 2 * Math.PI);
  pen.fill();
  if (waits) {
    pen.lineWidth = 1.5;
    ring(spot, 8 + Math.min((now - call.came) / 60, 30) * 0.6 + 2);
  }
  pen.fillStyle = "#fff";
  pen.font = "bold 10px sans-serif";
  pen.fillText(call.priority, spot[0], spot[1] + 0.5);
}
function drawUnit(unit, crowd) {
  const [doing] = state(unit, now);
  if (doing === 0) return;
  const [spotX, spotY] = at(place(unit, now)), size = 6;
  const key = `${Math.round(spotX / 4)},${Math.round(spotY / 4)}`, before = crowd.get(key) || 0;
  crowd.set(key, before + 1); // units at one corner stand side by side
  const shift = doing === ON_SCENE ? size : 0; // beside its call
  const x = spotX + 17 * before + shift, y = spotY + shift;
  unit.spot = [x, y];
  pen.fillStyle = COLORS[doing];
  pen.strokeStyle = "#fff";
  pen.lineWidth = 1.5;
  pen.beginPath();
  if (doing === SENT) {
    pen.moveTo(x, y - size - 2);
    pen.lineTo(x + size + 2, y);
    pen.lineTo(x, y + size + 2);
    pen.lineTo(x - size - 2, y);
    pen.closePath();
  } else if (doing === FREE) {
    pen.moveTo(x, y - size - 1);
    pen.lineTo(x + size + 1, y + size);
    pen.lineTo(x - size - 1, y + size);
    pen.closePath();
  } else {
    pen.rect(x - size, y - size, 2 * size, 2 * size);
  }
  pen.fill();
  pen.stroke();
  if (doing === OUT) return;
  pen.fillStyle = "#24292e";
  pen.font = "9px sans-serif";
  if (units.length <= 60) pen.fillText(unit.name.replace(/^unit /i, ""), x, y + size + 8);
}

// Lists beside the map

function button(text, action, isOn) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  if (isOn) made.setAttribute("aria-pressed", "true");
  made.addEventListener("click", action);
  const item = document.createElement("li");
  item.append(made);
  return item;
}
let shown = "";
function list() {
  const waiting = calls.filter(isWaiting), rows = listed();
  const due = lastDecision(rows);
  const recent = rows.slice(Math.max(0, due - LISTED + 1), due + 1).reverse();
  const open = waiting.map((c) => `${c.number}:${Math.floor((now - c.came) / 60)}`).join();
  const key = `${due}|${open}|${selected && selected.key}|${get("shift-moves").checked}`;
  if (key === shown) return;
  shown = key;
  get("shift-waiting").replaceChildren(...waiting.map((call) => button(
    `${capital(named(call))}: ${minutes(now - call.came)}`, () => pick(ofCall(call)), selected?.key === `c${call.number}`)));
  get("shift-decisions").replaceChildren(...recent.map((d) => button(
    `${clockOf(d.time)}  ${headline(d)}`, () => pick(ofDecision(d)), selected?.key === `d${d.k}`)));
  const isNew = (call) => call.came >= 0, came = calls.filter((c) => c.came <= now && isNew(c)).length;
  const served = calls.filter((c) => c.came >= 0 && c.reached !== null && c.reached <= now).length;
  const longest = Math.max(0, ...waiting.map((c) => now - c.came));
  const older = waiting.filter((c) => !isNew(c)).length;
  const before = older && ` (${older === waiting.length ? "all" : older} from before ${clockOf(0).slice(4)})`;
  get("shift-count").textContent =
    `Since ${clockOf(0)}: ${came} ${came === 1 ? "call" : "calls"} came, ${served} reached. Waiting now: ${waiting.length}` +
    `${before || ""}${waiting.length ? `, the longest for ${minutes(longest)}` : ""}.`;
}
const dispatches = decisions.filter((d) => d.kind !== 2);
const listed = () => (get("shift-moves").checked ? decisions : dispatches);
function lastDecision(rows) {
  let low = -1;
  for (let step = 1 << 20; step; step >>= 1) while (low + step < rows.length && rows[low + step].time <= now) low += step;
  return low;
}

// Choosing

const corner = (node) => [data.x[node], data.y[node]];
const ofCall = (call) => ({ key: `c${call.number}`, text: () => about(call), places: () => [corner(call.node)] });
const ofUnit = (unit) => ({ key: `u${unit}`, text: () => told(unit), places: () => [place(units[unit], now)] });
function ofDecision(decision) {
  const row = decision.row, text = () => explanation(decision);
  const places = decision.kind === 1 ? () => [corner(calls[row[0]].node)]
    : () => [place(units[row[0]], now), corner(decision.kind === 0 ? calls[row[1]].node : row[1])];
  return { key: `d${decision.k}`, text, places };
}
function pick(what) {
  selected = what;
  render();
}
function nearest(x, y) {
  let best = null, least = 24;
  const consider = ([a, b], made) => {
    const away = Math.hypot(a - x, b - y);
    if (away <= least) [least, best] = [away, made];
  };
  calls.filter(isOpen).forEach((call) => consider(at(corner(call.node)), () => ofCall(call)));
  units.forEach((unit, k) => { if (state(unit, now)[0]) consider(unit.spot, () => ofUnit(k)); });
  return best && best();
}

// Time

function render() {
  slider.value = now;
  slider.setAttribute("aria-valuetext", clockOf(now));
  clock.textContent = clockOf(now);
  get("shift-detail").textContent = selected ? capital(selected.text())
    : "Choose a unit, a call or a decision to see the reasons.";
  list();
  draw();
}
function go(time) {
  now = Math.min(Math.max(time, 0), data.seconds);
  if (now >= data.seconds) stop();
  render();
}
function stop() {
  playing = false;
  play.textContent = "Play";
  play.setAttribute("aria-pressed", "false");
}
function toggle() {
  if (playing) return stop();
  if (now >= data.seconds) now = 0;
  playing = true;
  play.textContent = "Pause";
  play.setAttribute("aria-pressed", "true");
  last = performance.now();
  requestAnimationFrame(tick);
}
function tick(instant) {
  if (!playing) return;
  go(now + (instant - last) / 1000 * Number(speed.value));
  last = instant;
  if (playing) requestAnimationFrame(tick);
}
function step(direction) {
  const rows = listed();
  const next = direction > 0 ? rows.find((d) => d.time > now) : rows.filter((d) => d.time < now).pop();
  if (!next) return;
  selected = ofDecision(next);
  go(next.time);
}
const KEYS = {
  " ": toggle,
  ArrowRight: (event) => go(now + (event.shiftKey ? 600 : 60)),
  ArrowLeft: (event) => go(now - (event.shiftKey ? 600 : 60)),
  Home: () => go(0),
  End: () => go(data.seconds),
  n: () => step(1),
  p: () => step(-1),
};
get("shift").addEventListener("keydown", (event) => {
  const action = KEYS[event.key], tag = event.target.tagName;
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  if (tag === "SELECT" || (event.key === " " && tag !== "CANVAS" && tag !== "SECTION" && event.target !== slider)) return;
  event.preventDefault();
  action(event);
});
slider.max = data.seconds;
slider.addEventListener("input", () => go(Number(slider.value)));
play.addEventListener("click", toggle);
get("shift-next").addEventListener("click", () => step(1));
get("shift-previous").addEventListener("click", () => step(-1));
get("shift-moves").addEventListener("change", render);
canvas.addEventListener("click", (event) => {
  const found = nearest(event.offsetX, event.offsetY);
  if (found) pick(found);
});
window.addEventListener("resize", fit);
fit();
render();
