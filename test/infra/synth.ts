/** A configuration made into templates, as `cdk synth` does it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { defineTidemark, type TidemarkInput } from '../../lib/config/define.ts';
import { buildApp } from '../../lib/infra/build-app.ts';
import { type AwsInput, checkedSettings } from '../../lib/infra/settings.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
}

export interface Synthesised extends Disposable {
  readonly directory: string;
  /** By logical id. */
  resources(stack: string): Readonly<Record<string, Resource>>;
}

/** Two buckets that the stacks make, one route. */
export const PAIR: TidemarkInput = {
  regions: {
    primary: { bucket: { create: 'acme-primary' }, awsRegion: 'eu-west-1' },
    secondary: { bucket: { create: 'acme-secondary' }, awsRegion: 'us-east-1' },
  },
  routes: [{ from: 'primary', to: 'secondary' }],
};

export interface SynthOptions {
  /** With the functions' code; without it, the CLI's way to look at stacks quickly. @default false */
  readonly bundled?: boolean;
  readonly change?: (app: App) => void;
}

/** @throws ValidationFailed that names each rule which is broken without a reason */
export function synthesise(input: TidemarkInput = PAIR, aws: AwsInput = {}, { bundled = false, change }: SynthOptions = {}): Synthesised {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-synth-'));
  const config = defineTidemark(input);
  const context = bundled ? {} : { 'aws:cdk:bundling-stacks': [] };
  const app = buildApp({ config, settings: checkedSettings(aws, Object.keys(config.regions)), outdir: directory, context });
  change?.(app);
  try {
    app.synth();
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    directory,
    resources: (stack) => {
      const template: { readonly Resources: Readonly<Record<string, Resource>> } = JSON.parse(
        readFileSync(join(directory, `${stack}.template.json`), 'utf8'),
      );
      return template.Resources;
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export function ofType(resources: Readonly<Record<string, Resource>>, type: string): readonly (readonly [id: string, resource: Resource])[] {
  return Object.entries(resources).filter(([, { Type }]) => Type === type);
}
