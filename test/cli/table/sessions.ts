/** Many commands, or none: `batch`, `repl`, `browse`, `completion`. */
import { answers, inFormats, on, refuses, refusesInJson, writes, type Row } from './row.js';

const three: [string, string][] = [['history a --from 30', 'a\t30\tvalue\t\\N\t6\t3\n']];
const a30 = '{"key":"a","timestamp":30,"time":null,"value":"3","seq":6,"state":"value"}\n';
const input = 'set a 3 30\nget a\n\n# a comment\nget nope\n';

/** Each of these lines is a line of a batch too. */
function session(name: 'batch' | 'repl'): Row[] {
  return on({ place: 'ticks' }, [
    writes(name, three, { input, stdout: '3\n\\N\n' }),
    writes(`${name} --json`, three, { input, stdout: `${a30}${a30}null\n` }),
    writes(`${name} --format json`, three, { input, stdout: `${a30}${a30}null\n` }),
    writes(`${name} --format tsv`, three, { input, stdout: '3\n\\N\n' }),
    ...['table', 'ndjson', 'csv'].map((format) =>
      refuses(
        `${name} --format ${format}`,
        `a batch answers as tsv, or as JSON lines with --json; not as ${format}`,
        { input },
      ),
    ),
    {
      ...writes(name, three, { input: 'set a 3 30\ngte a\nset a 4 40\n' }),
      code: 2,
      stderr: 'line 2: "gte" is no command; did you mean get?\n',
    },
    {
      ...writes(`${name} --json`, three, {
        input: 'set a 3 30\nkeys --limit x\nset a 4 40\n',
        stdout: `${a30}{"error":{"code":"ERR_TIMEKV_INVALID_ARGUMENT","message":"\\"x\\" is no count; write a whole number"}}\n`,
      }),
      code: 2,
    },
  ]);
}

const batch: Row[] = [
  ...session('batch'),
  ...on({ place: 'ticks' }, [
    writes('batch $FILES/lines', three, { stdout: '3\n\\N\n' }),
    writes('batch -', three, { input, stdout: '3\n\\N\n' }),
    // Reads see the state before.
    writes('batch --atomic', three, { input, stdout: '2\n\\N\n' }),
    writes('batch --atomic --json', three, {
      input,
      stdout: `${a30}{"key":"a","timestamp":20,"time":null,"value":"2","seq":2,"state":"value"}\nnull\n`,
    }),
    {
      ...writes('batch --keep-going', [['get a', '4\n']], {
        input: 'gte a\nset a 4 40\nget a\n',
        stdout: '4\n',
      }),
      code: 2,
      stderr: 'line 1: "gte" is no command; did you mean get?\n',
    },
    writes('batch --keep-going', [['get a', '4\n']], { input: 'set a 4 40\n' }),
    {
      ...refuses('batch --atomic', '', { input: 'set a 3 30\ngte a\n' }),
      stderr: 'line 2: "gte" is no command; did you mean get?\n',
    },
    {
      ...refuses('batch', '', { input: 'get a --dir /\n' }),
      stderr: 'line 1: --dir belongs to the session as a whole, not to one of its lines\n',
    },
    { ...refuses('batch', '', { input: 'get "a\n' }), stderr: 'line 1: a " is not closed\n' },
    {
      ...refuses('batch', '', { input: 'set a -\n' }),
      stderr: 'line 1: stdin carries the commands here; a plain hyphen is written: set KEY -- -\n',
    },
    refuses(
      'batch --atomic --keep-going',
      '--atomic writes all or nothing; leave --keep-going out',
    ),
    refuses('batch a b', 'unexpected argument "b"; usage: timekv batch [FILE]'),
  ]),
  answers('batch', '14\n\\N\n', {
    input: 'get price 2023-11-14T22:13:20\nget price 2023-11-14T22:13:20 --tz Asia/Tokyo\n',
  }),
  answers('batch --tz Europe/Berlin', '14\n', { input: 'get price 2023-11-14T23:13:20\n' }),
];

const repl: Row[] = [
  ...session('repl'),
  answers('repl --tz Europe/Berlin', '14\n', { input: 'get price 2023-11-14T23:13:20\n' }),
  refuses('repl now', 'unexpected argument "now"; usage: timekv repl'),
];

const browse: Row[] = [
  refuses('browse', 'browse needs a terminal; elsewhere use keys, history and get'),
  ...['table', 'json', 'ndjson', 'csv', 'tsv'].map((format) =>
    refuses(`browse --format ${format}`, 'browse shows a screen, in no format'),
  ),
  refusesInJson('browse --json', 'browse shows a screen, in no format'),
  refuses('browse price', 'unexpected argument "price"; usage: timekv browse'),
];

export const bashScript = `# Completion of timekv in bash. In ~/.bashrc: eval "$(timekv completion bash)"
_timekv() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$word")
  done < <(timekv completion bash -- "\${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
}
complete -o default -F _timekv timekv
`;
const zsh = `#compdef timekv
# Completion of timekv in zsh. In ~/.zshrc, after compinit: eval "$(timekv completion zsh)"
_timekv() {
  local -a found
  found=("\${(@f)$(timekv completion zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then
    compadd -- "\${found[@]}"
  else
    _files
  fi
}
compdef _timekv timekv
`;
const fish = `# Completion of timekv in fish. In ~/.config/fish/config.fish: timekv completion fish | source
function __timekv_complete
  set -l words (commandline -opc)
  set -l found (timekv completion fish -- $words[2..-1] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c timekv -f -a '(__timekv_complete)'
`;

const zshInJson = `${JSON.stringify({ shell: 'zsh', script: zsh })}\n`;

const completion: Row[] = [
  answers('completion zsh', zsh),
  ...inFormats('completion zsh', {
    table: zsh,
    json: zshInJson,
    ndjson: zshInJson,
    csv: zsh,
    tsv: zsh,
  }),
  answers('completion zsh --json', zshInJson),
  answers('completion fish', fish),
  answers(['completion', 'bash', '--', 'timekv get user:a', 'a'], 'ann\n'),
  answers('completion bash', bashScript),
  answers('completion fish -- get pr', 'price\n'),
  answers('completion zsh -- keys --rev', '--reverse\n'),
  refuses('completion', 'completion needs a SHELL; usage: timekv completion SHELL'),
  refuses('completion tcsh', '"tcsh": write bash, zsh, fish'),
  refuses('completion bash zsh', 'unexpected argument "zsh"; usage: timekv completion SHELL'),
];

export const sessions = { batch, repl, browse, completion };
