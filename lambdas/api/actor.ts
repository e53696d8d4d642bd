/** Who calls, as what authenticated them tells it. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** By the authorizer of the API: an identity of IAM, the subject of a JSON web token, or what the embedded host found. */
export function actorOf({ requestContext }: Pick<APIGatewayProxyEventV2, 'requestContext'>): string {
  const authorizer = 'authorizer' in requestContext ? requestContext.authorizer : undefined;
  const arn = textIn(authorizer, 'iam', 'userArn');
  if (arn !== undefined) return `iam:${arn}`;
  const subject = textIn(authorizer, 'jwt', 'claims', 'sub');
  if (subject !== undefined) return `jwt:${subject}`;
  return textIn(authorizer, 'lambda', 'actor') ?? 'unknown';
}

function textIn(value: unknown, ...path: readonly string[]): string | undefined {
  let at: unknown = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Reflect.get(at, name);
  }
  return typeof at === 'string' ? at : undefined;
}
