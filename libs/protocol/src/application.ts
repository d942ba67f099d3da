import { AppError } from '@overture/core';

const attributeTypes = ['Keyword', 'KeywordList', 'Text', 'Int', 'Double', 'Bool', 'Datetime'] as const;
/** Temporal's names of the types of search attributes that runs can set. */
export type SearchAttributeType = (typeof attributeTypes)[number];

/** The search attributes of an application: short names and their types. */
export type SearchAttributes = Readonly<Record<string, SearchAttributeType>>;

/** The argument of `defineApplication`. */
export interface ApplicationDefinition<
  Queue extends string = string,
  Attributes extends SearchAttributes = SearchAttributes,
> {
  /**
   * 1 to 40 lower-case letters, digits and hyphens, beginning with a letter. Task queues, search attributes
   * and, by default, the scope of cache keys are named after it, so that applications can share servers.
   */
  readonly name: string;
  /** The queues that stages name. Workflows and look-ups run on the first one. */
  readonly queues: readonly [Queue, ...Queue[]];
  /**
   * Search attributes besides the status and the failed stages, which every application has. Temporal limits
   * their number per namespace.
   */
  readonly searchAttributes?: Attributes;
  /** The name of the Update that sends a control request to a running stage. Default: `controlStage`. */
  readonly controlUpdate?: string;
  /**
   * Part of every cache key, so that applications that share a registry do not reuse each other's outputs.
   * Default: the name. `null`: keys without a scope.
   */
  readonly cacheScope?: string | null;
}

/** The names that an application uses on servers that it shares with others. */
export interface Application<
  Queue extends string = string,
  Attributes extends SearchAttributes = SearchAttributes,
> {
  readonly name: string;
  /** Temporal's task queues by the names that stages use: `<application>-<queue>`. */
  readonly taskQueues: Readonly<Record<Queue, string>>;
  /** A schema of its own in a shared Postgres database: the name with underscores. */
  readonly registrySchema: string;
  /** The queue of workflows and look-ups. */
  readonly workflowQueue: Queue;
  /** The prefix of search attributes: the name in PascalCase. */
  readonly prefix: string;
  /** The application's own search attributes by their short names. */
  readonly ownAttributes: Attributes;
  /** All search attributes with their full names, to be registered at the server. */
  readonly searchAttributes: SearchAttributes;
  readonly controlUpdate: string;
  readonly cacheScope: string | null;
}

/** The search attributes that every application has. */
const commonAttributes = {
  /** One of: running, parked, asking (a gate), completed, failed, cancelled. */
  Status: 'Keyword',
  /** The stages that wait for a decision, or the stage that failed the run. */
  FailedStage: 'KeywordList',
} as const satisfies SearchAttributes;

/**
 * Defines an application: everything that it names on a Temporal server, in a database and in cache keys. Two
 * applications with different names can share all three.
 * @throws AppError `APPLICATION_INVALID`
 */
export function defineApplication<
  const Queue extends string,
  const Attributes extends SearchAttributes = Readonly<Record<never, never>>,
>({
  name,
  queues,
  searchAttributes: ownAttributes = {} as Attributes,
  controlUpdate = 'controlStage',
  cacheScope = name,
}: ApplicationDefinition<Queue, Attributes>): Application<Queue, Attributes> {
  if (!/^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw invalid(
      `The name of an application must be 1 to 40 lower-case letters, digits and single hyphens, such as "topic-report". Got ${JSON.stringify(name)} instead.`,
    );
  if (queues.length === 0 || new Set(queues).size < queues.length)
    throw invalid(
      `The application ${name} must have queues of different names. Got ${JSON.stringify(queues)} instead.`,
    );
  for (const [own, type] of Object.entries(ownAttributes)) {
    if (!attributeTypes.includes(type))
      throw invalid(
        `The search attribute ${own} of the application ${name} must have one of the types ${attributeTypes.join(', ')}. Got ${JSON.stringify(type)} instead.`,
      );
    if (Object.hasOwn(commonAttributes, own))
      throw invalid(
        `The application ${name} must give its search attribute ${own} another name: every application has one of that name.`,
      );
    if (!/^[A-Z][A-Za-z0-9]*$/.test(own))
      throw invalid(
        `A search attribute of the application ${name} must be a PascalCase name, since it follows the prefix. Got ${JSON.stringify(own)} instead.`,
      );
  }
  const prefix = name
    .split('-')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');
  return {
    name,
    taskQueues: Object.fromEntries(queues.map((queue) => [queue, `${name}-${queue}`])) as Record<
      Queue,
      string
    >,
    registrySchema: name.replaceAll('-', '_'),
    workflowQueue: queues[0],
    prefix,
    ownAttributes,
    searchAttributes: Object.fromEntries(
      Object.entries({ ...commonAttributes, ...ownAttributes }).map(([short, type]) => [
        `${prefix}${short}`,
        type,
      ]),
    ),
    controlUpdate,
    cacheScope,
  };
}

function invalid(message: string): AppError {
  return new AppError('APPLICATION_INVALID', message);
}

/**
 * Checks that a caller without a compiler has given an application.
 * @param caller the function that needs it, for the message
 * @throws AppError `APPLICATION_INVALID`
 */
export function assertApplication(application: unknown, caller: string): asserts application is Application {
  if (typeof application === 'object' && application !== null && 'taskQueues' in application) return;
  throw invalid(`${caller} must be given the option "application", made by defineApplication.`);
}
