import type { EventView } from './api-types.ts';
import type { ApiClient } from './client.ts';

/** All deliveries of exactly this key. @param status of them; undefined: any */
export async function deliveriesOf(client: ApiClient, key: string, status?: string): Promise<readonly EventView[]> {
  const found: EventView[] = [];
  // The API takes a prefix or a pattern; keys come in their order, so that none of this key follows one of another.
  for await (const event of client.all<EventView>('/events', 'events', { keyLike: key, status, limit: 100 })) {
    if (event.key === key) found.push(event);
    else if (!key.includes('%')) break;
  }
  return found;
}
