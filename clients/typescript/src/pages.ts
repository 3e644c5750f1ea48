interface Page<T> {
  data: T[];
  meta: { next_cursor: string | null };
}

/** Each item of a list, however many pages that takes: `for await (const user of eachOf((cursor) => …)) …`. */
export async function* eachOf<T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield* page.data;
    cursor = page.meta.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
