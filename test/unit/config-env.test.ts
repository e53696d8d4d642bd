import { describe, expect, it } from 'vitest';
import { fromEnv } from '../../lib/config/from-env.ts';
import type { Environment } from '../../lib/config/variable.ts';

const PRIMARY: Environment = {
  PRIMARY_S3_ENDPOINT: 'https://s3.amazonaws.com',
  PRIMARY_S3_REGION: 'eu-west-1',
  PRIMARY_S3_ACCESS_KEY: 'AKIAPRIMARY',
  PRIMARY_S3_SECRET_KEY: 'very-secret',
  PRIMARY_S3_BUCKET: 'gnew-primary',
  PRIMARY_S3_FORCE_PATH_STYLE: '0',
};

function refused(env: Environment): string {
  try {
    fromEnv(env);
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
    return error instanceof Error ? error.message : '';
  }
  return 'it was accepted';
}

describe('the environment', () => {
  it('asks for nothing: two folders, on this machine alone', () => {
    const { config, host } = fromEnv({});

    expect(host).toEqual({ port: 8111, host: '127.0.0.1', databaseUrl: 'data/replication_cdc.db' });
    expect(config.regions).toEqual({
      primary: { kind: 'folder', name: 'primary', path: 'data/regions/primary' },
      secondary: { kind: 'folder', name: 'secondary', path: 'data/regions/secondary' },
    });
    expect(config.routes).toEqual([{ name: 'primary-secondary', from: 'primary', to: 'secondary', prefix: '', deletes: true }]);
  });

  it('makes a side a bucket when its BUCKET is set, with names of variables instead of secrets', () => {
    const { config } = fromEnv(PRIMARY);

    expect(config.regions.primary).toEqual({
      kind: 's3',
      name: 'primary',
      awsRegion: 'eu-west-1',
      bucket: 'gnew-primary',
      create: false,
      forcePathStyle: false,
      credentials: { accessKeyEnv: 'PRIMARY_S3_ACCESS_KEY', secretKeyEnv: 'PRIMARY_S3_SECRET_KEY' },
    });
    expect(config.regions.secondary).toMatchObject({ kind: 'folder' });
    expect(JSON.stringify(config)).not.toContain('very-secret');
  });

  it.each<readonly [Environment, Record<string, unknown>]>([
    [
      { SECONDARY_S3_BUCKET: 'copy', SECONDARY_S3_ENDPOINT: 'http://127.0.0.1:9000/' },
      { endpoint: 'http://127.0.0.1:9000', awsRegion: 'us-east-1', forcePathStyle: true },
    ],
    [
      { SECONDARY_S3_BUCKET: 'copy', SECONDARY_S3_REGION: 'eu-west-1' },
      { awsRegion: 'eu-west-1', forcePathStyle: false },
    ],
    [{ SECONDARY_S3_BUCKET: 'copy', SECONDARY_S3_REGION: 'eu-west-1', SECONDARY_S3_FORCE_PATH_STYLE: 'true' }, { forcePathStyle: true }],
    [{ SECONDARY_S3_BUCKET: 'copy', SECONDARY_S3_ENDPOINT: 'http://127.0.0.1:9000', SECONDARY_S3_FORCE_PATH_STYLE: '0' }, { forcePathStyle: false }],
    [{ SECONDARY_S3_BUCKET: 'copy', SECONDARY_S3_ENDPOINT: 'https://s3.eu-west-1.amazonaws.com' }, { forcePathStyle: false }],
  ])('%o becomes %o', (env, expected) => {
    expect(fromEnv(env).config.regions.secondary).toMatchObject(expected);
  });

  it('takes an empty variable for an unset one', () => {
    const { config, host } = fromEnv({ PORT: '', HOST: ' ', API_TOKEN: '', PRIMARY_S3_BUCKET: '', PRIMARY_S3_ENDPOINT: '' });

    expect(host).toEqual({ port: 8111, host: '127.0.0.1', databaseUrl: 'data/replication_cdc.db' });
    expect(config.regions.primary).toMatchObject({ kind: 'folder' });
  });

  it.each<readonly [name: string, says: string, env: Environment]>([
    ['PORT', '0 to 65535', { PORT: '99999' }],
    ['PORT', '0 to 65535', { PORT: '80a' }],
    [
      'PRIMARY_S3_BUCKET',
      'it is missing while PRIMARY_S3_ENDPOINT, PRIMARY_S3_REGION are set',
      { PRIMARY_S3_ENDPOINT: 'http://x', PRIMARY_S3_REGION: 'eu-west-1' },
    ],
    ['SECONDARY_S3_REGION', 'it is missing', { SECONDARY_S3_BUCKET: 'copy' }],
    ['PRIMARY_S3_SECRET_KEY', 'it is missing while PRIMARY_S3_ACCESS_KEY is set', { ...PRIMARY, PRIMARY_S3_SECRET_KEY: undefined }],
    ['PRIMARY_S3_ACCESS_KEY', 'it is missing while PRIMARY_S3_SECRET_KEY is set', { ...PRIMARY, PRIMARY_S3_ACCESS_KEY: undefined }],
    ['PRIMARY_S3_FORCE_PATH_STYLE', 'expected 1, 0, true or false', { ...PRIMARY, PRIMARY_S3_FORCE_PATH_STYLE: 'maybe' }],
    ['regions.primary.endpoint', 'an endpoint is', { ...PRIMARY, PRIMARY_S3_ENDPOINT: 'example.com' }],
    ['API_TOKEN', 'without spaces', { API_TOKEN: 'a b' }],
    ['API_TOKEN', 'openssl rand -hex 32', { HOST: '0.0.0.0' }],
    ['API_TOKEN', 'leave HOST out', { HOST: '192.168.1.5' }],
  ])('refuses a wrong %s: %s', (name, says, env) => {
    const message = refused(env);

    expect(message).toContain(`${name}: `);
    expect(message).toContain(says);
  });

  it('names every wrong variable at once', () => {
    const message = refused({ PORT: 'x', HOST: '0.0.0.0' });

    expect(message).toContain('PORT: ');
    expect(message).toContain('API_TOKEN: ');
  });

  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('needs no token on %s', (host) => {
    expect(fromEnv({ HOST: host }).host.host).toBe(host);
  });

  it('opens to others with a token', () => {
    expect(fromEnv({ HOST: '0.0.0.0', API_TOKEN: 'token', EVENTS_TOKEN: 'events' }).host).toMatchObject({
      host: '0.0.0.0',
      apiToken: 'token',
      eventsToken: 'events',
    });
  });
});
