/** Exports with invented content, in the formats of the vendors' public documentation. */
export const inventedExports = { openai, intercom, zendesk } as const;

/** One message of an invented conversation. */
interface Said {
  readonly by: 'user' | 'agent' | 'bot' | 'note' | 'event' | 'prompt';
  readonly text: string;
  readonly agent?: number;
}

const things = [
  'printer',
  'router',
  'invoice',
  'account',
  'parcel',
  'headset',
  'license',
  'backup',
  'calendar',
  'camera',
];
const greetings = [
  'Hi there! 👋 How can we help?',
  'Welcome to Example Ltd. What can we do for you today?',
  'Hello & welcome',
];
const code = 'Run this:\n\n```sh\nexample --reset <device>\n```';

/**
 * Vague messages are answered with a question, precise ones with an answer. Some conversations have the
 * oddities of real logs.
 */
function talk(i: number): Said[] {
  const thing = things[i % things.length] as string;
  const vague = i % 3 !== 0;
  const agent = i % 4;
  const opening = vague
    ? `My ${thing} does not work, ticket ${i} 😕`
    : `How do I reset the ${thing} of model X${i} after the update of Monday?`;
  const answer = i % 5 === 0 ? code : `Hold the button of the ${thing} for ${i % 9} seconds.`;
  return [
    { by: 'prompt', text: 'You are a support agent of Example Ltd. Be brief.' },
    ...(i % 2 === 0 ? [{ by: 'bot', text: greetings[i % greetings.length] as string } as const] : []),
    { by: 'user', text: i % 11 === 0 ? `${opening} ${'It happens every day. '.repeat(400)}` : opening },
    ...(i % 13 === 0 ? [{ by: 'user', text: '' } as const] : []),
    ...(i % 7 === 0
      ? [
          { by: 'event', text: 'Assigned' } as const,
          { by: 'note', text: 'Customer is on the gold plan?' } as const,
        ]
      : []),
    ...(vague
      ? [
          { by: 'agent', text: 'I am sorry. Which model is it?', agent } as const,
          { by: 'user', text: `It is the X${i} <3` } as const,
        ]
      : []),
    { by: 'agent', text: answer, agent },
    ...(i % 6 === 0 ? [{ by: 'agent', text: 'This takes a minute.', agent: agent + 1 } as const] : []),
    { by: 'user', text: i % 4 === 0 ? 'It still blinks &amp; beeps' : 'Thanks 🙏' },
    {
      by: 'agent',
      text: i % 4 === 0 ? 'Does it blink red or green?' : 'You are welcome. Have a good day!',
      agent,
    },
  ];
}

function talks(n: number): Said[][] {
  return Array.from({ length: n }, (_, i) => talk(i));
}

/** Fine-tuning files and logs of chat completions: JSON Lines of `messages`. */
function openai(n: number): string {
  const roles = {
    user: 'user',
    agent: 'assistant',
    bot: 'assistant',
    note: 'tool',
    event: 'tool',
    prompt: 'system',
  } as const;
  return talks(n)
    .map((said, i) => {
      const messages = said.map(({ by, text }, at) => ({
        role: roles[by],
        content:
          by === 'user' && at % 2 === 1
            ? [
                { type: 'text', text },
                { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
              ]
            : text,
        ...(roles[by] === 'tool' && { tool_call_id: `call_${i}` }),
      }));
      return JSON.stringify({
        id: `chatcmpl-${i}`,
        model: 'example',
        created_at: 1_700_000_000 + i,
        messages,
        metadata: { store: 'eu' },
      });
    })
    .join('\n');
}

/** A list of conversations as Intercom's REST API returns it. */
function intercom(n: number): string {
  const conversations = talks(n).map((all, i) => {
    const said = all.filter(({ by }) => by !== 'prompt');
    const part = ({ by, text, agent = 0 }: Said, at: number): object => ({
      type: 'conversation_part',
      id: `${i}${at}`,
      part_type: by === 'note' ? 'note' : by === 'event' ? 'assignment' : 'comment',
      body: by === 'event' || text === '' ? null : html(text),
      created_at: 1_700_000_000 + 60 * i + at,
      author:
        by === 'user'
          ? { type: 'user', id: `u${i}`, name: 'Ada', email: 'ada@example.com' }
          : { type: by === 'bot' ? 'bot' : 'admin', id: `a${agent}`, name: `Agent ${agent}` },
      attachments: [],
    });
    const [first = { by: 'user', text: '' } as const, ...rest] = said;
    const { body, author } = part(first, 0) as { body: unknown; author: unknown };
    return {
      type: 'conversation',
      id: `${215_400 + i}`,
      title: i % 2 === 0 ? null : `Talk ${i}`,
      created_at: 1_700_000_000 + 60 * i,
      open: false,
      tags: { type: 'tag.list', tags: [] },
      source: { type: 'conversation', id: `s${i}`, delivered_as: 'customer_initiated', body, author },
      conversation_parts: {
        type: 'conversation_part.list',
        conversation_parts: rest.map((each, at) => part(each, at + 1)),
        total_count: rest.length,
      },
    };
  });
  return JSON.stringify(
    { type: 'conversation.list', conversations, total_count: n, pages: { type: 'pages', page: 1 } },
    null,
    2,
  );
}

/** Tickets with their comments, as Zendesk's API returns them. */
function zendesk(n: number): string {
  const tickets = talks(n).map((all, i) => {
    const requester = 9_000 + i;
    const comments = all
      .filter(({ by }) => by !== 'prompt' && by !== 'event')
      .map(({ by, text, agent = 0 }, at) => ({
        id: 10_000 * (i + 1) + at,
        type: 'Comment',
        author_id: by === 'user' ? requester : 100 + agent,
        ...(at % 2 === 0 ? { body: text, html_body: html(text) } : { html_body: html(text) }),
        public: by !== 'note',
        created_at: new Date(1_700_000_000_000 + 60_000 * i + at).toISOString(),
        via: { channel: 'web' },
      }));
    return {
      id: 35_000 + i,
      subject: `Help with my ${things[i % things.length]}`,
      requester_id: requester,
      assignee_id: 100,
      status: 'closed',
      custom_fields: [],
      comments,
    };
  });
  return JSON.stringify({ tickets, count: n, next_page: null });
}

function html(text: string): string {
  const escaped = text
    .replaceAll('&amp;', '&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\n', '<br>');
  return text === ''
    ? ''
    : `<p class="no-margin">${escaped}</p>\n<p><a href="https://example.com">Help</a></p>`;
}
