import { expect, test } from 'vitest';
import { defineTidemark } from '../../lib/config/define.ts';
import { type FunctionEnv, functionEnv, readFunctionEnv } from '../../lib/config/function-env.ts';

const TOLD: FunctionEnv = {
  config: defineTidemark({
    regions: {
      one: { bucket: { existing: 'bucket-one' }, awsRegion: 'eu-west-1' },
      two: { bucket: { existing: 'bucket-two' }, awsRegion: 'us-east-1' },
    },
    routes: [{ from: 'one', to: 'two', prefix: 'ü/' }],
  }),
  stack: 'acme-one',
  tableName: 'table',
  eventsQueueUrl: 'https://sqs/events',
  workQueueUrl: 'https://sqs/work',
  deadLetterUrl: 'https://sqs/dead',
  abandonedUrl: 'https://sqs/abandoned',
};

test('a function reads what the stack wrote', () => {
  expect(readFunctionEnv(functionEnv(TOLD))).toEqual(TOLD);
});

test('a variable that is missing is named', () => {
  const { TIDEMARK_TABLE: _table, ...rest } = functionEnv(TOLD);

  expect(() => readFunctionEnv(rest)).toThrow('TIDEMARK_TABLE: not set');
});
