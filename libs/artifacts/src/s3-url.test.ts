import { describe, expect, it } from 'vitest';
import { checkEndpoint, parseS3Url } from './s3-url.ts';

describe('parseS3Url', () => {
  it('takes a bucket and a prefix', () => {
    expect(parseS3Url('s3://our-models')).toEqual({ bucket: 'our-models', prefix: [] });
    expect(parseS3Url('s3://our-models/')).toEqual({ bucket: 'our-models', prefix: [] });
    expect(parseS3Url('s3://our.models/team_1/stage=dev/')).toEqual({
      bucket: 'our.models',
      prefix: ['team_1', 'stage=dev'],
    });
  });

  it.each([
    'https://our-models',
    's3://',
    's3://Our',
    's3:///a',
    's3://a',
    's3://-models',
    's3://our..models',
    's3://our.-models',
    's3://our_models',
    's3://user:secret@models/a',
    's3://models:9000/a',
  ])('refuses the bucket of %j', (url) => {
    expect(() => parseS3Url(url)).toThrow(
      `A bucket for artifacts must be given as s3://bucket or s3://bucket/prefix, the name in lower-case letters, digits, dots and dashes. Got ${JSON.stringify(url)} instead.`,
    );
  });

  it.each([
    ['s3://models/a//b', 'One of them is empty.'],
    ['s3://models/a/../b', 'Got "..".'],
    ['s3://models/./b', 'Got ".".'],
    ['s3://models/a?region=eu', 'Got "a?region=eu".'],
    ['s3://models/a#b', 'Got "a#b".'],
    ['s3://models/a b', 'Got "a b".'],
    ['s3://models/a%20b', 'Got "a%20b".'],
    ['s3://models/a\\nb', 'Got "a\\\\nb".'],
    ['s3://models/ä', 'Got "ä".'],
  ])('refuses the prefix of %j', (url, problem) => {
    expect(() => parseS3Url(url)).toThrow(problem);
  });
});

describe('checkEndpoint', () => {
  it('takes an address with a port or a path', () => {
    expect(checkEndpoint('http://127.0.0.1:9000', 'X')).toBe('http://127.0.0.1:9000');
    expect(checkEndpoint('https://minio.example.com/s3', 'X')).toBe('https://minio.example.com/s3');
  });

  it.each([
    'localhost:9000',
    '127.0.0.1',
    'ftp://minio',
    'https://key:secret@minio',
    'https://minio?x=1',
    'https://',
  ])('refuses %j, without repeating it', (endpoint) => {
    expect(() => checkEndpoint(endpoint, 'AWS_ENDPOINT_URL_S3')).toThrow(
      /^AWS_ENDPOINT_URL_S3 must be an address such as https:\/\/minio\.example\.com:9000, without credentials\. Got something else\.$/,
    );
  });
});
