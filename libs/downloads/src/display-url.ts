/**
 * A URL for messages: without credentials and without the query, which contains the credentials of signed
 * links.
 */
export function displayUrl(url: string): string {
  try {
    const parsed = new URL(url);
    return `${parsed.origin === 'null' ? `${parsed.protocol}//` : parsed.origin}${parsed.pathname}`;
  } catch {
    return url;
  }
}
