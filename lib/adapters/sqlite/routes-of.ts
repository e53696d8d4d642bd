import type { SqliteDatabase } from './database.ts';

/** Every route that has a record, in UTF-8 byte order. */
export function routesOf(database: SqliteDatabase): () => readonly string[] {
  const statement = database.prepare('SELECT route FROM route_totals ORDER BY route');
  return () => statement.all().map(({ route }) => String(route));
}
