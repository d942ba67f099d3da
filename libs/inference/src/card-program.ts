/**
 * A program for the model card. It uses transformers.js and the bundle's own template (`text.template` of
 * overture.json), but no code of Overture.
 * @param modelType overrides the type in config.json; undefined if transformers.js supports that type
 */
export function cardProgram(modelType: string | undefined): string {
  return `import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from '@huggingface/transformers';

const folder = resolve(process.argv[2] ?? '.');
const json = async (file) => JSON.parse(await readFile(\`\${folder}/\${file}\`, 'utf8'));
const { turns: rule, position, separator, truncation } = (await json('overture.json')).text.template;
const { maxLength, unit, carrier, leastCost, wholeSlack, openingShare } = truncation;
const classify = await pipeline('text-classification', folder, { dtype: 'fp32'${modelType === undefined ? '' : `, config: { ...(await json('config.json')), model_type: '${modelType}' }`} });
const count = (text, whole = false) => classify.tokenizer.encode(text, { add_special_tokens: whole }).length;
const added = (before, text) => Math.max(leastCost, count(before + text) - count(before));
const total = (turns) => turns.reduce((sum, { cost }) => sum + cost, 0);

function clean(text) {
  const line = text.toWellFormed().replace(new RegExp(rule.space, 'gu'), ' ');
  return (rule.normalize ? line.normalize(rule.normalize) : line).replace(new RegExp(rule.control, 'giu'), ' ').trim();
}
function measure({ role, text }) {
  const line = clean(text);
  const start = added(carrier, separator + rule.speakers[role]);
  const units = Array.from(line.matchAll(new RegExp(unit, 'gu')), ({ 0: part, 1: before, index }) => ({
    from: index, to: index + part.length, cost: before === undefined ? added(carrier, ' ' + part) : added(before, part),
  }));
  return { role, text: line, start, units, cost: start + total(units) };
}
function cut(turns, room) {
  const opening = Math.max(0, turns.findIndex(({ role }) => role === 'user'));
  const first = turns[opening];
  if (first === undefined || first.start > room) return [];
  const share = Math.max(Math.floor(openingShare * room), room - total(turns.slice(opening + 1)));
  const forOpening = Math.max(first.start, Math.min(first.cost, share));
  const kept = [];
  let left = room - forOpening;
  for (let i = turns.length - 1; i >= 0; i--) {
    const { role, text, start, units } = turns[i];
    if (i === opening) continue;
    if (left <= start) break;
    let [from, used] = [units.length, start];
    while (from > 0 && used + units[from - 1].cost <= left) used += units[--from].cost;
    if (from === units.length && from > 0) break;
    kept[i] = { role, text: text.slice(units[from]?.from ?? 0) };
    left -= used;
    if (from > 0) break;
  }
  let [to, used] = [0, first.start];
  while (to < first.units.length && used + first.units[to].cost <= forOpening + left) used += first.units[to++].cost;
  kept[opening] = { role: first.role, text: first.text.slice(0, first.units[to - 1]?.to ?? 0) };
  return kept.filter(Boolean);
}
function textOf({ utterances }) {
  const merged = [];
  for (const { role, text } of utterances) {
    if (rule.merge !== null && merged.at(-1)?.role === role) merged.at(-1).text += rule.merge + text;
    else merged.push({ role, text });
  }
  const turns = merged.map(measure);
  const answers = turns.slice(turns.findIndex(({ role }) => role === 'user')).filter(({ role }) => role === 'system');
  const head = position + (answers.length + 1);
  const write = (kept) => [head, ...kept.map(({ role, text }) => \`\${rule.speakers[role]} \${text}\`.trimEnd())].join(separator);
  let room = maxLength - count(head, true);
  if (total(turns) <= wholeSlack * room && count(write(turns), true) <= maxLength) return write(turns);
  for (let text; ; room -= count(text, true) - maxLength) {
    text = write(cut(turns, room));
    if (count(text, true) <= maxLength) return text;
  }
}

const conversations = [{ utterances: [{ role: 'user', text: 'My printer is offline. What can I do?' }] }];
const given = process.argv[3] ? JSON.parse(await readFile(process.argv[3], 'utf8')) : conversations;
for (const conversation of given) {
  const [scores] = await classify([textOf(conversation)], { top_k: null });
  console.log(String(scores.find(({ label }) => label === 'INITIATIVE').score));
}`;
}
