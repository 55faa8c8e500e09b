/** The readable page of `/openapi.json`: plain HTML, without a script or anything from elsewhere. */
import type { OpenApi, Operation, Parameter } from './openapi.js';

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#222}
h2{margin-top:2rem;border-top:1px solid #ccc;padding-top:1rem;font-size:1.1rem}
code,pre{font-family:ui-monospace,monospace;background:#f4f4f4}code{padding:0 .2em}pre{padding:.6rem;overflow:auto}
td{padding:.1rem 1rem .1rem 0;vertical-align:top}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}code,pre{background:#282828}a{color:#8bf}}`;

export function openApiPage(document: OpenApi): string {
  const { title, version, description } = document.info;
  const sections = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => sectionOf(method, path, operation)),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${style}</style></head><body>
<h1>${escaped(title)} ${escaped(version)}</h1>
<p>${escaped(description)} For programs: <a href="/openapi.json">openapi.json</a>.</p>
${sections.join('\n')}
</body></html>
`;
}

function sectionOf(method: string, path: string, operation: Operation): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const answers = Object.entries(responses).map(([status, response]) =>
    rowOf(status, response.description),
  );
  return [
    `<h2><code>${method.toUpperCase()} ${escaped(path)}</code></h2>`,
    `<p>${escaped(summary)}${description === undefined ? '' : ` ${escaped(description)}`}</p>`,
    tableOf([...parameters.map(parameterRow), ...bodyRows(requestBody)]),
    tableOf(answers),
  ].join('\n');
}

function parameterRow({ name, in: place, required, description }: Parameter): string {
  return rowOf(`${name} (${place}${required === true ? ', needed' : ''})`, description);
}

function bodyRows(body: Operation['requestBody']): string[] {
  return body === undefined ? [] : [rowOf('body', body.description)];
}

function rowOf(name: string, text: string): string {
  return `<tr><td><code>${escaped(name)}</code></td><td>${escaped(text)}</td></tr>`;
}

function tableOf(rows: readonly string[]): string {
  return rows.length === 0 ? '' : `<table>${rows.join('')}</table>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
