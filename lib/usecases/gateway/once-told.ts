import type { ControlStore } from '../../ports/control.ts';

/**
 * Whether the region where the route starts has ever told how far it is: then it is there, and so is its bucket. Before that, as in a first
 * deployment, it must not be condemned for not answering. @throws as the control store does
 */
export function onceTold(control: Pick<ControlStore, 'watermarks'>, route: string): () => Promise<boolean> {
  let told = false;
  return async () => {
    told ||= (await control.watermarks()).some((watermark) => watermark.route === route);
    return told;
  };
}
