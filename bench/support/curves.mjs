/**
 * Curves over sizes that grow tenfold, as SVG: panels side by side, each with a scale of its own that
 * begins at 0. Colours that can be told apart on white and by those who do not see red and green.
 */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];
const panel = { width: 300, height: 190, left: 52, top: 34, right: 14, bottom: 34 };
const legendHeight = 20;

/**
 * @param {{ title: string, unit: string, curves: { name: string, points: [number, number][] }[] }[]} panels
 *   points: how many versions there are, and the figure then
 */
export function drawCurves(panels) {
  const columns = 2;
  const rows = Math.ceil(panels.length / columns);
  const names = [...new Set(panels.flatMap(({ curves }) => curves.map(({ name }) => name)))];
  const width = columns * panel.width;
  const height = rows * panel.height + legendHeight;
  const legend = names
    .map((name, at) => {
      const x = panel.left + at * 170;
      const y = height - 6;
      return `${line(
        [
          [x, y - 4],
          [x + 18, y - 4],
        ],
        colours[at],
      )}${text(x + 24, y, name)}`;
    })
    .join('');
  const drawn = panels.map((one, at) => {
    const x = (at % columns) * panel.width;
    const y = Math.floor(at / columns) * panel.height;
    return `<g transform="translate(${x} ${y})">${drawPanel(one, names)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<rect width="${width}" height="${height}" fill="#fff"/>
${drawn.join('\n')}
${legend}
</svg>
`;
}

function drawPanel({ title, unit, curves }, names) {
  const points = curves.flatMap(({ points: of }) => of);
  const sizes = points.map(([size]) => Math.log10(size));
  const least = Math.min(...sizes);
  const span = Math.max(...sizes) - least || 1;
  const top = roundedUp(Math.max(...points.map(([, value]) => value)));
  const right = panel.width - panel.right;
  const bottom = panel.height - panel.bottom;
  const x = (size) => panel.left + ((Math.log10(size) - least) / span) * (right - panel.left);
  const y = (value) => bottom - (value / top) * (bottom - panel.top);
  const grid = [0, 0.5, 1].map((share) => {
    const at = y(top * share);
    return `${line(
      [
        [panel.left, at],
        [right, at],
      ],
      '#ccc',
    )}${text(panel.left - 6, at + 4, shown(top * share), 'end')}`;
  });
  const ticks = [...new Set(points.map(([size]) => size))]
    .filter((size) => Number.isInteger(Math.log10(size)) || points.length < 8)
    .map((size) => text(x(size), bottom + 15, shown(size), 'middle'));
  const lines = curves.map(({ name, points: of }) => {
    const colour = colours[names.indexOf(name)];
    const dots = of.map(
      ([size, value]) =>
        `<circle cx="${fixed(x(size))}" cy="${fixed(y(value))}" r="2.5" fill="${colour}"/>`,
    );
    return (
      line(
        of.map(([size, value]) => [x(size), y(value)]),
        colour,
      ) + dots.join('')
    );
  });
  const heading = `<text x="${panel.left}" y="18" font-weight="bold">${title}, ${unit}</text>`;
  return [heading, ...grid, ...ticks, ...lines].join('');
}

function line(points, colour) {
  const path = points.map(([x, y]) => `${fixed(x)},${fixed(y)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
}

function text(x, y, words, anchor = 'start') {
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}">${words}</text>`;
}

const fixed = (number) => Number(number.toFixed(1));

/** The next of 1, 2, 5, 10, … */
function roundedUp(number) {
  const power = 10 ** Math.floor(Math.log10(number));
  return power * [1, 2, 5, 10].find((step) => step * power >= number);
}

function shown(number) {
  if (number >= 1e6) return `${fixed(number / 1e6)} M`;
  return number >= 1e4 ? `${fixed(number / 1e3)} k` : String(Number(number.toPrecision(3)));
}
