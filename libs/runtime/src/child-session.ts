import { openChildService, type ChildService } from './child-service.ts';
import type { ProcessUsage } from './process-usage.ts';
import type { Opened, Ran, SessionAnswer, SessionRequest, SessionSettings } from './session-messages.ts';
import type { Tensors } from './session.ts';

/** A session in its own process. It handles one request at a time. */
export class ChildSession {
  readonly opened: Opened;
  readonly #service: ChildService<SessionRequest, SessionAnswer>;

  private constructor(service: ChildService<SessionRequest, SessionAnswer>, opened: Opened) {
    this.#service = service;
    this.opened = opened;
  }

  /** Starts the process and opens the session. */
  static async open(settings: SessionSettings): Promise<ChildSession> {
    const service = await openChildService<SessionRequest, SessionAnswer>(
      new URL('./session-child.ts', import.meta.url).href,
      { name: `graph ${settings.name}`, options: settings },
    );
    // the type of the answer follows from the request
    return new ChildSession(service, (await service.ask(undefined)) as Opened);
  }

  get processId(): number {
    return this.#service.processId;
  }

  get alive(): boolean {
    return this.#service.alive;
  }

  get usage(): ProcessUsage {
    return this.#service.usage;
  }

  async run(feeds: Tensors): Promise<Tensors> {
    return ((await this.#service.ask(feeds)) as Ran).outputs;
  }

  close(): Promise<void> {
    return this.#service.close();
  }
}
