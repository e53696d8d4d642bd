import type { EventView, RouteView } from './api-types.ts';
import type { ApiClient } from './client.ts';

/** All deliveries of exactly this key, whatever routes carry it. @param status of them; undefined: any */
export async function deliveriesOf(client: ApiClient, key: string, status?: string): Promise<readonly EventView[]> {
  const { routes } = await client.get<{ readonly routes: readonly RouteView[] }>('/routes');
  const found: EventView[] = [];
  // The API takes a prefix or a pattern, and answers route by route, each in the order of its keys.
  for await (const event of client.all<EventView>('/events', 'events', { keyLike: key, status, limit: 100 })) {
    if (event.key === key) found.push(event);
    // Of a single route none of this key follows one of another.
    else if (routes.length === 1 && !key.includes('%')) break;
  }
  return found;
}
