import { counterRandom } from '@overture/core';

const things = ['printer', 'router', 'keyboard', 'screen', 'battery', 'browser', 'camera', 'speaker'];
const questions = [
  'Which version of the {} do you have?',
  'Could you say when the {} last worked?',
  'What does the {} show on start?',
];
const answers = [
  'Turn the {} off and on again.',
  'Install the newest driver of the {}.',
  'The {} needs another cable.',
];

/**
 * Generates dialogues as JSON Lines, each with a split. The system answers a vague opening with a question,
 * and a precise one with a solution.
 */
export function helpDesk(conversations: number): string {
  const lines = Array.from({ length: conversations }, (_, i) => {
    const random = counterRandom(7, 'help-desk', i);
    const pick = (from: readonly string[], draw: number): string =>
      (from[random.below(draw, from.length)] as string).replace(
        '{}',
        things[random.below(0, things.length)] as string,
      );
    const vague = i % 2 === 0;
    const utterances = [
      {
        role: 'user',
        text: vague
          ? pick(['My {} does not work.', 'Help, the {} is broken!'], 1)
          : pick(
              [
                'My {} shows error 42 since the update of Monday.',
                'After the newest driver my {} has no power.',
              ],
              1,
            ),
      },
      { role: 'system', text: vague ? pick(questions, 2) : pick(answers, 2), initiative: vague },
      { role: 'user', text: pick(['It is the {} of last year.', 'Thanks, the {} works now.'], 3) },
      { role: 'system', text: pick(answers, 4), initiative: false },
    ];
    return JSON.stringify({
      id: `c${i}`,
      split: ['train', 'train', 'train', 'valid'][Math.floor(i / 2) % 4],
      utterances,
    });
  });
  return `${lines.join('\n')}\n`;
}
