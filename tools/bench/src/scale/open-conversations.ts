import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';

/**
 * Writes the conversations of a JSON Lines file without their last system turn, so that the system speaks
 * next.
 */
export async function writeOpenConversations(corpus: string, file: string): Promise<void> {
  const out = createWriteStream(file);
  for await (const line of createInterface({ input: createReadStream(corpus) })) {
    const conversation = JSON.parse(line) as { readonly utterances: readonly { readonly role: string }[] };
    const end = conversation.utterances.findLastIndex(({ role }) => role === 'user') + 1;
    if (
      !out.write(
        `${JSON.stringify({ ...conversation, utterances: conversation.utterances.slice(0, end) })}\n`,
      )
    )
      await once(out, 'drain');
  }
  out.end();
  await finished(out);
}
