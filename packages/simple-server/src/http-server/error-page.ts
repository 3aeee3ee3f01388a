/**
 * The page that `sendError()` sends.
 *
 * Python counterpart: `http.server.DEFAULT_ERROR_MESSAGE`, with the same placeholders.
 */
export const DEFAULT_ERROR_MESSAGE = `\
<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: %(code)d</p>
        <p>Message: %(message)s.</p>
        <p>Error code explanation: %(code)s - %(explain)s.</p>
    </body>
</html>
`;

/** The media type of the page. Python counterpart: `http.server.DEFAULT_ERROR_CONTENT_TYPE`. */
export const DEFAULT_ERROR_CONTENT_TYPE = 'text/html;charset=utf-8';

/**
 * Fills in a page.
 *
 * @param format a page with `%(code)d`, `%(message)s` and `%(explain)s` in it
 * @param values what to put in their places; text is escaped
 * @returns the page
 */
export function formatErrorPage(
  format: string,
  values: { code: number; message: string; explain: string },
): string {
  return format.replace(/%\((code|message|explain)\)[ds]/g, (_, name: keyof typeof values) =>
    escapeHtml(String(values[name])),
  );
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
