/** A URL as it may appear in a message: without credentials and without the query, where signed links keep theirs. */
export function displayUrl(url: string): string {
  try {
    const parsed = new URL(url);
    return `${parsed.origin === 'null' ? `${parsed.protocol}//` : parsed.origin}${parsed.pathname}`;
  } catch {
    return url;
  }
}
