import { describe, expect, it } from 'vitest';
import { defineApplication } from './application.ts';

describe('defineApplication', () => {
  it('names queues, search attributes and cache keys after the application', () => {
    expect(
      defineApplication({
        name: 'topic-report',
        queues: ['light', 'heavy'],
        searchAttributes: { Folder: 'Keyword' },
      }),
    ).toEqual({
      name: 'topic-report',
      taskQueues: { light: 'topic-report-light', heavy: 'topic-report-heavy' },
      registrySchema: 'topic_report',
      workflowQueue: 'light',
      prefix: 'TopicReport',
      ownAttributes: { Folder: 'Keyword' },
      searchAttributes: {
        TopicReportStatus: 'Keyword',
        TopicReportFailedStage: 'KeywordList',
        TopicReportFolder: 'Keyword',
      },
      controlUpdate: 'controlStage',
      cacheScope: 'topic-report',
    });
  });

  it.each([
    [
      { name: 'Topics', queues: ['a'] },
      'The name of an application must be 1 to 40 lower-case letters, digits and single hyphens, such as "topic-report". Got "Topics" instead.',
    ],
    [
      { name: 'x'.repeat(41), queues: ['a'] },
      `The name of an application must be 1 to 40 lower-case letters, digits and single hyphens, such as "topic-report". Got "${'x'.repeat(41)}" instead.`,
    ],
    [
      { name: 'topics', queues: ['a'], searchAttributes: { Folder: 'keyword' } },
      'The search attribute Folder of the application topics must have one of the types Keyword, KeywordList, Text, Int, Double, Bool, Datetime. Got "keyword" instead.',
    ],
    [
      { name: 'topics', queues: [] },
      'The application topics must have queues of different names. Got [] instead.',
    ],
    [
      { name: 'topics', queues: ['a', 'a'] },
      'The application topics must have queues of different names. Got ["a","a"] instead.',
    ],
    [
      { name: 'topics', queues: ['a'], searchAttributes: { Status: 'Int' } },
      'The application topics must give its search attribute Status another name: every application has one of that name.',
    ],
    [
      { name: 'topics', queues: ['a'], searchAttributes: { folder: 'Int' } },
      'A search attribute of the application topics must be a PascalCase name, since it follows the prefix. Got "folder" instead.',
    ],
  ])('rejects %j', (definition, message) => {
    expect(() => defineApplication(definition as never)).toThrow(
      expect.objectContaining({ code: 'APPLICATION_INVALID', message }),
    );
  });
});
