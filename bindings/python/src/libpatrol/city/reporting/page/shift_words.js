// A recorded shift: what is true at a time, and what is said of it. The page puts shift.js behind it, in one function.

const data = JSON.parse(document.getElementById("shift-data").textContent);
const get = (id) => document.getElementById(id);
const canvas = get("shift-map"), pen = canvas.getContext("2d");
const slider = get("shift-time"), clock = get("shift-clock"), play = get("shift-play"), speed = get("shift-speed");
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const FREE = 1, SENT = 2, ON_SCENE = 3, OUT = 5;
const COLORS = ["", "#0072B2", "#D55E00", "#24292e", "#CC79A7", "#9aa1a8"];
const WAITING = "#D55E00", SERVED = "#8a97a0", ROAD = "#cfd4d9", LISTED = 14;
let now = 0, playing = false, last = 0, selected = null, scale = 1, offset = [0, 0], streets = null, ratio = 1;

const units = data.units.map((unit) => {
  const times = [], nodes = [];
  let time = 0;
  for (let k = 0; k < unit.way.length; k += 2) {
    time += unit.way[k];
    times.push(time);
    nodes.push(unit.way[k + 1]);
  }
  return { name: unit.name, times, nodes, states: unit.states };
});
const calls = data.calls.map(([came, node, priority, kind, need, reached, ended, lost, sent], k) => (
  { number: k + 1, came, node, priority, kind, need, reached, ended, lost, sent }));
const decisions = data.decisions.map((row, k) => ({ k, time: row[0], kind: row[1], row: row.slice(2) }));

// What is true at a time

function lastAtOrBefore(values, time, stride) {
  let low = 0, high = values.length / stride - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle * stride] <= time) low = middle; else high = middle - 1;
  }
  return low;
}
function place(unit, time) {
  const k = lastAtOrBefore(unit.times, time, 1);
  const a = unit.nodes[k], b = unit.nodes[Math.min(k + 1, unit.nodes.length - 1)];
  const span = (unit.times[k + 1] ?? unit.times[k]) - unit.times[k];
  const share = span > 0 ? Math.min(Math.max((time - unit.times[k]) / span, 0), 1) : 0;
  return [data.x[a] + share * (data.x[b] - data.x[a]), data.y[a] + share * (data.y[b] - data.y[a])];
}
function state(unit, time) {
  const k = 3 * lastAtOrBefore(unit.states, time, 3);
  return [unit.states[k + 1], unit.states[k + 2]];
}
const isOpen = (call) => call.came <= now && (call.ended === null || call.ended > now);
const isWaiting = (call) => isOpen(call) && (call.reached === null || call.reached > now);

// Words

const two = (number) => String(number).padStart(2, "0");
function clockOf(time) {
  const seconds = data.start + time, day = Math.floor(seconds / 86400) % 7;
  return `${DAYS[day]} ${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}`;
}
const minutes = (seconds) => (seconds < 60 ? "less than a minute" : `${(seconds / 60).toFixed(1)} min`);
function where(node) {
  const street = data.street.length ? data.streets[data.street[node]] : "";
  const beat = data.beat.length && data.beat[node] >= 0 ? data.beats[data.beat[node]] : "";
  return [street, beat && `beat ${beat}`].filter(Boolean).join(", ") || `corner ${node + 1}`;
}
function named(call) {
  const kind = call.kind < 0 ? "type not shown" : data.kinds[call.kind];
  return `call ${call.number} (priority ${call.priority}, ${kind})`;
}
function headline(decision) {
  const row = decision.row;
  if (decision.kind === 0) return `${units[row[0]].name} → call ${row[1] + 1}`;
  if (decision.kind === 1) return `call ${row[0] + 1} waits`;
  return `${units[row[0]].name} ${row[2] > 0 ? "→" : "stays at"} ${where(row[1])}`;
}
function explanation(decision) {
  const row = decision.row;
  if (decision.kind === 1) {
    const missing = row[1] === 1 ? "a unit" : `${row[1]} units`;
    return `${capital(named(calls[row[0]]))} waits for ${missing}: ${data.waitReasons[row[2]]}.`;
  }
  if (decision.kind === 2) {
    const what = row[2] > 0 ? `patrols to ${where(row[1])}, ${minutes(row[2])} away` : `stays at ${where(row[1])}`;
    return `${units[row[0]].name} ${what}: ${data.moveReasons[row[3]]}.`;
  }
  const [unit, call, travel, other, otherTravel, loss, left] = row;
  let text = `${units[unit].name} goes to ${named(calls[call])} at ${where(calls[call].node)}, ${minutes(travel)} away.`;
  if (left >= 0) text += ` It leaves call ${left + 1}, which waits again.`;
  if (other < 0 && loss === null) return `${text} No other unit could go, and the call may not be held.`;
  const instead = other < 0 ? "the call would wait" : `${units[other].name} would go, ${minutes(otherTravel)} away`;
  if (loss === null) return `${text} Otherwise ${instead}, and fewer calls could be served.`;
  if (loss < 0) return `${text} A rule of the department requires it; otherwise ${instead}.`;
  if (loss < 1) return `${text} Equally good: ${instead}.`;
  return `${text} Otherwise ${instead}; this would add ${loss} s of weighted wait.`;
}
const capital = (text) => text[0].toUpperCase() + text.slice(1);
function about(call) {
  const lines = [`${capital(named(call))} at ${where(call.node)} came at ${clockOf(call.came)}.`];
  for (let k = 0; k < call.sent.length; k += 3) {
    if (call.sent[k + 1] > now) continue;
    const scene = call.sent[k + 2];
    const there = scene !== null && scene <= now ? `, there after ${minutes(scene - call.came)}` : "";
    lines.push(`${units[call.sent[k]].name} was sent after ${minutes(call.sent[k + 1] - call.came)}${there}.`);
  }
  const reason = decisions.filter((d) => d.kind === 1 && d.row[0] === call.number - 1 && d.time <= now).pop();
  if (isWaiting(call) && reason) lines.push(explanation(reason));
  if (call.ended !== null && call.ended <= now) lines.push(call.lost ? "It was lost: the queue was full." : "It has ended.");
  return lines.join(" ");
}
function told(unit) {
  const [doing, call] = state(units[unit], now);
  const of = call >= 0 ? ` call ${call + 1}` : "";
  const reason = decisions.filter((d) => d.kind !== 1 && d.row[0] === unit && d.time <= now).pop();
  return `${units[unit].name}: ${data.states[doing]}${of}. ${reason ? explanation(reason) : ""}`;
}
