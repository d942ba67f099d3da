import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoTokenizer, env } from '@huggingface/transformers';
import { loadTokenizer, openChatFormat, type ChatMessage } from '@overture/tokenization';
import { referenceFamilyJson } from '@overture/tokenization/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oddConversations } from './testing/odd-conversations.ts';

const templates = {
  llama2:
    "{{ bos_token }}{% for message in messages %}[INST] {{ message['content'] }} [/INST]{{ eos_token }}{% endfor %}",
  llama3:
    "{{ bos_token }}{% for message in messages %}{{ message['role'] }}\n\n{{ message['content'] | trim }}<|eot_id|>{% endfor %}{% if add_generation_prompt %}assistant\n\n{% endif %}",
} as const;
const named = {
  llama2: { bos_token: '<s>', eos_token: '</s>' },
  llama3: { bos_token: '<|begin_of_text|>', eos_token: '<|eot_id|>' },
} as const;

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'overture-chat-'));
  Object.assign(env, { allowRemoteModels: false, useFSCache: false });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe.each(Object.keys(templates) as (keyof typeof templates)[])('chats of %s', (family) => {
  it('have the ids of apply_chat_template in transformers.js, and no message forges a control token', async () => {
    const config = JSON.stringify({
      ...named[family],
      tokenizer_class: 'PreTrainedTokenizer',
      chat_template: templates[family],
    });
    await Promise.all([
      writeFile(join(scratch, 'tokenizer.json'), referenceFamilyJson(family)),
      writeFile(join(scratch, 'tokenizer_config.json'), config),
    ]);
    const theirs = await AutoTokenizer.from_pretrained(scratch);
    const tokenizer = loadTokenizer(referenceFamilyJson(family), {
      config: new TextEncoder().encode(config),
    });
    const chat = openChatFormat(tokenizer, { config, where: family });
    const control = new Set(tokenizer.specialTokens.values());
    const countControl = (ids: readonly number[]): number =>
      ids.filter((id) => control.has(id) && id !== tokenizer.unknownId).length;
    for (const { utterances } of oddConversations) {
      const messages = utterances.map(({ role, text }): ChatMessage => ({
        role: role === 'user' ? 'user' : 'assistant',
        content: text.slice(0, 2000),
      }));
      const ids = chat.encode(messages);
      const plain = messages.map(({ role, content }) => ({ role, content: tokenizer.plainText(content) }));
      expect(ids).toEqual(
        theirs.apply_chat_template(plain, {
          add_generation_prompt: true,
          tokenize: true,
          return_tensor: false,
          return_dict: false,
        }),
      );
      expect(countControl(ids)).toBe(
        countControl(chat.encode(messages.map(({ role }) => ({ role, content: 'x' })))),
      );
    }
  });
});
